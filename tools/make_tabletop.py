"""Make Tabletop-4D, the simulated RGB-D world, in the layouts of published data sets.

python tools/make_tabletop.py --out data/tabletop --contact-sheet outputs/tabletop.png
python tools/make_tabletop.py --out data/tabletop --layouts psg vg ag diml --train 300
python tools/make_tabletop.py --clutter --out data/tabletop_clutter

Run it again at any time: videos that are there already are kept.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from mmfourdpsg.simulation.edition import CLUTTER, TABLETOP
from mmfourdpsg.simulation.make_layout import make_layout
from mmfourdpsg.simulation.plan import LAYOUTS, WorldPlan
from mmfourdpsg.simulation.summary import example_videos, label_summary, world_summary
from mmfourdpsg.simulation.world import connect
from mmfourdpsg.utils import check_output_folder, exit_on_input_error
from mmfourdpsg.visualization.contact_sheet import draw_contact_sheet


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--out',
        help='folder of the world (default: data/tabletop, data/tabletop_clutter)',
    )
    parser.add_argument(
        '--clutter',
        action='store_true',
        help='the first, harder edition: many small things (splits train_clutter, '
        'val_clutter, unseen_clutter)',
    )
    parser.add_argument('--train', type=int, default=200, help='training videos')
    parser.add_argument('--test', type=int, default=60, help='test videos (split val)')
    parser.add_argument(
        '--unseen',
        type=int,
        default=20,
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
        choices=LAYOUTS,
        default=['psg4d_gta'],
        help='layouts to write, each below a folder of its name',
    )
    parser.add_argument(
        '--images', type=int, default=1, help='images of a video (psg, vg, diml)'
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the whole world')
    parser.add_argument('--width', type=int, default=192, help='columns, in pixels')
    parser.add_argument('--height', type=int, default=144, help='rows, in pixels')
    parser.add_argument('--frames', type=int, default=24, help='frames of a video')
    parser.add_argument(
        '--workers', type=int, default=os.cpu_count(), help='parallel processes'
    )
    parser.add_argument(
        '--statistics',
        action='store_true',
        help='print how large things are, and how relations hold, in each split',
    )
    parser.add_argument('--contact-sheet', help='PNG of a few test videos')
    return parser.parse_args()


def draw_sheet(root: Path, splits: dict[str, list[str]], path: str) -> None:
    """Draw a few videos."""
    videos = example_videos(root, splits)
    draw_contact_sheet(videos, path)
    print(f'contact sheet of {len(videos)} videos: {path}')


@exit_on_input_error
def main() -> None:
    """Make the world."""
    args = parse_args()
    edition = CLUTTER if args.clutter else TABLETOP
    sizes = dict(width=args.width, height=args.height, num_frames=args.frames)
    edition = replace(edition, settings=replace(edition.settings, **sizes))
    out = Path(args.out or f'data/tabletop{edition.suffix}')
    check_output_folder(out)
    plan = WorldPlan(
        args.train,
        args.test,
        args.unseen,
        layouts=args.layouts,
        seed=args.seed,
        held_out=args.held_out,
        num_images=args.images,
        edition=edition,
    )
    # Without the simulator nothing is begun.
    connect().disconnect()
    for layout in args.layouts:
        root = out / layout
        annotation = make_layout(plan, layout, root, args.workers)
        if layout == 'psg4d_gta':
            print(label_summary(annotation))
            if args.statistics:
                print(world_summary(root, annotation['split']))
            if args.contact_sheet:
                draw_sheet(root, annotation['split'], args.contact_sheet)


if __name__ == '__main__':
    main()
