"""A little writer of PSG4D-GTA's layout, independent of the package."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

# A reversed-z projection for row vectors, off axis so that pixels matter.
PROJECTION = np.array(
    [[1.2, 0, 0, 0], [0, 1.9, 0, 0], [0.1, -0.2, 0, -1], [0, 0, 0.15, 0]]
)
CAR, PERSON, WALL = 3, 300, 1002


def encode_depth(metres):
    """Forward rule: metres -> what SAIL-VOS 3D stores."""
    height, width = metres.shape
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(1, -1, height))
    # Find the camera point behind each pixel at the given depth, then project it.
    point_x = (x * metres + 0.1 * metres) / 1.2
    point_y = (y * metres - 0.2 * metres) / 1.9
    points = np.stack([point_x, point_y, -metres, np.ones_like(metres)], -1)
    clip = points @ PROJECTION
    assert np.allclose(clip[..., 0] / clip[..., 3], x)
    assert np.allclose(clip[..., 1] / clip[..., 3], y)
    return (6 * (clip[..., 2] / clip[..., 3] + 4e-5)).astype(np.float32)


def make_video(num_frames, height, width, seed):
    """Return colours, metres and ids of a car that drives past a person."""
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 255, (num_frames, height, width, 3), dtype=np.uint8)
    metres = rng.uniform(1, 60, (num_frames, height, width))
    ids = np.full((num_frames, height, width), WALL)
    ids[:, : height // 4] = 0
    for t in range(num_frames):
        ids[t, height // 2 :, t : t + 4] = CAR
    ids[: num_frames - 2, height // 3 :, width - 5 : width - 2] = PERSON
    return rgb, metres, ids


def write_psg4d_gta(root, splits, num_frames=9, height=18, width=24, relations=None):
    """Write a data set and return what is in it, by video."""
    relations = relations or [
        [CAR, 'to the left of', PERSON, [0, 4]],
        [PERSON, 'Right behind ', CAR, [2, 6]],
        [CAR, 'on', WALL, [0, num_frames - 1]],
        [CAR, 'to the left of', PERSON, [6, 7]],
    ]
    content = dict(
        objects=dict(thing=['car', 'person'], stuff=['wall']),
        split=splits,
        data=[],
    )
    videos = {}
    for seed, name in enumerate(dict.fromkeys(v for vs in splits.values() for v in vs)):
        rgb, metres, ids = make_video(num_frames, height, width, seed)
        videos[name] = SimpleNamespace(rgb=rgb, metres=metres, ids=ids)
        content['data'].append(
            dict(
                video_id=name,
                object=[
                    dict(object_id=CAR, category='Car'),
                    dict(object_id=PERSON, category='person'),
                    dict(object_id=WALL, category='wall'),
                ],
                relations=relations,
                meta=dict(num_frames=num_frames),
            )
        )
        for kind in ('images', 'depth', 'masks', 'rage_matrices'):
            (root / kind / name).mkdir(parents=True)
        for t in range(num_frames):
            Image.fromarray(rgb[t]).save(root / f'images/{name}/{t:06d}.bmp')
            np.save(root / f'depth/{name}/{t:06d}.npy', encode_depth(metres[t]))
            np.save(root / f'masks/{name}/{t:06d}.npy', ids[t].astype(np.uint16))
            np.savez(
                root / f'rage_matrices/{name}/{t:06d}.npz',
                P_inv=np.linalg.inv(PROJECTION),
            )
    (root / 'sailvos3d.json').write_text(json.dumps(content))
    return videos


@pytest.fixture
def gta(tmp_path):
    """A written data set: its root, its videos, and a way to edit the annotation."""
    root = tmp_path / 'psg4d_gta'
    videos = write_psg4d_gta(
        root, dict(train=['alley_1', 'alley_2'], val=['dock_1'], unseen=['dock_1'])
    )

    def edit(change):
        path = root / 'sailvos3d.json'
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return SimpleNamespace(
        root=root,
        videos=videos,
        edit=edit,
        write=write_psg4d_gta,
        ids=SimpleNamespace(car=CAR, person=PERSON, wall=WALL),
        encode_depth=encode_depth,
        projection=PROJECTION,
    )
