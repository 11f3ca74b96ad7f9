"""Time and memory of the strict evaluation, against a dense implementation.

python tools/analysis_tools/benchmark_evaluation.py [--videos 100] [--out FILE]

Videos are made up: 300 frames of 480 x 360 pixels, 20 objects that drift, 30 relations
and 100 predictions each. The dense implementation decodes, for each prediction and each
relation of the same labels, both pairs of masks of every frame. It is run on a few
videos, for which the times of both are compared.
"""

import argparse
import json
import time
import tracemalloc
from pathlib import Path

import cv2
import numpy as np

from mmfourdpsg.evaluation.functional import match_strict
from mmfourdpsg.evaluation.functional.relation_match import rank_relations
from mmfourdpsg.evaluation.labels import relation_labels
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.structures.span import merge_ranges
from mmfourdpsg.utils import atomic_write, check_output_file, exit_on_input_error

PREDICATES = [f'predicate {i}' for i in range(6)]
CATEGORIES = 5
VOCABULARIES = (1, 2, 3, 5, 10)


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--videos', type=int, default=100)
    parser.add_argument('--dense-videos', type=int, default=2)
    parser.add_argument('--frames', type=int, default=300)
    parser.add_argument('--height', type=int, default=360)
    parser.add_argument('--width', type=int, default=480)
    parser.add_argument('--objects', type=int, default=20)
    parser.add_argument('--relations', type=int, default=30)
    parser.add_argument('--predictions', type=int, default=100)
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def make_video(
    args: argparse.Namespace, seed: int, num_categories: int
) -> tuple[SceneGraph, SceneGraph]:
    """Return ground truth and prediction of a video."""
    random = np.random.default_rng(seed)
    shape = args.height, args.width
    categories = [f'category {i}' for i in range(num_categories)]
    named = [categories[i] for i in random.integers(num_categories, size=args.objects)]
    starts = random.uniform(0.1, 0.9, (args.objects, 2)) * shape
    speeds = random.normal(0, 0.4, (args.objects, 2))
    radii = random.integers(8, 60, (args.objects, 2))
    graphs = []
    for jitter, count in ((0, args.relations), (4, args.predictions)):
        objects = []
        for i in range(args.objects):
            masks = {}
            for frame in range(args.frames):
                row, column = (
                    starts[i] + frame * speeds[i] + random.normal(0, jitter, 2)
                )
                mask = np.zeros(shape, np.uint8)
                center = int(column) % args.width, int(row) % args.height
                cv2.ellipse(mask, center, radii[i].tolist(), 0, 0, 360, 1, -1)
                masks[frame] = mask.astype(bool)
            tube = MaskTube.from_masks(masks, *shape)
            objects.append(SceneObject(i, named[i], tube=tube))
        relations = []
        for rank in range(count):
            subject, other = random.choice(args.objects, 2, replace=False)
            first, last = np.sort(random.integers(0, args.frames, 2))
            predicate = PREDICATES[random.integers(len(PREDICATES))]
            span = [(int(first), int(last))]
            score = 1 - rank / count
            relations.append(Relation(int(subject), predicate, int(other), span, score))
        graphs.append(SceneGraph(f'{seed}', *shape, args.frames, objects, relations))
    return graphs[0], graphs[1]


def matching_pairs(wanted: SceneGraph, found: SceneGraph) -> int:
    """Return how many predictions and relations have the same labels."""
    rows = [relation_labels(wanted, row) for row in wanted.relations]
    return sum(rows.count(relation_labels(found, row)) for row in found.relations)


def match_densely(wanted: SceneGraph, found: SceneGraph) -> list[int | None]:
    """Match as the strict protocol does, by decoding masks pair by pair."""
    ranks: list[int | None] = [None] * len(wanted.relations)
    for rank, row in enumerate(rank_relations(found)):
        best, best_overlap = None, 0.5
        for index, other in enumerate(wanted.relations):
            if ranks[index] is not None:
                continue
            if relation_labels(found, row) != relation_labels(wanted, other):
                continue
            overlap = min(
                _dense_iou(
                    wanted.object_by_id(getattr(other, role)).tube,
                    other.span,
                    found.object_by_id(getattr(row, role)).tube,
                    row.span,
                )
                for role in ('subject', 'object')
            )
            if overlap > best_overlap or (best is None and overlap == best_overlap):
                best, best_overlap = index, overlap
        if best is not None:
            ranks[best] = rank
    return ranks


