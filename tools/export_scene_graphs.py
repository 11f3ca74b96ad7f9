"""Write a data set's ground truth in the JSON format.

python tools/export_scene_graphs.py --dataset psg4d_gta --data-root data/psg4d_gta
    --split val --out gt.json
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import mmfourdpsg.datasets  # noqa: F401  (registers the data sets)
from mmfourdpsg.datasets import SceneGraphVideoDataset
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError, check_output_file, exit_on_input_error

# Name on the command line -> the data set.
DATASET_TYPES = {
    'psg4d_gta': 'PSG4DGTADataset',
    'psg4d_hoi': 'PSG4DHOIDataset',
    'pvsg': 'PVSGDataset',
    'psg': 'PSGDataset',
    'vg': 'VisualGenomeDataset',
    'vg_sgg': 'VisualGenomeSGGDataset',
    'ag': 'ActionGenomeDataset',
    'gqa': 'GQADataset',
    'gqa200': 'GQA200Dataset',
    '3dssg': 'ThreeDSSGDataset',
    'own': 'SceneGraphFileDataset',
}


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description="Write a data set's ground truth in the JSON format"
    )
    parser.add_argument('--dataset', required=True, help='name of the data set')
    parser.add_argument('--data-root', required=True, help='its folder')
    parser.add_argument(
        '--split',
        required=True,
        help='a split of it, or "all"; of PSG4D, PVSG, PSG and Action Genome also '
        'several, joined by "+"',
    )
    parser.add_argument('--out', required=True, help='the JSON file to write')
    parser.add_argument(
        '--masks',
        choices=('auto', 'required', 'none'),
        default='auto',
        help='"auto" writes graphs without tubes, with a warning, where the whole '
        'folder of masks is missing',
    )
    parser.add_argument(
        '--strict',
        action='store_true',
        help='refuse relations with an object and masks with ids that the annotation '
        'lacks; by default such relations are left out and such pixels are void',
    )
    return parser.parse_args()


def build_dataset(
    name: str, data_root: str, split: str, masks: str = 'auto', strict: bool = False
) -> SceneGraphVideoDataset:
    """Build a data set that gives ground truth and reads no images.

    Args:
        name: Its name on the command line.
        data_root: Its folder.
        split: A split of it, or ``all``.
        masks: ``auto``, ``required`` or ``none``.
        strict: As of :class:`SceneGraphVideoDataset`.

    Raises:
        InputError: There is no such data set, or it has no such split.
    """
    if name not in DATASET_TYPES:
        raise InputError(
            f'--dataset {name}: is not known, expected one of {list(DATASET_TYPES)}'
        )
    kind = DATASETS.get(DATASET_TYPES[name])
    pipeline = []
    # Visual Genome's are no annotation, but another model's guess.
    if 'mask_decoder' in kind.readers and masks != 'none' and name != 'vg':
        pipeline = [dict(type='LoadPanopticMasks', frames='all', unknown_ids='listed')]
    config = dict(type=kind, data_root=data_root, split=split, test_mode=True)
    config['strict'] = strict
    dataset = DATASETS.build(dict(config, pipeline=pipeline))
    folder = Path(dataset.data_prefix.get('mask', '.'))
    if pipeline and masks == 'auto' and not folder.is_dir():
        print(
            f'warning: {folder}: is missing, so the scene graphs are without tubes',
            file=sys.stderr,
        )
        dataset.pipeline.transforms.clear()
    return dataset


def scene_graphs(dataset: SceneGraphVideoDataset) -> Iterator[SceneGraph]:
    """Yield each video's ground truth; tell the progress, and what is amiss at last."""
    unknown = []
    for index in range(len(dataset)):
        item = dataset[index]
        graph = item['scene_graph']
        unknown += item.get('unknown_masks', [])
        print(f'[{index + 1}/{len(dataset)}] {graph}', file=sys.stderr, flush=True)
        yield graph
    if unknown:
        path, ids = unknown[0]
        print(
            f'warning: {len(unknown)} masks have ids that the annotation lacks, taken '
            f'as void; the first: {path} {ids[:8]} '
            '(tools/analysis_tools/check_dataset.py lists all)',
            file=sys.stderr,
        )


@exit_on_input_error
def main() -> None:
    """Export."""
    args = parse_args()
    check_output_file(args.out)
    dataset = build_dataset(
        args.dataset, args.data_root, args.split, args.masks, args.strict
    )
    save_scene_graphs(scene_graphs(dataset), args.out)
    print(f'wrote {len(dataset)} scene graphs to {args.out}')


if __name__ == '__main__':
    main()
