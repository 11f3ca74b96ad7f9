"""What a row's test is told, and what its record holds of the test."""

import json
import shutil

import pytest

from mmfourdpsg.analysis.studies import StudyRow
from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError


class Tools:
    """Leaves behind what trainings and tests leave."""

    jobs = 1

    def __init__(self, predictions):
        self.predictions = predictions
        self.tested = []

    def train(self, gpus, config, folder, options):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'epoch_1.pth').touch()
        (folder / 'last_checkpoint').write_text(str(folder / 'epoch_1.pth'))

    def test(self, gpus, config, checkpoint, predictions, options):
        self.tested.append(options)
        log = predictions.parent / 'test/20260101_000000/20260101_000000.json'
        log.parent.mkdir(parents=True, exist_ok=True)
        cost = dict(parameters=1200, seconds_a_video=0.12345)
        log.write_text(json.dumps({**cost, 'scene_graph/R@20': 3.0}))
        shutil.copy(self.predictions, predictions)


@pytest.fixture
def study(tmp_path):
    config = tmp_path / 'config.py'
    config.write_text('model = dict(source=None)\nload_from = None\n')
    for name, ids in (('gt', 'a'), ('train', 'a'), ('unseen', 'b'), ('found', 'ab')):
        graphs = [SceneGraph(video_id, 4, 6, 2) for video_id in ids]
        save_scene_graphs(graphs, tmp_path / f'{name}.json')
    loads = {'load_from': 'first', 'model.source': 'first'}
    return dict(
        ground_truth=tmp_path / 'gt.json',
        train=tmp_path / 'train.json',
        unseen=tmp_path / 'unseen.json',
        test_options=['split=val+unseen'],
        runs=dict(
            first=dict(config=str(config)),
            second=dict(config=str(config), loads=loads, options=['resume=False']),
        ),
    )


def test_a_test_reads_what_its_run_loads_and_all_videos(study, tmp_path):
    def make(study):
        row = dict(name='it', run='second')
        return StudyRow(study, row, 3, tmp_path / 'work/it_seed3', tools)

    tools = Tools(tmp_path / 'found.json')
    record = make(study).record()
    path = tmp_path / 'work/seed3/first/epoch_1.pth'
    assert tools.tested == [
        [
            'randomness.seed=3',
            'resume=False',
            f'model.source={path}',
            'split=val+unseen',
        ]
    ]
    assert (record['parameters'], record['seconds_a_video']) == (1200, 0.123)
    make(study).record()
    assert len(tools.tested) == 1
    # Other videos are another test.
    make(dict(study, test_options=['split=val'])).record()
    save_scene_graphs([SceneGraph('b', 4, 6, 3)], study['unseen'])
    make(dict(study, test_options=['split=val'])).record()
    assert len(tools.tested) == 3


@pytest.mark.parametrize(
    'change',
    [
        dict(test_options=['split=val']),
        dict(unseen=None),
        dict(label_groups={'all': 0}),
    ],
)
def test_what_was_scored_in_another_way_is_not_done(study, tmp_path, change):
    def make(study):
        row = dict(name='it', run='second')
        return StudyRow(study, row, 3, tmp_path / 'work/it_seed3', tools)

    tools, path = Tools(tmp_path / 'found.json'), tmp_path / 'record.json'
    path.write_text(json.dumps(make(study).record(), default=str))
    assert make(study).is_done(path)
    with pytest.raises(InputError, match='made with scoring'):
        make(dict(study, **change)).is_done(path)
