"""Time and memory of indexing Visual Genome, on generated files of its size.

python tools/analysis_tools/benchmark_dataset_index.py [--images 108077] [--out FILE]

The files have 21 objects and 16 relations an image on average, with the fields that the
published ones have: about a gigabyte. Measured are the seconds until the data set is
ready and the memory of the process, and what a worker adds that reads every record.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets import VisualGenomeDataset
from mmfourdpsg.utils import atomic_write, check_output_file, exit_on_input_error

NAMES = [f'object name {i}' for i in range(5000)]
PREDICATES = [f'predicate {i}' for i in range(1000)]


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--images', type=int, default=108_077)
    parser.add_argument('--objects', type=int, default=21, help='objects an image')
    parser.add_argument('--relations', type=int, default=16, help='relations an image')
    parser.add_argument('--data-root', help='keep the files there and use them again')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def make_files(root: Path, args: argparse.Namespace) -> None:
    """Write the three files of Visual Genome, an image at a time."""
    random = np.random.default_rng(0)
    url = 'https://cs.stanford.edu/people/rak248/VG_100K_2/{}.jpg'
    names = ('image_data', 'objects', 'relationships')
    with ExitStack() as stack:
        # The list of images last: it says that all are there.
        paths = [
            stack.enter_context(atomic_write(root / f'{name}.json')) for name in names
        ]
        files = [
            stack.enter_context(open(path, 'w', encoding='utf-8')) for path in paths
        ]
        for image in range(args.images):
            rows = make_image(random, image, url.format(image), args)
            for file, row in zip(files, rows, strict=True):
                file.write(('[' if image == 0 else ',\n') + json.dumps(row))
        for file in files:
            file.write(']')


def make_image(
    random: np.random.Generator, image: int, url: str, args: argparse.Namespace
) -> tuple[dict, dict, dict]:
    """Return an image's record in each file."""
    boxes = random.integers(0, 400, (args.objects, 4)).tolist()
    names = random.integers(0, len(NAMES), args.objects)
    objects = [
        dict(
            synsets=['thing.n.01'],
            object_id=1_000_000 + image * args.objects + i,
            names=[NAMES[name]],
            merged_object_ids=[],
            **dict(zip('xywh', box, strict=True)),
        )
        for i, (box, name) in enumerate(zip(boxes, names, strict=True))
    ]
    relations = []
    for i, (subject, other) in enumerate(
        random.integers(0, args.objects, (args.relations, 2))
    ):
        predicate = PREDICATES[random.integers(len(PREDICATES))]
        relations.append(
            dict(
                predicate=predicate,
                object=objects[other],
                relationship_id=15_000 + image * args.relations + i,
                synsets=['on.r.01'],
                subject=objects[subject],
            )
        )
    return (
        dict(width=800, height=600, url=url, image_id=image, coco_id=None),
        dict(image_id=image, objects=objects, image_url=url),
        dict(relationships=relations, image_id=image),
    )


def own_memory() -> float:
    """Return the megabytes that this process shares with no other."""
    rows = Path('/proc/self/smaps_rollup').read_text(encoding='utf-8').splitlines()
    kilobytes = [int(row.split()[1]) for row in rows if row.startswith('Private_')]
    return sum(kilobytes) / 1e3


def peak_memory() -> float:
    """Return the most megabytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def read_all(dataset: VisualGenomeDataset, results: multiprocessing.Queue) -> None:
    """Read every record, as a worker does in an epoch, and tell what it took."""
    before, start = own_memory(), time.perf_counter()
    for index in range(len(dataset)):
        dataset.get_data_info(index)
    results.put((own_memory() - before, time.perf_counter() - start))


def measure(root: str, results: multiprocessing.Queue) -> None:
    """Build the data set in a process of its own, and fork a worker."""
    before = peak_memory()
    start = time.perf_counter()
    dataset = VisualGenomeDataset(data_root=root)
    seconds, peak = time.perf_counter() - start, peak_memory()
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    worker = context.Process(target=read_all, args=(dataset, queue))
    worker.start()
    added, reading = queue.get()
    worker.join()
    results.put(
        dict(
            images=len(dataset),
            seconds=seconds,
            peak_megabytes=peak,
            megabytes_before=before,
            index_megabytes=dataset.data_bytes.nbytes / 1e6,
            worker_megabytes=added,
            worker_records_a_second=len(dataset) / reading,
        )
    )


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    check_output_file(args.out)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(args.data_root or folder)
        if not (root / 'image_data.json').exists():
            print(f'writing {args.images} images to {root}', flush=True)
            make_files(root, args)
        size = sum(path.stat().st_size for path in root.glob('*.json')) / 1e6
        context = multiprocessing.get_context('spawn')
        queue = context.Queue()
        process = context.Process(target=measure, args=(str(root), queue))
        process.start()
        figures = dict(queue.get(), file_megabytes=size)
        process.join()
    for key, value in figures.items():
        print(f'{key.replace("_", " "):>26} {value:,.1f}')
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
