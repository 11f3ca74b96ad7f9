"""Frames a second that a data set loads, and where the time goes.

python tools/analysis_tools/benchmark_dataloader.py configs/4dllm/tabletop/step1.py

The alternative is the obvious loop: read the image, the depth and the mask of every
frame of a video, make a mask of each object, then pick the sampled frames and go
through the same augmentations. Both run in one process, in turns on the same videos.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from mmengine.registry import init_default_scope

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.datasets import SceneGraphVideoDataset
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadPanopticMasks,
    LoadRGBFrames,
    SampleFrames,
)
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_file,
    exit_on_input_error,
)

PARTS = {
    LoadRGBFrames: 'rgb',
    LoadDepthFrames: 'depth',
    LoadPanopticMasks: 'masks',
}


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config whose train_dataloader is measured')
    parser.add_argument('--videos', type=int, default=20)
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def load(dataset: SceneGraphVideoDataset, index: int, seconds: dict) -> int:
    """Load a video through the pipeline; return the number of its frames."""
    results = dataset.get_data_info(index)
    for transform in dataset.pipeline.transforms:
        start = time.perf_counter()
        results = transform(results)
        part = PARTS.get(type(transform), 'transforms')
        seconds[part] += time.perf_counter() - start
    return len(results['inputs']['rgb'])


def load_obviously(dataset: SceneGraphVideoDataset, index: int) -> None:
    """Load every frame and every object's mask of each, then pick."""
    results = dataset.get_data_info(index)
    everything = SampleFrames(results['num_frames'])(dict(results))
    masks = []
    for transform in dataset.pipeline.transforms:
        if type(transform) not in PARTS:
            continue
        everything = transform(everything)
    for ids in everything.get('panoptic_ids', ()):
        objects = everything['scene_graph'].objects
        masks.append(np.stack([ids == item.id for item in objects]))
    sampled = False
    for transform in dataset.pipeline.transforms:
        if isinstance(transform, SampleFrames):
            results = transform(results)
            picked, sampled = results['frame_indices'], True
        elif type(transform) in PARTS:
            if not sampled:
                raise InputError('the pipeline has to sample frames before it loads')
            for key in ('rgb', 'depth', 'panoptic_ids'):
                if key in everything:
                    results[key] = everything[key][picked]
            for key in ('scene_graph', 'ori_shape', 'img_shape', 'frame_reader'):
                if key in everything:
                    results[key] = everything[key]
        else:
            results = transform(results)


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    check_output_file(args.out)
    config = read_config(args.config)
    init_default_scope(config.get('default_scope', 'mmdet'))
    dataset = DATASETS.build(config.train_dataloader.dataset)
    if not isinstance(dataset, SceneGraphVideoDataset):
        raise InputError(f'{args.config}: expected one data set without wrappers')
    dataset.seed = 0
    seconds: dict[str, float] = defaultdict(float)
    ours = obvious = 0.0
    frames = 0
    count = min(args.videos, len(dataset))
    # Both read from the page cache.
    load(dataset, 0, defaultdict(float))
    load_obviously(dataset, 0)
    for index in range(count):
        for name in ('ours', 'obvious') if index % 2 else ('obvious', 'ours'):
            start = time.perf_counter()
            if name == 'ours':
                frames += load(dataset, index, seconds)
                ours += time.perf_counter() - start
            else:
                load_obviously(dataset, index)
                obvious += time.perf_counter() - start
    figures = dict(
        videos=count,
        frames=frames,
        frames_a_second=frames / ours,
        ratio_to_obvious_loop=obvious / ours,
        share_of_time={key: value / ours for key, value in seconds.items()},
    )
    print(
        f'{count} videos, {frames} frames: {figures["frames_a_second"]:.1f} frames a '
        f'second and worker, {figures["ratio_to_obvious_loop"]:.2f} times the obvious '
        'loop'
    )
    for key, value in figures['share_of_time'].items():
        print(f'  {key:>10} {value:6.1%}')
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
