import json
import warnings

import numpy as np
import pytest

from mmfourdpsg.datasets import (
    ActionGenomeDataset,
    DIMLDataset,
    PSG4DHOIDataset,
    PSGDataset,
    VisualGenomeDataset,
)
from mmfourdpsg.simulation.action_genome_writer import ActionGenomeWriter
from mmfourdpsg.simulation.diml_writer import DIMLWriter
from mmfourdpsg.simulation.images import encode_millimetres, image_of, spread_frames
from mmfourdpsg.simulation.psg4d_hoi_writer import PSG4DHOIWriter
from mmfourdpsg.simulation.psg_writer import PSGWriter
from mmfourdpsg.simulation.visual_genome_writer import VisualGenomeWriter

SEED = 11


@pytest.fixture(scope='module')
def recording(simulate):
    return simulate(SEED)


def every_frame(results):
    return {**results, 'frame_indices': list(range(results['num_frames']))}


RGB, DEPTH = dict(type='LoadRGBFrames'), dict(type='LoadDepthFrames')
MASKS = dict(type='LoadPanopticMasks')


def triplets(graph):
    names = {item.id: item.category for item in graph.objects}
    return sorted(
        (names[row.subject], row.predicate, names[row.object], row.span)
        for row in graph.relations
    )


def make(writer, recording):
    writer.write(recording)
    name = recording.scene_graph.video_id
    writer.finish(dict(train=[name], val=[]))
    assert writer.has(name, recording.seed)
    return str(writer.root)


def test_hoi_holds_the_whole_scene(recording, tmp_path):
    root = make(PSG4DHOIWriter(tmp_path, 'settings'), recording)
    pipeline = [every_frame, RGB, DEPTH, MASKS]
    item = PSG4DHOIDataset(data_root=root, pipeline=pipeline)[0]
    graph = recording.scene_graph
    found = item['scene_graph']
    assert [(o.id, o.category) for o in found.objects] == [
        (o.id, o.category) for o in graph.objects
    ]
    assert triplets(found) == triplets(graph)
    np.testing.assert_array_equal(item['panoptic_ids'], recording.instance_ids)
    known = (recording.depth > 0) & (recording.depth < 65.535)
    gap = np.abs(item['depth'] - recording.depth)[known]
    assert gap.max() <= 0.0005 + 1e-6
    assert not item['depth'][~known].any()
    # JPEG is not exact.
    gap = item['rgb'].astype(int) - recording.rgb
    assert np.abs(gap).mean() < 5


def test_psg_holds_the_frame(recording, tmp_path):
    frames = recording.scene_graph.num_frames
    writer = PSGWriter(tmp_path, 'settings', frames, num_images=3)
    root = make(writer, recording)
    dataset = PSGDataset(data_root=root, pipeline=[every_frame, RGB, MASKS])
    assert len(dataset) == 3
    for item, frame in zip(dataset, writer.frames, strict=True):
        image = image_of(recording, frame)
        found = item['scene_graph']
        assert [(o.id, o.category, o.is_thing) for o in found.objects] == [
            (o.id, o.category, o.is_thing) for o in image.objects
        ]
        expected = [(r.subject, r.predicate, r.object) for r in image.relations]
        assert [(r.subject, r.predicate, r.object) for r in found.relations] == expected
        listed = [o.id for o in image.objects]
        ids = np.where(np.isin(image.ids, listed), image.ids, 0)
        np.testing.assert_array_equal(item['panoptic_ids'][0], ids)


def test_visual_genome_holds_boxes_of_the_frame(recording, tmp_path):
    frames = recording.scene_graph.num_frames
    writer = VisualGenomeWriter(tmp_path, 'settings', frames, num_images=2)
    root = make(writer, recording)
    dataset = VisualGenomeDataset(data_root=root, pipeline=[every_frame, RGB])
    assert len(dataset) == 2
    for item, frame in zip(dataset, writer.frames, strict=True):
        image = image_of(recording, frame)
        found = item['scene_graph']
        assert [(o.category, o.boxes) for o in found.objects] == [
            (o.category, o.boxes) for o in image.objects
        ]
        names = {o.id: o.category for o in image.objects}
        expected = [
            (names[r.subject], r.predicate, names[r.object], [(0, 0)])
            for r in image.relations
        ]
        assert triplets(found) == sorted(expected)
        assert item['rgb'].shape[1:] == image.rgb.shape


