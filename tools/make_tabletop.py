"""Make Tabletop-4D, the simulated RGB-D world, in the layouts of published data sets.

python tools/make_tabletop.py --out data/tabletop --contact-sheet outputs/tabletop.png
python tools/make_tabletop.py --out data/tabletop --layouts psg vg ag diml --train 300

Run it again at any time: videos that are there already are kept.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.transforms import LoadDepthFrames, LoadPanopticMasks
from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.simulation.action_genome_writer import ActionGenomeWriter
from mmfourdpsg.simulation.diml_writer import DIMLWriter
from mmfourdpsg.simulation.layout_writer import LayoutWriter
from mmfourdpsg.simulation.psg4d_gta_writer import PSG4DGTAWriter
from mmfourdpsg.simulation.psg4d_hoi_writer import PSG4DHOIWriter
from mmfourdpsg.simulation.psg_writer import PSGWriter
from mmfourdpsg.simulation.relation_rules import RuleThresholds
from mmfourdpsg.simulation.settings import SimulationSettings
from mmfourdpsg.simulation.simulate import simulate_video
from mmfourdpsg.simulation.visual_genome_writer import VisualGenomeWriter
from mmfourdpsg.simulation.world import connect
from mmfourdpsg.utils import InputError, check_output_folder, exit_on_input_error
from mmfourdpsg.visualization.contact_sheet import draw_contact_sheet

# Seeds of different splits never meet: a split has a million of its own.
FIRST_SEEDS = dict(train=0, val=1_000_000, unseen=2_000_000)
# Nor do those of different layouts: 4D videos and pictures are of different scenes.
LAYOUT_SEEDS = dict(
    psg4d_gta=0,
    psg4d_hoi=3_000_000,
    psg=4_000_000,
    vg=5_000_000,
    ag=6_000_000,
    diml=7_000_000,
)
VAL_SEEDS = 500_000
VERSION = 4


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='data/tabletop', help='folder of the world')
    parser.add_argument('--train', type=int, default=100, help='training videos')
    parser.add_argument('--test', type=int, default=20, help='test videos (split val)')
    parser.add_argument(
        '--unseen',
        type=int,
        default=8,
        help='videos with held-out categories and predicates (split unseen)',
    )
    parser.add_argument(
        '--held-out',
        action='store_true',
        help='simulate every video with held-out categories or predicates',
    )
    parser.add_argument(
        '--layouts',
        nargs='+',
        choices=list(LAYOUT_SEEDS),
        default=['psg4d_gta'],
        help='layouts to write, each below a folder of its name',
    )
    parser.add_argument(
        '--stills', type=int, default=1, help='pictures of a video (psg, vg, diml)'
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the whole world')
    parser.add_argument('--width', type=int, default=192, help='columns, in pixels')
    parser.add_argument('--height', type=int, default=144, help='rows, in pixels')
    parser.add_argument('--frames', type=int, default=24, help='frames of a video')
    parser.add_argument(
        '--workers', type=int, default=os.cpu_count(), help='parallel processes'
    )
    parser.add_argument('--contact-sheet', help='PNG of a few test videos')
    return parser.parse_args()


def plan_videos(
    args: argparse.Namespace, layout: str = 'psg4d_gta'
) -> dict[str, list[tuple[str, int]]]:
    """Return split -> (video id, seed) of each of its videos.

    Split ``unseen`` is in PSG4D-GTA's layout alone.

    Raises:
        InputError: A number of videos is negative or a million, there is no video at
            all, or the seed is negative.
    """
    counts = dict(train=args.train, val=args.test, unseen=args.unseen)
    least, most = min(counts.values()), max(counts.values())
    if least < 0 or most == 0 or most >= FIRST_SEEDS['val']:
        raise InputError(
            f'--train, --test, --unseen are {list(counts.values())}, expected numbers '
            f'from 0 to {FIRST_SEEDS["val"] - 1}, one of them above 0'
        )
    if args.seed < 0:
        raise InputError(f'--seed is {args.seed}, expected 0 or more')
    if args.stills < 1:
        raise InputError(f'--stills is {args.stills}, expected 1 or more')
    names = dict(train='train', val='test', unseen='unseen')
    base = args.seed * 10_000_000 + LAYOUT_SEEDS[layout]
    if layout != 'psg4d_gta':
        if most >= VAL_SEEDS:
            raise InputError(
                f'--train, --test are {[args.train, args.test]}, expected numbers '
                f'below {VAL_SEEDS} for {layout}'
            )
        firsts = dict(train=0, val=VAL_SEEDS)
        return {
            split: [
                (f'{names[split]}_{i:04d}', base + first + i)
                for i in range(counts[split])
            ]
            for split, first in firsts.items()
            if counts[split]
        }
    return {
        split: [
            (f'{names[split]}_{i:04d}', base + FIRST_SEEDS[split] + i)
            for i in range(count)
        ]
        for split, count in counts.items()
    }


def check_sizes(args: argparse.Namespace) -> None:
    """Refuse pictures and videos in which nothing could be seen to happen.

    Raises:
        InputError: A size is too small.
    """
    for name, least in (('width', 48), ('height', 36), ('frames', 8)):
        if getattr(args, name) < least:
            raise InputError(
                f'--{name} is {getattr(args, name)}, expected {least} or more'
            )


def make_video(job: tuple) -> str:
    """Simulate and write one video; return its id.

    Raises:
        InputError: No draw of this seed is a good video at these sizes.
    """
    video_id, seed, unseen, settings, writer = job
    try:
        recording = simulate_video(video_id, seed, unseen, settings)
    except RuntimeError as error:
        raise InputError(
            f'video {video_id!r} of {settings.width} x {settings.height} pixels and '
            f'{settings.num_frames} frames: {error}'
        ) from None
    writer.write(recording)
    return video_id


def run_jobs(jobs: list, workers: int) -> Iterator[str]:
    """Yield the ids of finished videos."""
    if workers <= 1:
        yield from map(make_video, jobs)
        return
    # Fresh processes: the simulator keeps state that does not survive a fork.
    context = multiprocessing.get_context('spawn')
    with context.Pool(min(workers, len(jobs))) as pool:
        yield from pool.imap_unordered(make_video, jobs)


def simulate_all(jobs: list, workers: int) -> None:
    """Run the jobs with a line of progress now and then."""
    started = last = time.monotonic()
    for done, video_id in enumerate(run_jobs(jobs, workers), start=1):
        now = time.monotonic()
        if now - last >= 5 or done == len(jobs):
            last = now
            left = (now - started) / done * (len(jobs) - done)
            print(
                f'  {done}/{len(jobs)} videos, about {left:.0f} s to go ({video_id})',
                flush=True,
            )


def print_summary(annotation: dict) -> None:
    """Print how often each category and predicate occurs."""
    for split, video_ids in annotation['split'].items():
        rows = [row for row in annotation['data'] if row['video_id'] in set(video_ids)]
        categories = Counter(o['category'] for row in rows for o in row['object'])
        predicates = Counter(
            triplet[1]
            for row in rows
            for triplet in {tuple(r[:3]) for r in row['relations']}
        )
        print(f'{split}: {len(rows)} videos')
        for name, counts in (('objects', categories), ('relations', predicates)):
            listed = ', '.join(f'{key} {n}' for key, n in counts.most_common())
            print(f'  {sum(counts.values())} {name}: {listed}')


def draw_sheet(root: Path, splits: dict[str, list[str]], path: str) -> None:
    """Draw a few videos, as the data set class reads them."""
    split = next(name for name in ('val', 'train', 'unseen') if splits[name])
    rgb = TRANSFORMS.build(dict(type='LoadRGBFrames'))
    depth = LoadDepthFrames(dict(type='SAILVOS3DDepthDecoder'))
    masks = LoadPanopticMasks(frames='all')

    def load(results: dict) -> tuple:
        results['frame_indices'] = np.arange(results['num_frames'])
        for transform in (rgb, depth, masks):
            results = transform(results)
        return results['scene_graph'], results['rgb'], results['depth']

    dataset = PSG4DGTADataset(data_root=str(root), split=split, pipeline=[load])
    count = min(6, len(dataset))
    draw_contact_sheet([dataset[i] for i in range(count)], path)
    print(f'contact sheet of {count} videos: {path}')


@exit_on_input_error
def main() -> None:
    """Make the world."""
    args = parse_args()
    check_output_folder(args.out)
    check_sizes(args)
    connect().disconnect()
    settings = SimulationSettings(
        width=args.width, height=args.height, num_frames=args.frames
    )
    facts = dict(**asdict(settings), rules=asdict(RuleThresholds()), version=VERSION)
    if args.held_out:
        facts['held_out'] = True
    fingerprint = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    plans = {layout: plan_videos(args, layout) for layout in args.layouts}
    for layout, plan in plans.items():
        make_layout(layout, plan, fingerprint, settings, args)


def make_layout(
    layout: str,
    plan: dict[str, list[tuple[str, int]]],
    fingerprint: str,
    settings: SimulationSettings,
    args: argparse.Namespace,
) -> None:
    """Simulate and write the videos of one layout."""
    root = Path(args.out) / layout
    writers = {
        split: make_writer(layout, root, split, fingerprint, args) for split in plan
    }
    jobs = [
        (video_id, seed, args.held_out or split == 'unseen', settings, writers[split])
        for split, videos in plan.items()
        for video_id, seed in videos
        if not writers[split].has(video_id, seed)
    ]
    total = sum(len(videos) for videos in plan.values())
    print(f'{root}: {total} videos, {total - len(jobs)} of them there already')
    if jobs:
        simulate_all(jobs, args.workers)
    splits = {name: [video_id for video_id, _ in rows] for name, rows in plan.items()}
    if layout == 'diml':
        for split, writer in writers.items():
            writer.finish({split: splits[split]})
        return
    annotation = next(iter(writers.values())).finish(splits)
    if layout == 'psg4d_gta':
        print_summary(annotation)
        if args.contact_sheet:
            draw_sheet(root, splits, args.contact_sheet)


def make_writer(
    layout: str, root: Path, split: str, fingerprint: str, args: argparse.Namespace
) -> LayoutWriter:
    """Return the writer of a split of a layout."""
    stills = dict(num_frames=args.frames, stills=args.stills)
    if layout == 'diml':
        folder = dict(val='test').get(split, split)
        return DIMLWriter(root, fingerprint, split=folder, **stills)
    if layout in ('psg', 'vg'):
        kind = dict(psg=PSGWriter, vg=VisualGenomeWriter)[layout]
        return kind(root, fingerprint, **stills)
    kinds = dict(
        psg4d_gta=PSG4DGTAWriter, psg4d_hoi=PSG4DHOIWriter, ag=ActionGenomeWriter
    )
    return kinds[layout](root, fingerprint)


if __name__ == '__main__':
    main()
