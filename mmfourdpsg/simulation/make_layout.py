"""Simulation of a world's videos, in parallel, into one layout."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mmfourdpsg.utils import InputError

from .action_genome_writer import ActionGenomeWriter
from .diml_writer import DIMLWriter
from .edition import Edition
from .layout_writer import LayoutWriter
from .plan import WorldPlan
from .psg4d_gta_writer import PSG4DGTAWriter
from .psg4d_hoi_writer import PSG4DHOIWriter
from .psg_writer import PSGWriter
from .simulate import simulate_video
from .visual_genome_writer import VisualGenomeWriter


class VideoJob(NamedTuple):
    """A video to simulate and write, by whatever process.

    Attributes:
        video_id: Its name.
        seed: Its seed.
        unseen: Whether it shall have held-out categories or predicates.
        edition: The world that it is of.
        writer: What writes it.
    """

    video_id: str
    seed: int
    unseen: bool
    edition: Edition
    writer: LayoutWriter


def make_layout(
    plan: WorldPlan, layout: str, root: Path, workers: int
) -> dict | list | None:
    """Simulate and write the videos of one layout; those that are there are kept.

    Lines about the progress are printed.

    Args:
        plan: The world.
        layout: One of its layouts.
        root: The layout's folder.
        workers: Parallel processes.

    Returns:
        The annotation's content; None for DIML, which has one a split.

    Raises:
        InputError: A video cannot be made at these sizes.
    """
    videos = plan.videos(layout)
    writers = {split: make_writer(plan, layout, root, split) for split in videos}
    jobs = [
        VideoJob(
            video_id,
            seed,
            plan.held_out or split.startswith('unseen'),
            plan.edition,
            writers[split],
        )
        for split, rows in videos.items()
        for video_id, seed in rows
        if not writers[split].has(video_id, seed)
    ]
    total = sum(len(rows) for rows in videos.values())
    print(f'{root}: {total} videos, {total - len(jobs)} of them there already')
    if jobs:
        _simulate_all(jobs, workers)
    splits = {split: [name for name, _ in rows] for split, rows in videos.items()}
    if layout == 'diml':
        for split, writer in writers.items():
            writer.finish({split: splits[split]})
        return None
    return next(iter(writers.values())).finish(splits)


def make_writer(plan: WorldPlan, layout: str, root: Path, split: str) -> LayoutWriter:
    """Return the writer of a split of a layout."""
    fingerprint = plan.fingerprint()
    sizes = dict(
        num_frames=plan.edition.settings.num_frames, num_images=plan.num_images
    )
    if layout == 'diml':
        folder = dict(val='test').get(split, split)
        return DIMLWriter(root, fingerprint, split=folder, **sizes)
    if layout in ('psg', 'vg'):
        kind = dict(psg=PSGWriter, vg=VisualGenomeWriter)[layout]
        return kind(root, fingerprint, **sizes)
    kinds = dict(
        psg4d_gta=PSG4DGTAWriter, psg4d_hoi=PSG4DHOIWriter, ag=ActionGenomeWriter
    )
    return kinds[layout](root, fingerprint)


def make_video(job: VideoJob) -> str:
    """Simulate and write one video; return its id.

    Raises:
        InputError: No sample of this seed is a good video at these sizes.
    """
    settings = job.edition.settings
    try:
        recording = simulate_video(job.video_id, job.seed, job.unseen, job.edition)
    except RuntimeError as error:
        raise InputError(
            f'video {job.video_id!r} of {settings.width} x {settings.height} pixels '
            f'and {settings.num_frames} frames: {error}'
        ) from None
    job.writer.write(recording)
    return job.video_id


def run_jobs(jobs: Sequence[VideoJob], workers: int) -> Iterator[str]:
    """Yield the ids of finished videos."""
    if workers <= 1:
        yield from map(make_video, jobs)
        return
    # Fresh processes: the simulator keeps state that does not survive a fork.
    context = multiprocessing.get_context('spawn')
    with context.Pool(min(workers, len(jobs))) as pool:
        yield from pool.imap_unordered(make_video, jobs)


def _simulate_all(jobs: Sequence[VideoJob], workers: int) -> None:
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