def test_action_genome_holds_what_the_gripper_does(simulate, tmp_path):
    # The first recording in which the gripper acts.
    recording = next(
        made
        for made in (simulate(seed) for seed in range(40))
        if any(
            made.scene_graph.object_by_id(row.subject).category == 'gripper'
            for row in made.scene_graph.relations
        )
    )
    root = make(ActionGenomeWriter(tmp_path, 'settings'), recording)
    graph = recording.scene_graph
    item = ActionGenomeDataset(data_root=root, pipeline=[every_frame, RGB])[0]
    found = item['scene_graph']
    annotated = list(range(0, graph.num_frames, 2))
    np.testing.assert_array_equal(item['rgb'], recording.rgb[annotated])
    first = {}
    for row in graph.objects:
        first.setdefault(row.category, row)
    names = dict(gripper='person')
    assert {o.category for o in found.objects} == {
        names.get(category, category) for category in first
    }
    for category, row in first.items():
        name = names.get(category, category)
        other = next(o for o in found.objects if o.category == name)
        boxes = row.tube.boxes()
        expected = {i: boxes[t] for i, t in enumerate(annotated) if t in boxes}
        assert other.boxes == expected
    kept = {item.id for item in first.values()}
    expected = {}
    for row in graph.relations:
        ends = graph.object_by_id(row.subject), graph.object_by_id(row.object)
        if 'gripper' not in [end.category for end in ends]:
            continue
        if not {row.subject, row.object} <= kept:
            continue
        holds = {
            i
            for i, t in enumerate(annotated)
            if any(start <= t <= end for start, end in row.span)
        }
        if holds:
            key = (*(names.get(end.category, end.category) for end in ends),)
            expected[key[0], row.predicate, key[1]] = holds
    told = {
        (subject, predicate, other): {t for s, e in span for t in range(s, e + 1)}
        for subject, predicate, other, span in triplets(found)
    }
    assert told == expected
    assert told


def test_diml_holds_pairs(recording, tmp_path):
    frames = recording.scene_graph.num_frames
    writer = DIMLWriter(tmp_path, 'settings', frames, 'train', num_images=2)
    root = make(writer, recording)
    dataset = DIMLDataset(data_root=root, pipeline=[every_frame, RGB, DEPTH])
    assert len(dataset) == 2
    for item, frame in zip(dataset, writer.frames, strict=True):
        np.testing.assert_array_equal(item['rgb'][0], recording.rgb[frame])
        stored = encode_millimetres(recording.depth[frame]) / np.float32(1000)
        np.testing.assert_array_equal(item['depth'][0], stored)
    assert DIMLDataset(data_root=root, split='all', resolution='LR')


def test_far_depth_is_unknown():
    depth = np.array([[0, 0.001, 65.535, 65.536, 40.0]])
    assert encode_millimetres(depth).tolist() == [[0, 1, 65535, 0, 40000]]


@pytest.mark.parametrize('kind', ['psg', 'vg', 'diml'])
def test_data_that_were_written_before_are_known_still(tmp_path, kind):
    assert WRITERS[kind](tmp_path, 8).fingerprint == 'settings 2 stills'


def test_images_are_spread_evenly_over_the_video():
    assert spread_frames(24, 1) == [12]
    assert spread_frames(24, 3) == [4, 12, 20]
    assert spread_frames(2, 5) == [0, 1]


WRITERS = {
    'psg4d_hoi': lambda root, n: PSG4DHOIWriter(root, 'settings'),
    'psg': lambda root, n: PSGWriter(root, 'settings', n, 2),
    'vg': lambda root, n: VisualGenomeWriter(root, 'settings', n, 2),
    'ag': lambda root, n: ActionGenomeWriter(root, 'settings'),
    'diml': lambda root, n: DIMLWriter(root, 'settings', n, 'train', 2),
}


@pytest.mark.parametrize('layout', WRITERS)
def test_half_a_video_does_not_pass_for_whole(recording, tmp_path, monkeypatch, layout):
    writer = WRITERS[layout](tmp_path, recording.scene_graph.num_frames)
    name = recording.scene_graph.video_id
    make(writer, recording)
    annotation = tmp_path / writer.annotation
    files = {p: p.read_bytes() for p in tmp_path.rglob('*') if p.is_file()}

    def stopped(folder, recording):
        (folder / 'half').mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, 'write_files', stopped)
        with pytest.raises(KeyboardInterrupt):
            writer.write(recording)
    assert not writer.has(name, recording.seed)
    assert not annotation.exists()
    assert not list(tmp_path.glob('.video-*'))
    make(writer, recording)
    for path, content in files.items():
        # A video container and an archive hold their dates.
        if path.suffix not in ('.avi', '.npz'):
            assert path.read_bytes() == content, path
    # Another seed or other settings are another video.
    assert not writer.has(name, recording.seed + 1)
    writer.fingerprint = 'other settings'
    assert not writer.has(name, recording.seed)


def test_annotations_are_json_that_is_read_without_warnings(recording, tmp_path):
    root = make(VisualGenomeWriter(tmp_path, 'facts', 8, 1), recording)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        VisualGenomeDataset(data_root=root)
    assert json.loads((tmp_path / 'image_data.json').read_text())