def _dense_iou(first: MaskTube, span: list, second: MaskTube, other: list) -> float:
    intersection = union = 0
    for start, end in merge_ranges([*span, *other]):
        for frame in range(start, end + 1):
            a, b = (
                tube.decode(frame)
                if any(low <= frame <= high for low, high in rows)
                else np.zeros((tube.height, tube.width), bool)
                for tube, rows in ((first, span), (second, other))
            )
            intersection += np.count_nonzero(a & b)
            union += np.count_nonzero(a | b)
    return intersection / union if union else 0.0


def compare_with_dense(args: argparse.Namespace) -> dict[str, float]:
    """Return the seconds of both on the same videos, and their ratio."""
    seconds = dict(strict=0.0, dense=0.0)
    # Imports and caches of the first call are no part of a video.
    small = argparse.Namespace(**{**vars(args), 'frames': 4})
    for match in (match_strict, match_densely):
        match(*make_video(small, 0, CATEGORIES))
    for seed in range(args.dense_videos):
        wanted, found = make_video(args, seed, CATEGORIES)
        ranks = {}
        for name, match in (
            ('strict', lambda *pair: match_strict(*pair).ranks),
            ('dense', match_densely),
        ):
            start = time.perf_counter()
            ranks[name] = match(wanted, found)
            seconds[name] += time.perf_counter() - start
        if ranks['strict'] != ranks['dense']:
            raise RuntimeError(f'video {seed}: {ranks}')
        print(f'dense video {seed + 1} of {args.dense_videos}', flush=True)
    return dict(seconds, ratio=seconds['dense'] / seconds['strict'])


def measure_many(args: argparse.Namespace) -> dict[str, list[float]]:
    """Return megabytes beside the graphs, at most and kept, after each video."""
    peaks, kept, results = [], [], []
    for seed in range(args.videos):
        wanted, found = make_video(args, seed, CATEGORIES)
        tracemalloc.start()
        results.append(match_strict(wanted, found).ranks)
        now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        peaks.append(peak / 1e6)
        kept.append(now / 1e6)
        if (seed + 1) % 10 == 0:
            print(f'video {seed + 1} of {args.videos}', flush=True)
    return dict(peak=peaks, kept=kept)


def measure_pairs(args: argparse.Namespace) -> list[dict[str, float]]:
    """Return pairs of equal labels and seconds, for vocabularies of several sizes."""
    rows = []
    for number in VOCABULARIES:
        pairs = seconds = 0.0
        for seed in range(args.dense_videos):
            wanted, found = make_video(args, seed, number)
            pairs += matching_pairs(wanted, found)
            start = time.perf_counter()
            match_strict(wanted, found)
            seconds += time.perf_counter() - start
        rows.append(dict(categories=number, pairs=pairs, seconds=seconds))
        print(f'{number} categories', flush=True)
    return rows


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    check_output_file(args.out)
    dense = compare_with_dense(args)
    pairs = measure_pairs(args)
    memory = measure_many(args)
    print(
        f'\n{args.dense_videos} videos: dense {dense["dense"]:.2f} s, strict '
        f'{dense["strict"]:.4f} s, ratio {dense["ratio"]:.0f}'
    )
    print(f'{"categories":>10}{"pairs":>9}{"seconds":>10}{"ms a pair":>11}')
    for row in pairs:
        each = 1e3 * row['seconds'] / max(row['pairs'], 1)
        print(
            f'{row["categories"]:>10}{row["pairs"]:>9.0f}{row["seconds"]:>10.4f}'
            f'{each:>11.3f}'
        )
    tenth = max(args.videos // 10, 1)
    first, last = (
        float(np.mean(memory['peak'][part]))
        for part in (slice(tenth), slice(-tenth, None))
    )
    print(
        f'{args.videos} videos: at most {max(memory["peak"]):.2f} MB beside graphs; '
        f'mean of the first tenth {first:.2f} MB, of the last {last:.2f} MB; kept '
        f'{1e3 * sum(memory["kept"]) / args.videos:.1f} kB a video'
    )
    if args.out:
        with atomic_write(Path(args.out)) as path:
            content = dict(options=vars(args), dense=dense, pairs=pairs, memory=memory)
            path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
