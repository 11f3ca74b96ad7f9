"""Tubes come from the annotation, from files, or from another model."""

import numpy as np
import pytest
import torch
from torch import nn

from mmfourdpsg.models import BaseSceneGraphModel
from mmfourdpsg.models.object_sources import (
    FileObjects,
    GroundTruthObjects,
    PredictedObjects,
)
from mmfourdpsg.models.object_sources.file_objects import graph_file
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    MaskTube,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError

SIZE = (4, 6)
CONFIG = dict(model=dict(type='CupFinder'))


def graph_of(video_id, category='cup', num_frames=3):
    mask = np.zeros(SIZE, bool)
    mask[1:3, 2:4] = True
    tube = MaskTube.from_masks({1: mask}, *SIZE)
    objects = [
        SceneObject(3, category, score=0.5, tube=tube),
        SceneObject(4, 'ghost', tube=MaskTube(*SIZE, {})),
    ]
    return SceneGraph(video_id, *SIZE, num_frames, objects)


def sample_of(video_id, annotated=True):
    sample = SceneGraphDataSample(
        metainfo=dict(
            video_id=video_id,
            num_frames=3,
            frame_indices=[1],
            ori_shape=SIZE,
            img_shape=SIZE,
        )
    )
    if annotated:
        sample.gt_scene_graph = graph_of(video_id, 'annotated')
    return sample


def inputs_of(colour=0):
    return dict(rgb=torch.full((1, 1, 3, *SIZE), colour, dtype=torch.uint8))


def names(found):
    return [[item.category for item in row] for row in found]


def test_annotated_tubes_are_taken_where_there_are_any():
    source = GroundTruthObjects()
    assert names(source({}, [sample_of('a')])) == [['annotated']]
    with pytest.raises(InputError, match="video 'b': has no annotated mask tubes"):
        source({}, [sample_of('b', annotated=False)])


@pytest.mark.parametrize('folder', [False, True])
def test_tubes_of_files_are_those_of_the_video(tmp_path, folder):
    graphs = [graph_of('x/1', 'mug'), graph_of('b', 'can')]
    path = tmp_path if folder else tmp_path / 'tubes.json'
    if folder:
        for graph in graphs:
            save_scene_graphs([graph], graph_file(path, graph.video_id))
    else:
        save_scene_graphs(graphs, path)
    source = FileObjects(str(path))
    found = source({}, [sample_of('b'), sample_of('x/1')])
    assert names(found) == [['can'], ['mug']]
    assert found[0][0] == graphs[1].objects[0]
    with pytest.raises(InputError, match=r"has no video 'c'|c\.json: cannot be read"):
        source({}, [sample_of('c')])
    other = sample_of('b')
    other.set_metainfo(dict(ori_shape=(4, 7)))
    with pytest.raises(InputError, match=r'frames \(4, 6, 3\), expected \(4, 7, 3\)'):
        source({}, [other])


@MODELS.register_module()
class CupFinder(BaseSceneGraphModel):
    """Finds a cup in every video, and counts how often it is asked."""

    asked = 0
    needs_compiled_operators = False

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def loss(self, inputs, data_samples):
        return {}

    def predict(self, inputs, data_samples):
        CupFinder.asked += len(data_samples)
        assert not torch.is_grad_enabled() and not self.training
        for sample in data_samples:
            sample.pred_scene_graph = graph_of(sample.video_id)
        return data_samples


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / 'finder.pth'
    torch.save(dict(state_dict=CupFinder().state_dict()), path)
    CupFinder.asked = 0
    return str(path)


def test_tubes_of_a_model_are_predicted_once_and_kept(tmp_path, checkpoint):
    inputs = inputs_of()
    options = dict(config=CONFIG, checkpoint=checkpoint, folder=tmp_path / 'kept')
    sample = sample_of('x/1')
    first = PredictedObjects(**options)(inputs, [sample])
    again = PredictedObjects(**options)(inputs, [sample])
    assert names(first) == names(again) == [['cup']]
    assert first[0] == again[0]
    assert CupFinder.asked == 1
    assert 'pred_scene_graph' not in sample
    # So are those of a video that shows something else now, and of other weights.
    PredictedObjects(**options)(inputs_of(9), [sample])
    assert CupFinder.asked == 2
    state = {name: x + 1 for name, x in CupFinder().state_dict().items()}
    torch.save(dict(state_dict=state), checkpoint)
    PredictedObjects(**options)(inputs, [sample])
    assert CupFinder.asked == 3


def test_tubes_of_recordings_are_not_kept(tmp_path, checkpoint):
    source = PredictedObjects(CONFIG, checkpoint, tmp_path / 'kept')
    for _ in range(2):
        source(inputs_of(), [sample_of('rgb', annotated=False)])
    assert CupFinder.asked == 2
    assert not (tmp_path / 'kept').exists()


@pytest.mark.parametrize(
    ('state', 'message'),
    [
        (dict(a=torch.zeros(1)), '2 weights are missing and 1 unknown'),
        (dict(CupFinder().state_dict(), **{'layer.bias': torch.zeros(2)}), 'mismatch'),
        (None, 'no such checkpoint file'),
    ],
)
def test_weights_of_another_model_are_refused(tmp_path, state, message):
    path = tmp_path / 'other.pth'
    if state is not None:
        torch.save(dict(state_dict=state), path)
    source = PredictedObjects(CONFIG, str(path))
    with pytest.raises(InputError, match=message):
        source(inputs_of(), [sample_of('a')])


def test_a_config_that_cannot_be_used_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r'none\.py: cannot be read as a config'):
        PredictedObjects(str(tmp_path / 'none.py'), 'a.pth')
    module = 'mmfourdpsg.models.object_sources.predicted_objects'
    monkeypatch.setattr(f'{module}.has_compiled_operators', lambda: False)
    PredictedObjects(CONFIG, 'a.pth')
    monkeypatch.setattr(CupFinder, 'needs_compiled_operators', True)
    with pytest.raises(InputError, match=r'CupFinder, .* bash tools/install\.sh comp'):
        PredictedObjects(CONFIG, 'a.pth')
