"""Find scene graphs of recordings: python tools/infer.py --rgb DIR --out DIR."""

import argparse
import time
from pathlib import Path

from mmfourdpsg.apis import (
    Recording,
    RecordingList,
    SceneGraphInferencer,
    check_request,
)
from mmfourdpsg.apis.result_files import RESULTS
from mmfourdpsg.datasets.frame_readers import TIME_TOLERANCE
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError, check_output_folder, exit_on_input_error
from mmfourdpsg.visualization import LeastScores

DEFAULT_CONFIG = Path(__file__).resolve().parents[1] / 'configs/4dllm/tabletop/step1.py'


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description='Find the 4D panoptic scene graph of a recording. Writes '
        'graph.json, overlay.mp4 and viewer.html, a page for any browser.'
    )
    parser.add_argument(
        '--rgb',
        required=True,
        nargs='+',
        help='directory of images, or a video file; of several each gets a folder of '
        'its own below that of --out',
    )
    parser.add_argument(
        '--depth',
        nargs='+',
        help='directory of depth maps, one an RGB frame with the same number in its '
        'name: 16-bit or float images, or .npy or .npz files; without it the depth '
        'branch is not used; of several recordings, one each',
    )
    parser.add_argument(
        '--depth-scale',
        type=float,
        help='stored units a metre, whatever the kind of file (default: 1000, '
        'millimetres, for whole numbers, and 1 for floats)',
    )
    parser.add_argument(
        '--time-tolerance',
        type=float,
        default=TIME_TOLERANCE,
        help='seconds by which RGB and depth files that are named by times may differ '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--batch-size',
        type=int,
        default=1,
        help='how many of several recordings the model takes at once '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--stream',
        action='store_true',
        help='print objects, pairs, relations and times as soon as each is known',
    )
    parser.add_argument(
        '--fps', type=float, help="frames a second (default: the video's own, or 8)"
    )
    parser.add_argument(
        '--config', default=DEFAULT_CONFIG, help='config file (default: %(default)s)'
    )
    parser.add_argument(
        '--checkpoint',
        help="checkpoint file (default: the last one in the config's work_dir, else "
        'the one that comes with the config)',
    )
    parser.add_argument(
        '--untrained',
        action='store_true',
        help='load no checkpoint: random weights, to try the tool out',
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='seed of answers that are sampled'
    )
    parser.add_argument(
        '--score-threshold',
        type=float,
        nargs='+',
        metavar='SCORE',
        help='least score of what overlay and page show at first, for objects and '
        "relations or one for each (default: the config's); graph.json has everything",
    )
    parser.add_argument('--out', required=True, help='folder for the results')
    parser.add_argument(
        '--device', help='such as cpu or cuda:1 (default: the GPU where there is one)'
    )
    return parser.parse_args()


def read_least_scores(values: list[float] | None) -> LeastScores | None:
    """Return what the command line asks to show; None where it does not.

    Raises:
        InputError: There are more than two numbers.
    """
    if values is None:
        return None
    if len(values) > 2:
        raise InputError(f'--score-threshold {values}: expected one number or two')
    return LeastScores(values[0], values[-1])


@exit_on_input_error
def main() -> None:
    """Infer."""
    start = time.perf_counter()
    args = parse_args()
    least_scores = read_least_scores(args.score_threshold)
    if len(args.rgb) > 1 or len(args.depth or []) > 1:
        infer_several(args, least_scores)
        return
    (rgb,), (depth,) = args.rgb, args.depth or [None]
    check_batch_size(args.batch_size)
    check_request(args.out, args.seed, least_scores)
    inferencer = SceneGraphInferencer(
        args.config, args.checkpoint, args.device, args.untrained, build=False
    )
    recording = Recording(rgb, depth, args.depth_scale, args.fps, args.time_tolerance)
    recording.tell()
    announce(f'{rgb}: looking for its scene graph', inferencer)
    if args.stream:
        request = recording, args.out, args.seed, least_scores
        graph = print_stages(inferencer, request, start)
    else:
        graph = inferencer.infer(recording, args.out, args.seed, least_scores)
    print(summary(graph, least_scores or inferencer.least_scores))
    for name in RESULTS:
        print(f'  {Path(args.out) / name}')


def infer_several(args: argparse.Namespace, least_scores: LeastScores | None) -> None:
    """Infer several recordings.

    Args:
        args: The command line.
        least_scores: What it asks to show.

    Raises:
        InputError: The command line does not fit several, or some were left out.
    """
    depth = args.depth or [None] * len(args.rgb)
    if len(depth) != len(args.rgb):
        raise InputError(
            f'--depth has {len(depth)} paths, expected {len(args.rgb)} as --rgb or none'
        )
    if args.stream:
        raise InputError(f'--stream: {len(args.rgb)} recordings, expected one')
    check_batch_size(args.batch_size)
    check_request(None, args.seed, least_scores)
    check_output_folder(args.out)
    inferencer = SceneGraphInferencer(
        args.config, args.checkpoint, args.device, args.untrained, build=False
    )
    requests = [
        dict(rgb=rgb, depth=maps) for rgb, maps in zip(args.rgb, depth, strict=True)
    ]
    options = dict(
        depth_scale=args.depth_scale,
        fps=args.fps,
        time_tolerance=args.time_tolerance,
    )
    listed = RecordingList(requests, options, args.out, keep_errors=True)
    if listed.recordings:
        announce(
            f'{len(listed.recordings)} recordings: looking for their scene graphs',
            inferencer,
        )
    found = inferencer.infer_list(listed, args.seed, least_scores, args.batch_size)
    least = least_scores or inferencer.least_scores
    for index, graph in enumerate(found):
        if isinstance(graph, SceneGraph):
            print(f'{listed.folders[index]}: {summary(graph, least)}')
    if listed.errors:
        error = listed.errors[min(listed.errors)]
        raise InputError(
            f'{len(listed.errors)} of {len(requests)} recordings were left out: {error}'
        )


def announce(what: str, inferencer: SceneGraphInferencer) -> None:
    """Print what is going to be done."""
    with_what = inferencer.checkpoint or 'an untrained model'
    print(f'{what} with {with_what} ({inferencer.device})', flush=True)


def print_stages(
    inferencer: SceneGraphInferencer, request: tuple, start: float
) -> SceneGraph:
    """Print what is found as it is known; return the graph.

    Args:
        inferencer: Finds it.
        request: Arguments of :meth:`SceneGraphInferencer.infer`.
        start: When the command began, by :func:`time.perf_counter`, in seconds.
    """
    before = None
    for stage in inferencer.infer_stages(*request):
        seconds = time.perf_counter() - start
        print(f'{seconds:7.1f} s  {stage.number} of {stage.num_stages}: {stage.name}')
        for line in stage.news(before):
            print(f'{"":11}{line}')
        print(end='', flush=True)
        before = stage
    return before.graph


def summary(graph: SceneGraph, least_scores: LeastScores) -> str:
    """Return a line on what was found, and how much of it is shown at first."""
    shown = least_scores.select(graph)
    return (
        f'{len(graph.objects)} objects and {len(graph.relations)} relations in '
        f'{graph.num_frames} frames, of which {len(shown.objects)} and '
        f'{len(shown.relations)} are sure enough to be shown'
    )


def check_batch_size(size: int) -> None:
    """Refuse a batch of nothing.

    Raises:
        InputError: It is none.
    """
    if size < 1:
        raise InputError(f'--batch-size {size}: expected at least 1')


if __name__ == '__main__':
    main()
