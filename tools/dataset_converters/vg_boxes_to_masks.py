"""Pseudo masks for Visual Genome: SAM2, prompted with each box.

python tools/dataset_converters/vg_boxes_to_masks.py configs/4dllm/tabletop/step1.py
    --data-root data/vg

python tools/dataset_converters/vg_boxes_to_masks.py
    configs/_base_/models/tube_decoders/sam2_hiera_large.py
    --checkpoint checkpoints/sam2.1_hiera_large.pt --data-root data/vg

The config holds a SAM2 tube decoder, of a model or by itself. Each image gets
``masks/<id>.png`` of 16 bits, whose pixels count the objects as ``objects.json`` lists
them, from 1; where masks overlap the smaller one is on top. ``VisualGenomeDataset``
reads them where a pipeline has ``LoadPanopticMasks``. Images that have masks are kept.
"""

import argparse
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from PIL import Image
from torch import Tensor

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.datasets import VisualGenomeDataset
from mmfourdpsg.datasets.transforms import LoadRGBFrames
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.models.tube_decoders.prompted_sam2 import FramePrompts
from mmfourdpsg.models.tube_decoders.sam2_tube_decoder import SAM2TubeDecoder
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.job_runner import run_jobs

FIRST_CORNER, LAST_CORNER = 2, 3


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config with a SAM2 tube decoder')
    parser.add_argument('--checkpoint', help="weights of SAM2; by default the config's")
    parser.add_argument('--data-root', required=True, help='root of Visual Genome')
    parser.add_argument('--split', default='all')
    parser.add_argument(
        '--device', default='cuda' if torch.cuda.is_available() else 'cpu'
    )
    parser.add_argument(
        '--objects-per-pass', type=int, default=32, help='objects decoded at once'
    )
    parser.add_argument('--workers', type=int, default=1, help='processes')
    return parser.parse_args()


@cache
def build_decoder(config: str, checkpoint: str | None, device: str) -> SAM2TubeDecoder:
    """Build a config's tube decoder, once a process.

    Raises:
        InputError: The config has none, or neither it nor the user names weights.
    """
    loaded = read_config(config)
    row = (loaded.get('model') or {}).get('tube_decoder')
    if not row:
        parts = [part for part in loaded.values() if isinstance(part, dict)]
        found = [part for part in parts if part.get('type') == 'SAM2TubeDecoder']
        row = found[0] if found else {}
    weights = checkpoint or row.get('checkpoint')
    if not row or not weights:
        raise InputError(
            f'{config}: expected a SAM2 tube decoder, and its checkpoint there or by '
            '--checkpoint'
        )
    init_default_scope(loaded.get('default_scope', 'mmdet'))
    # No hidden state is projected here.
    decoder = MODELS.build(
        dict(row, checkpoint=weights, prompt_channels=1, prompt_checkpoint=None)
    )
    decoder.init_weights()
    return decoder.eval().to(device)


@torch.no_grad()
def box_masks(
    decoder: SAM2TubeDecoder, rgb: np.ndarray, boxes: Tensor, per_pass: int
) -> np.ndarray:
    """Return the mask in each box.

    Args:
        decoder: The tube decoder whose SAM2 is prompted.
        rgb: uint8 ``[H, W, 3]``.
        boxes: ``[N, 4]``, ``x1, y1, x2, y2`` in pixels.
        per_pass: Objects that are decoded at once.

    Returns:
        bool ``[N, H, W]``.
    """
    height, width = rgb.shape[:2]
    sam2, device = decoder.sam2, decoder.images.mean.device
    frame = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))[None]
    features = sam2.encode_frames(decoder.images(frame.to(device)))
    scale = torch.tensor([sam2.image_size / width, sam2.image_size / height])
    corners = boxes.view(-1, 2, 2) * scale - 0.5
    labels = torch.tensor([FIRST_CORNER, LAST_CORNER], dtype=torch.int32)
    masks = []
    for points in corners.clamp(0, sam2.image_size - 1).to(device).split(per_pass):
        rows = torch.zeros(len(points), dtype=torch.long, device=device)
        prompts = FramePrompts(points, labels.to(device).expand(len(points), -1))
        found = sam2.track(
            features.select(rows), prompts, sam2.new_memory_bank(), last=True
        )
        logits = F.interpolate(found.logits[:, None], (height, width), mode='bilinear')
        masks.append((logits[:, 0] > 0).cpu().numpy())
    return np.concatenate(masks)


def convert(args: argparse.Namespace, job: dict) -> None:
    """Write the masks of one image."""
    decoder = build_decoder(args.config, args.checkpoint, args.device)
    rgb = LoadRGBFrames()(dict(job, frame_indices=[0]))['rgb'][0]
    boxes = torch.tensor(job['boxes'], dtype=torch.float32).reshape(-1, 4)
    numbers = np.zeros(rgb.shape[:2], np.uint16)
    if len(boxes):
        masks = box_masks(decoder, rgb, boxes, args.objects_per_pass)
        for index in np.argsort(-masks.sum(axis=(1, 2)), kind='stable'):
            numbers[masks[index]] = job['positions'][index]
    with atomic_write(Path(job['out'])) as path:
        Image.fromarray(numbers).save(path, format='png')


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    build_decoder(args.config, args.checkpoint, args.device)
    dataset = VisualGenomeDataset(data_root=args.data_root, split=args.split)
    left = []
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        out = Path(info['mask_path']) / info['mask_names'][0]
        if out.is_file():
            continue
        graph = info['scene_graph']
        objects = {place: key for place, key in info['mask_ids'].items() if key}
        job = dict(
            rgb_path=info['rgb_path'],
            rgb_names=info['rgb_names'],
            num_frames=1,
            boxes=[graph.object_by_id(key).boxes[0] for key in objects.values()],
            positions=list(objects),
            out=str(out),
        )
        left.append((info['video_id'], job))
    print(
        f'{args.data_root}: {len(dataset)} images, {len(dataset) - len(left)} of them '
        'have masks already'
    )
    run_jobs(partial(convert, args), left, args.workers, 'images')


if __name__ == '__main__':
    main()
