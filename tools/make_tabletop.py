"""Make Tabletop-4D, the simulated RGB-D world, in the layouts of published data sets.

python tools/make_tabletop.py --out data/tabletop --contact-sheet outputs/tabletop.png
python tools/make_tabletop.py --out data/tabletop --layouts psg vg ag diml --train 300

Run it again at any time: videos that are there already are kept.
"""

import argparse
import os
from pathlib import Path

from mmfourdpsg.simulation.make_layout import make_layout
from mmfourdpsg.simulation.plan import LAYOUTS, WorldPlan
from mmfourdpsg.simulation.settings import SimulationSettings
from mmfourdpsg.simulation.summary import example_videos, label_summary
from mmfourdpsg.simulation.world import connect
from mmfourdpsg.utils import check_output_folder, exit_on_input_error
from mmfourdpsg.visualization.contact_sheet import draw_contact_sheet


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
    check_output_folder(args.out)
    plan = WorldPlan(
        args.train,
        args.test,
        args.unseen,
        layouts=args.layouts,
        seed=args.seed,
        held_out=args.held_out,
        num_images=args.images,
        settings=SimulationSettings(
            width=args.width, height=args.height, num_frames=args.frames
        ),
    )
    # Without the simulator nothing is begun.
    connect().disconnect()
    for layout in args.layouts:
        root = Path(args.out) / layout
        annotation = make_layout(plan, layout, root, args.workers)
        if layout == 'psg4d_gta':
            print(label_summary(annotation))
            if args.contact_sheet:
                draw_sheet(root, annotation['split'], args.contact_sheet)


if __name__ == '__main__':
    main()
