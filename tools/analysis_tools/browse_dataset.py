"""Draw what a data set gives to training: RGB, depth, masks or boxes, relation bars.

python tools/analysis_tools/browse_dataset.py configs/4dllm/tabletop/step1.py
    --out outputs/browse [--count 8]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from mmengine.registry import init_default_scope

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError, check_output_folder, exit_on_input_error
from mmfourdpsg.visualization.contact_sheet import SheetVideo, draw_contact_sheet


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of a model or of data sets alone')
    parser.add_argument('--out', required=True, help='folder of the images')
    parser.add_argument('--part', choices=('train', 'val', 'test'), default='train')
    parser.add_argument('--count', type=int, default=8, help='how many samples')
    return parser.parse_args()


def sheet_video(item: dict) -> SheetVideo:
    """Return what is drawn of a packed sample.

    Args:
        item: ``inputs`` and ``data_samples`` as ``PackSceneGraphInputs`` gives them.
    """
    sample = item['data_samples']
    rgb = item['inputs']['rgb'].numpy().transpose(0, 2, 3, 1)  # [T, H, W, 3]
    depth = item['inputs']['depth'].numpy()  # [T, H, W]
    graph = sample.get('gt_scene_graph')
    if graph is None:
        graph = SceneGraph(sample.video_id, *rgb.shape[1:3], sample.num_frames)
    size = (graph.height, graph.width)
    if size != rgb.shape[1:3]:
        # In testing the truth is of the original size.
        rgb = np.stack([sample.frame_reader[i] for i in sample.frame_indices])
        depth = np.stack(
            [cv2.resize(d, size[::-1], interpolation=cv2.INTER_NEAREST) for d in depth]
        )
    return SheetVideo(graph, rgb, depth, sample.frame_indices)


@exit_on_input_error
def main() -> None:
    """Draw."""
    args = parse_args()
    check_output_folder(args.out)
    config = read_config(args.config)
    loader = config.get(f'{args.part}_dataloader')
    if not loader:
        raise InputError(f'{args.config}: has no {args.part}_dataloader')
    init_default_scope(config.get('default_scope', 'mmdet'))
    dataset = DATASETS.build(loader['dataset'])
    count = min(args.count, len(dataset))
    for index in np.linspace(0, len(dataset) - 1, count).round().astype(int).tolist():
        video = sheet_video(dataset[index])
        name = video.graph.video_id.replace('/', '_')
        path = Path(args.out) / f'{index:06d}_{name}.png'
        draw_contact_sheet([video], path, num_columns=6)
        print(path, flush=True)


if __name__ == '__main__':
    main()
