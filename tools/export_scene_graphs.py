"""Write a data set's ground truth in the JSON format.

python tools/export_scene_graphs.py --dataset psg4d_gta --data-root data/psg4d_gta
    --split val --out gt.json
"""

import argparse
import sys
from collections.abc import Iterator

import mmfourdpsg.datasets  # noqa: F401  (registers the data sets)
from mmfourdpsg.datasets import SceneGraphVideoDataset
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError, exit_on_input_error

# Name on the command line -> the data set, with the pipeline that fills its tubes.
CONFIGS = {
    'psg4d_gta': dict(
        type='PSG4DGTADataset',
        pipeline=[dict(type='LoadPanopticMasks', frames='all')],
    ),
}
PLANNED = ('psg4d_hoi', 'pvsg', 'psg', 'vg', 'ag', 'gqa', '3dssg')


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description="Write a data set's ground truth in the JSON format"
    )
    parser.add_argument('--dataset', required=True, help='name of the data set')
    parser.add_argument('--data-root', required=True, help='its folder')
    parser.add_argument('--split', required=True, help='a split of it, or "all"')
    parser.add_argument('--out', required=True, help='the JSON file to write')
    return parser.parse_args()


def build_dataset(name: str, data_root: str, split: str) -> SceneGraphVideoDataset:
    """Build a data set that gives ground truth and reads no pictures.

    Args:
        name: Its name on the command line.
        data_root: Its folder.
        split: A split of it, or ``all``.

    Raises:
        InputError: There is no such data set, or it has no such split.
    """
    if name not in CONFIGS:
        problem = 'cannot be read yet' if name in PLANNED else 'is not known'
        raise InputError(
            f'--dataset {name}: {problem}, expected one of {list(CONFIGS)}'
        )
    return DATASETS.build(
        dict(CONFIGS[name], data_root=data_root, split=split, test_mode=True)
    )


def scene_graphs(dataset: SceneGraphVideoDataset) -> Iterator[SceneGraph]:
    """Yield each video's ground truth and tell the progress."""
    for index in range(len(dataset)):
        graph = dataset[index]['scene_graph']
        print(f'[{index + 1}/{len(dataset)}] {graph}', file=sys.stderr, flush=True)
        yield graph


@exit_on_input_error
def main() -> None:
    """Export."""
    args = parse_args()
    dataset = build_dataset(args.dataset, args.data_root, args.split)
    save_scene_graphs(scene_graphs(dataset), args.out)
    print(f'wrote {len(dataset)} scene graphs to {args.out}')


if __name__ == '__main__':
    main()
