"""Summary of a written world: counts of labels, and a few example videos."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.transforms import LoadDepthFrames, LoadPanopticMasks
from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph

from .world_statistics import WorldStatistics


def label_summary(annotation: Mapping) -> str:
    """Return how often each category and predicate occurs in each split.

    Args:
        annotation: In PSG4D-GTA's layout.
    """
    lines = []
    for split, video_ids in annotation['split'].items():
        rows = [row for row in annotation['data'] if row['video_id'] in set(video_ids)]
        categories = Counter(o['category'] for row in rows for o in row['object'])
        predicates = Counter(
            triplet[1]
            for row in rows
            for triplet in dict.fromkeys(tuple(r[:3]) for r in row['relations'])
        )
        lines.append(f'{split}: {len(rows)} videos')
        for name, counts in (('objects', categories), ('relations', predicates)):
            listed = ', '.join(f'{key} {n}' for key, n in counts.most_common())
            lines.append(f'  {sum(counts.values())} {name}: {listed}')
    return '\n'.join(lines)


def world_summary(root: Path, splits: Mapping[str, Sequence[str]]) -> str:
    """Return what the videos of each split are like: sizes, and how relations hold.

    Args:
        root: The world in PSG4D-GTA's layout.
        splits: Split -> ids of its videos.
    """
    masks = LoadPanopticMasks(frames='all')

    def load(results: dict) -> SceneGraph:
        results['frame_indices'] = np.arange(results['num_frames'])
        return masks(results)['scene_graph']

    lines = []
    for split in (name for name in splits if splits[name]):
        dataset = PSG4DGTADataset(data_root=str(root), split=split, pipeline=[load])
        numbers = WorldStatistics.of(dataset[i] for i in range(len(dataset)))
        lines += [f'{split}:', *(f'  {line}' for line in numbers.lines())]
    return '\n'.join(lines)


def example_videos(
    root: Path, splits: Mapping[str, Sequence[str]], count: int = 6
) -> list[tuple[SceneGraph, np.ndarray, np.ndarray]]:
    """Read the first videos, as the data set class reads them.

    They are of split ``val``, or of another where that has none.

    Args:
        root: The world in PSG4D-GTA's layout.
        splits: Split -> ids of its videos.
        count: How many videos, if there are as many.

    Returns:
        list[tuple[SceneGraph, np.ndarray, np.ndarray]]: Graph, frames uint8
        ``[F, H, W, 3]``, depth ``[F, H, W]`` in metres of each.
    """
    split = next(
        name
        for start in ('val', 'train', 'unseen')
        for name in splits
        if name.startswith(start) and splits[name]
    )
    rgb = TRANSFORMS.build(dict(type='LoadRGBFrames'))
    depth = LoadDepthFrames(dict(type='SAILVOS3DDepthDecoder'))
    masks = LoadPanopticMasks(frames='all')

    def load(results: dict) -> tuple:
        results['frame_indices'] = np.arange(results['num_frames'])
        for transform in (rgb, depth, masks):
            results = transform(results)
        return results['scene_graph'], results['rgb'], results['depth']

    dataset = PSG4DGTADataset(data_root=str(root), split=split, pipeline=[load])
    return [dataset[i] for i in range(min(count, len(dataset)))]
