import pytest

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import check_weight_files, weight_files


@pytest.fixture
def config(tmp_path):
    (tmp_path / 'model').mkdir()
    (tmp_path / 'model/model.safetensors').write_text('a')
    (tmp_path / 'model/tokenizer.json').write_text('b')
    (tmp_path / 'part.pth').write_text('c')
    return dict(
        encoder=[dict(checkpoint=str(tmp_path / 'part.pth')), 3, None],
        name_or_path=str(tmp_path / 'model'),
        checkpoint=str(tmp_path / 'none.pth'),
        prompt='Write / the scene graph. ' * 100,
    )


def test_files_of_weights_are_found_in_folders_too(config, tmp_path):
    found = weight_files(config)
    assert sorted(found) == [
        str(tmp_path / 'model/model.safetensors'),
        str(tmp_path / 'part.pth'),
    ]
    assert len(set(found.values())) == 2
    assert weight_files(None) == {}


def test_changed_weights_are_refused_and_absent_ones_are_not(config, tmp_path):
    recorded = weight_files(config)
    check_weight_files(recorded, 'epoch_1.pth')
    (tmp_path / 'part.pth').unlink()
    check_weight_files(recorded, 'epoch_1.pth')
    (tmp_path / 'model/model.safetensors').write_text('A')
    with pytest.raises(InputError, match=r'epoch_1\.pth: .* than .*model\.safetensors'):
        check_weight_files(recorded, 'epoch_1.pth')
