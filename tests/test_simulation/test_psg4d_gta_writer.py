import filecmp
import json
import os
from pathlib import Path

import numpy as np
import pytest

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadPanopticMasks,
    LoadRGBFrames,
)
from mmfourdpsg.simulation import psg4d_gta_writer
from mmfourdpsg.simulation.psg4d_gta_writer import FOLDERS, PSG4DGTAWriter
from mmfourdpsg.simulation.simulate import simulate_video
from mmfourdpsg.utils import InputError

SEED = 11


@pytest.fixture(scope='module')
def recording(simulate):
    return simulate(SEED)


@pytest.fixture(scope='module')
def written(recording, tmp_path_factory):
    """A data set of one video."""
    root = tmp_path_factory.mktemp('written')
    writer = PSG4DGTAWriter(root, 'settings')
    writer.write(recording)
    writer.finish(dict(train=[recording.scene_graph.video_id], val=[]))
    return root


def files_of(root):
    return sorted(
        str(p.relative_to(root)) for p in Path(root).rglob('*') if p.is_file()
    )


def read_back(root):
    """Return the one item of a data set, with every frame."""

    def every_frame(results):
        return {**results, 'frame_indices': np.arange(results['num_frames'])}

    pipeline = [
        every_frame,
        LoadRGBFrames(),
        LoadDepthFrames(dict(type='SAILVOS3DDepthDecoder')),
        LoadPanopticMasks(frames='all'),
    ]
    return PSG4DGTADataset(data_root=str(root), split='train', pipeline=pipeline)[0]


def test_bytes_follow_from_the_seed(recording, written, tmp_path):
    again = simulate_video(recording.scene_graph.video_id, SEED)
    writer = PSG4DGTAWriter(tmp_path, 'settings')
    writer.write(again)
    writer.finish(dict(train=[again.scene_graph.video_id], val=[]))
    names = files_of(written)
    assert files_of(tmp_path) == names
    assert len(names) == len(FOLDERS) * recording.scene_graph.num_frames + 2
    match, *differ = filecmp.cmpfiles(written, tmp_path, names, shallow=False)
    assert (match, differ) == (names, [[], []])


def test_data_set_class_reads_the_same_graph(recording, written):
    results, expected = read_back(written), recording.scene_graph
    graph = results['scene_graph']
    assert (graph.video_id, graph.num_frames) == (expected.video_id, 24)
    assert (graph.height, graph.width) == (expected.height, expected.width)
    assert graph.objects == expected.objects
    assert graph.relations == expected.relations
    assert results['fps'] == recording.fps
    assert np.array_equal(results['rgb'], recording.rgb)


def test_data_set_class_reads_the_same_depth(recording, written):
    depth = read_back(written)['depth']
    assert depth.dtype == np.float32
    assert np.array_equal(depth > 0, recording.depth > 0)
    assert np.abs(depth - recording.depth).max() < 1e-3


def test_depth_is_stored_as_sail_vos_3d_does(recording, written):
    # Written down from the data set's description, pixel by pixel:
    # z = d/6 - 4e-5; x = 2px/(W-1) - 1; y = -2py/(H-1) + 1;
    # [x, y, z, 1] @ P_inv, divided by w; depth = -Z.
    name, frame = recording.scene_graph.video_id, 7
    stored = np.load(written / f'depth/{name}/{frame:06d}.npy')
    p_inv = np.load(written / f'rage_matrices/{name}/{frame:06d}.npz')['P_inv']
    height, width = stored.shape
    metres, focal = recording.depth[frame], recording.focal_length
    for row in range(0, height, 13):
        for column in range(0, width, 17):
            x = 2 * column / (width - 1) - 1
            y = -2 * row / (height - 1) + 1
            point = np.array([x, y, float(stored[row, column]) / 6 - 4e-5, 1]) @ p_inv
            point = point / point[3]
            assert -point[2] == pytest.approx(metres[row, column], abs=1e-3)
            # And the point lies where a pinhole of this focal length sees it.
            right = x * width / 2 / focal * metres[row, column]
            up = y * height / 2 / focal * metres[row, column]
            assert point[:2] == pytest.approx([right, up], abs=1e-3)


def test_unknown_depth_is_stored_as_the_sky():
    metres = np.array([[0.0, 0.5], [2.0, 0.0]], dtype=np.float32)
    stored = psg4d_gta_writer.encode_depth(metres)
    assert stored.dtype == np.float32
    assert (stored[metres == 0] == np.float32(24e-5)).all()
    assert (stored[metres > 0] > np.float32(24e-5)).all()


def test_ids_above_255_are_kept(recording, written):
    name = recording.scene_graph.video_id
    ids = np.load(written / f'masks/{name}/000000.npy')
    assert ids.max() > 1000
    assert np.array_equal(ids, recording.instance_ids[0])


def test_a_video_is_there_only_with_its_seed_fingerprint_and_files(recording, tmp_path):
    name = recording.scene_graph.video_id
    writer = PSG4DGTAWriter(tmp_path, 'settings')
    assert not writer.has(name, SEED)
    writer.write(recording)
    assert writer.has(name, SEED)
    assert not writer.has(name, SEED + 1)
    assert not writer.has('another', SEED)
    assert not PSG4DGTAWriter(tmp_path, 'other settings').has(name, SEED)
    os.rename(tmp_path / 'depth' / name, tmp_path / 'depth/moved')
    assert not writer.has(name, SEED)


@pytest.mark.parametrize('broken', ['save', 'replace'])
def test_a_stopped_write_leaves_nothing_that_passes_for_whole(
    recording, tmp_path, monkeypatch, broken
):
    name = recording.scene_graph.video_id
    writer = PSG4DGTAWriter(tmp_path, 'settings')
    writer.write(recording)
    writer.finish(dict(train=[name]))
    module = dict(save=np, replace=os)[broken]
    real, calls = getattr(module, broken), []

    def stop(*args, **kwargs):
        calls.append(args)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(module, broken, stop)
    # Over a good video: neither it nor the annotation may outlive its files.
    with pytest.raises(KeyboardInterrupt):
        writer.write(recording)
    monkeypatch.undo()
    assert not writer.has(name, SEED)
    assert not (tmp_path / 'sailvos3d.json').exists()
    assert not list(tmp_path.glob('.video-*'))
    with pytest.raises(InputError, match=f'{name}.* was not written'):
        writer.finish(dict(train=[name]))
    # And the next run mends it.
    writer.write(recording)
    assert writer.has(name, SEED)


def test_annotation_is_as_published(recording, written):
    content = json.loads((written / 'sailvos3d.json').read_text())
    assert set(content) == {'objects', 'split', 'data'}
    assert content['objects']['stuff'] == ['table', 'floor', 'wall']
    (row,) = content['data']
    assert set(row) == {'video_id', 'object', 'relations', 'meta'}
    assert row['meta']['num_frames'] == recording.scene_graph.num_frames
    ids = {item['object_id'] for item in row['object']}
    for subject, predicate, other, (first, last) in row['relations']:
        assert {subject, other} <= ids
        assert isinstance(predicate, str)
        assert 0 <= first <= last < row['meta']['num_frames']
