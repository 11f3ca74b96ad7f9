import numpy as np
import pytest
from in_process import in_process_runner

from mmfourdpsg.structures import load_scene_graphs


@pytest.fixture
def export(repository, tmp_path, monkeypatch, capsys):
    run_tool = in_process_runner(repository, monkeypatch, capsys)

    def run(**options):
        out = tmp_path / 'gt.json'
        words = []
        for key, value in (dict(out=out) | options).items():
            words += [f'--{key.replace("_", "-")}', *([] if value is True else [value])]
        return run_tool('tools/export_scene_graphs.py', *words), out

    return run


def test_export_holds_the_whole_truth(gta, export):
    done, out = export(dataset='psg4d_gta', data_root=gta.root, split='all')
    assert done.returncode == 0, done.stderr
    graphs = load_scene_graphs(out)
    assert [graph.video_id for graph in graphs] == ['alley_1', 'alley_2', 'dock_1']
    for graph in graphs:
        ids = gta.videos[graph.video_id].ids
        assert (graph.num_frames, graph.height, graph.width) == ids.shape
        found = np.zeros_like(ids)
        for item in graph.objects:
            for frame in item.tube.frames:
                found[frame][item.tube.decode(frame)] = item.id
        np.testing.assert_array_equal(found, ids)
        assert len(graph.relations) == 3


def test_export_fails_in_one_line_and_leaves_nothing(gta, export):
    (gta.root / 'masks/alley_2/000008.npy').unlink()
    for options, message in (
        (dict(dataset='psg4d_gta', split='train'), 'alley_2/000008.npy: is missing'),
        (dict(dataset='pvsg', split='train'), 'pvsg.json: cannot be read'),
        (dict(dataset='imagenet', split='train'), 'imagenet: is not known, expected'),
    ):
        done, out = export(data_root=gta.root, **options)
        assert done.returncode == 2
        assert 'Traceback' not in done.stderr
        last = done.stderr.strip().split('\n')[-1]
        assert last.startswith('error: ')
        assert message in last
        assert not out.exists()
        assert not list(out.parent.glob('.gt*'))


def test_published_data_is_exported_and_a_strict_export_refuses_it(gta, export):
    for frame in (3, 5):
        path = gta.root / f'masks/alley_2/{frame:06d}.npy'
        ids = np.load(path)
        ids[0, 0] = 38 + frame
        np.save(path, ids)
    gta.edit(lambda c: c['data'][0]['relations'].append([3, 'on', 77, [0, 1]]))
    options = dict(dataset='psg4d_gta', data_root=gta.root, split='all')
    with pytest.warns(UserWarning, match='1 relations of an object that is not there'):
        done, out = export(**options)
    assert done.returncode == 0, done.stderr
    told = [row for row in done.stderr.splitlines() if row.startswith('warning: ')]
    assert len(told) == 1
    assert '2 masks have ids that the annotation lacks, taken as void' in told[0]
    assert 'alley_2/000003.npy [41]' in told[0]
    graphs = load_scene_graphs(out)
    assert [len(graph.relations) for graph in graphs] == [3, 3, 3]
    out.unlink()
    done, out = export(**options, strict=True)
    assert done.returncode == 2
    assert 'names the unknown object 77' in done.stderr.splitlines()[-1]
    gta.edit(lambda c: c['data'][0]['relations'].pop())
    done, out = export(**options, strict=True)
    assert done.returncode == 2
    assert '000003.npy: has the unknown object ids [41]' in done.stderr.splitlines()[-1]
    assert not out.exists()
