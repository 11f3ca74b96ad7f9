"""Make RGB-D images with scene graphs of the frames of RGB-D videos.

python tools/dataset_converters/videos_to_rgbd_images.py --dataset psg4d_gta
    --data-root data/psg4d_gta --out data/rgbd_pictures --workers 8

The result is what ``configs/_base_/datasets/rgbd_images.py`` reads: the 3D scenes of
Tables 5 and 6. An image has the objects that are visible in the frame, and the
relations among them that hold in it. Frames are spread evenly over a video; those
without depth are left out and counted. The folder is made as a whole or not at all.
"""

import argparse
import os
import shutil
import sys
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

import mmfourdpsg.datasets  # noqa: F401  (registers the data sets)
from mmfourdpsg.datasets.frame_readers.file_decoding import MissingFileError
from mmfourdpsg.datasets.present_ids import present_ids
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadPanopticMasks,
    LoadRGBFrames,
    SampleFrames,
)
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError, exit_on_input_error
from mmfourdpsg.utils.job_runner import run_jobs

# Name on the command line -> the data set.
DATASET_TYPES = {
    'psg4d_gta': 'PSG4DGTADataset',
    'psg4d_hoi': 'PSG4DHOIDataset',
    'own': 'SceneGraphFileDataset',
}
# What 16 bits of millimetres hold.
MAX_METRES = 65.535


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--dataset', required=True, choices=DATASET_TYPES)
    parser.add_argument('--data-root', required=True, help='its folder')
    parser.add_argument(
        '--splits', nargs='+', default=['train', 'val'], help='splits to take'
    )
    parser.add_argument('--frames', type=int, default=8, help='frames of a video')
    parser.add_argument('--out', required=True, help='the folder to make')
    parser.add_argument('--workers', type=int, default=os.cpu_count())
    return parser.parse_args()


def convert(args: argparse.Namespace, folder: Path, job: tuple[int, dict]) -> None:
    """Write the images of one video, and their graphs."""
    number, info = job
    frames = SampleFrames(args.frames)(dict(info))['frame_indices']
    graphs = [write_image(folder, info, frame) for frame in frames]
    found = [graph for graph in graphs if graph is not None]
    if len(found) < len(frames):
        print(
            f'  {info["video_id"]}: left out {len(frames) - len(found)} of '
            f'{len(frames)} frames, which lack depth',
            flush=True,
        )
    save_scene_graphs(found, part(folder, number))


def part(folder: Path, number: int) -> Path:
    """Return the file of one video's graphs."""
    return folder / 'parts' / f'{number}.json'


def write_image(folder: Path, info: dict, frame: int) -> SceneGraph | None:
    """Write a frame and return its graph, None if the frame has no depth."""
    results = LoadRGBFrames()(dict(info, frame_indices=[frame]))
    try:
        results = LoadDepthFrames()(results)
    except MissingFileError:
        return None
    results = LoadPanopticMasks()(results)
    depth, ids = results['depth'][0], results['panoptic_ids'][0]
    if not depth.any():
        return None
    name = f'{info["video_id"]}_{frame:06d}'
    graph, numbers = graph_of_frame(results['scene_graph'], name, frame, ids)
    mask = np.zeros(ids.shape, np.uint16)
    for object_id, number in numbers.items():
        mask[ids == object_id] = number
    places = {kind: folder / kind / name for kind in ('rgb', 'depth', 'masks')}
    for place in places.values():
        place.mkdir(parents=True)
    Image.fromarray(results['rgb'][0]).save(places['rgb'] / '0.png')
    Image.fromarray(mask).save(places['masks'] / '0.png')
    if depth.max() <= MAX_METRES:
        millimetres = np.round(depth * 1000).astype(np.uint16)
        Image.fromarray(millimetres).save(places['depth'] / '0.png')
    else:
        np.save(places['depth'] / '0.npy', depth)
    return graph


def graph_of_frame(
    graph: SceneGraph, name: str, frame: int, ids: np.ndarray
) -> tuple[SceneGraph, dict[int, int]]:
    """Return what a frame shows of a video's graph.

    Args:
        graph: The video's graph.
        name: What the frame's graph is called.
        frame: Index of the frame.
        ids: Its mask, object ids ``[H, W]``.

    Returns:
        The graph of the objects with a pixel and of the relations among them that
        hold, and old object id -> new one, counted from 1.
    """
    present = set(present_ids(ids))
    shown = [item for item in graph.objects if item.id in present]
    numbers = {item.id: number for number, item in enumerate(shown, start=1)}
    relations = [
        Relation(numbers[row.subject], row.predicate, numbers[row.object], [(0, 0)])
        for row in graph.relations
        if numbers.keys() >= {row.subject, row.object}
        and any(start <= frame <= end for start, end in row.span)
    ]
    objects = [
        SceneObject(numbers[item.id], item.category, item.is_thing) for item in shown
    ]
    return SceneGraph(name, *ids.shape, 1, objects, relations), numbers


def read_videos(args: argparse.Namespace) -> tuple[dict[str, dict], dict[str, set]]:
    """Return the videos of all splits, and the ids of each split."""
    videos: dict[str, dict] = {}
    splits = {}
    for split in args.splits:
        config = dict(type=DATASET_TYPES[args.dataset], data_root=args.data_root)
        dataset = DATASETS.build(dict(config, split=split))
        rows = [dataset.get_data_info(index) for index in range(len(dataset))]
        splits[split] = {row['video_id'] for row in rows}
        videos.update({row['video_id']: row for row in rows})
    return videos, splits


def finish(folder: Path, videos: dict[str, dict], splits: dict[str, set]) -> int:
    """Write the annotation and the lists of splits; return the number of images."""
    graphs = []
    names: dict[str, list[str]] = {split: [] for split in splits}
    for number, video_id in enumerate(videos):
        found = load_scene_graphs(part(folder, number))
        graphs += found
        for split, video_ids in splits.items():
            if video_id in video_ids:
                names[split] += [graph.video_id for graph in found]
    for split, images in names.items():
        if not images:
            raise InputError(f'split {split!r}: no frame has depth, expected some')
        lines = '\n'.join(images) + '\n'
        (folder / f'{split}.txt').write_text(lines, encoding='utf-8')
    shutil.rmtree(folder / 'parts')
    save_scene_graphs(graphs, folder / 'scene_graphs.json')
    return len(graphs)


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    out = Path(os.path.abspath(args.out))
    if args.frames < 1:
        raise InputError(f'--frames is {args.frames}, expected 1 or more')
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(f'{out}: is there already, expected a folder to make')
    videos, splits = read_videos(args)
    folder = out.with_name(f'.{out.name}-{os.getpid()}')
    try:
        folder.mkdir(parents=True)
        jobs = [
            (video_id, (number, info))
            for number, (video_id, info) in enumerate(videos.items())
        ]
        run_jobs(partial(convert, args, folder), jobs, args.workers, 'videos')
        count = finish(folder, videos, splits)
        os.replace(folder, out)
    except OSError as error:
        raise InputError(f'{out}: cannot be written ({error.strerror})') from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f'{out}: {count} images of {len(videos)} videos', file=sys.stderr)


if __name__ == '__main__':
    main()
