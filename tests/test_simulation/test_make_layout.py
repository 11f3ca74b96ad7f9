"""Videos are simulated once, and their labels counted."""

import copy
import json
import pickle
from dataclasses import replace

import pytest

from mmfourdpsg.simulation import make_layout as module
from mmfourdpsg.simulation.edition import TABLETOP
from mmfourdpsg.simulation.plan import LAYOUTS, WorldPlan
from mmfourdpsg.simulation.psg_writer import PSGWriter
from mmfourdpsg.simulation.settings import SimulationSettings
from mmfourdpsg.simulation.summary import label_summary
from mmfourdpsg.utils import InputError

PLAN = WorldPlan(1, 1, 1, layouts=LAYOUTS, num_images=2)


@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_job_can_be_sent_to_another_process(layout, tmp_path):
    for split, ((name, seed), *_) in PLAN.videos(layout).items():
        writer = module.make_writer(PLAN, layout, tmp_path, split)
        job = module.VideoJob(name, seed, False, PLAN.edition, writer)
        sent = pickle.loads(pickle.dumps((module.make_video, job)))
        assert sent[0] is module.make_video
        assert sent[1][:4] == job[:4]
        assert vars(sent[1].writer) == vars(writer)


def test_what_is_there_is_not_simulated_again(simulate, monkeypatch, tmp_path, capsys):
    made = []

    def simulated(name, seed, unseen, edition):
        made.append((name, seed, unseen))
        # Others take the same recording, which has to stay as it is.
        recording = copy.copy(simulate(11))
        recording.scene_graph = copy.copy(recording.scene_graph)
        recording.scene_graph.video_id, recording.seed = name, seed
        return recording

    monkeypatch.setattr(module, 'simulate_video', simulated)
    root = tmp_path / 'psg'
    content = module.make_layout(PLAN, 'psg', root, workers=1)
    expected = [('train_0000', 4_000_000, False), ('test_0000', 4_500_000, False)]
    assert made == expected
    # Two images of each of two videos.
    assert len(content['data']) == 4
    more = WorldPlan(2, 1, 0, layouts=['psg'], num_images=2)
    module.make_layout(more, 'psg', root, workers=1)
    assert made[2:] == [('train_0001', 4_000_001, False)]
    assert '3 videos, 2 of them there already' in capsys.readouterr().out
    assert json.loads((root / PSGWriter.annotation).read_text())['data']


def test_a_seed_without_a_good_video_is_named(monkeypatch, tmp_path):
    def fails(*_):
        raise RuntimeError('seed 7: none of 20 samples is a good video')

    monkeypatch.setattr(module, 'simulate_video', fails)
    small = replace(TABLETOP, settings=SimulationSettings(96, 72, 16))
    job = module.VideoJob('a', 7, False, small, None)
    with pytest.raises(InputError, match="'a' of 96 x 72 pixels and 16 frames: seed 7"):
        module.make_video(job)


def test_a_relation_of_a_video_is_counted_once():
    things = [dict(category='cup'), dict(category='cup'), dict(category='tray')]
    # Subject, object, predicate, span: the same triplet at two times.
    relations = [[0, 'on', 2, 1], [0, 'on', 2, 9], [1, 'in', 2, 1]]
    row = dict(video_id='a', object=things, relations=relations)
    annotation = dict(split=dict(train=['a'], val=[]), data=[row])
    assert label_summary(annotation).splitlines() == [
        'train: 1 videos',
        '  3 objects: cup 2, tray 1',
        '  2 relations: on 1, in 1',
        'val: 0 videos',
        '  0 objects: ',
        '  0 relations: ',
    ]
