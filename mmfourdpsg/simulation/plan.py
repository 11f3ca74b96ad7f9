"""Plan of a world: its videos, their seeds, and a fingerprint of all else."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmfourdpsg.utils import InputError

from .edition import TABLETOP, Edition

# Seeds of different splits never meet: a split has a million of its own.
FIRST_SEEDS = dict(train=0, val=1_000_000, unseen=2_000_000)
# Nor do those of different layouts: 4D videos and images are of different scenes.
LAYOUT_SEEDS = dict(
    psg4d_gta=0,
    psg4d_hoi=3_000_000,
    psg=4_000_000,
    vg=5_000_000,
    ag=6_000_000,
    diml=7_000_000,
)
LAYOUTS = tuple(LAYOUT_SEEDS)
VAL_SEEDS = 500_000

PREFIXES = dict(train='train', val='test', unseen='unseen')
"""Split -> beginning of the ids of its videos."""


@dataclass(frozen=True)
class WorldPlan:
    """What a world shall hold.

    Attributes:
        train: Number of training videos of a layout.
        test: Number of its test videos, split ``val``.
        unseen: Number of videos with held-out categories and predicates, split
            ``unseen``, which is in PSG4D-GTA's layout alone.
        layouts: Layouts to write, of :data:`LAYOUTS`.
        seed: Seed of the whole world.
        held_out: Whether every video has held-out categories or predicates.
        num_images: Images of a video, in layouts of images.
        edition: The edition of the videos.

    Raises:
        InputError: There is no video, a number is out of its range, or images and
            videos are so small that nothing could be seen to happen.
    """

    train: int
    test: int
    unseen: int
    layouts: Sequence[str] = ('psg4d_gta',)
    seed: int = 0
    held_out: bool = False
    num_images: int = 1
    edition: Edition = TABLETOP

    def __post_init__(self) -> None:
        sizes = self.edition.settings
        for name, size, least in (
            ('width', sizes.width, 48),
            ('height', sizes.height, 36),
            ('frames', sizes.num_frames, 8),
        ):
            if size < least:
                raise InputError(f'--{name} is {size}, expected {least} or more')
        counts = list(self.counts.values())
        if min(counts) < 0 or not 0 < max(counts) < FIRST_SEEDS['val']:
            raise InputError(
                f'--train, --test, --unseen are {counts}, expected numbers '
                f'from 0 to {FIRST_SEEDS["val"] - 1}, one of them above 0'
            )
        if self.seed < 0:
            raise InputError(f'--seed is {self.seed}, expected 0 or more')
        if self.num_images < 1:
            raise InputError(f'--images is {self.num_images}, expected 1 or more')
        for layout in self.layouts:
            if layout != 'psg4d_gta' and max(counts) >= VAL_SEEDS:
                raise InputError(
                    f'--train, --test are {[self.train, self.test]}, expected numbers '
                    f'below {VAL_SEEDS} for {layout}'
                )

    @property
    def counts(self) -> dict[str, int]:
        """Split -> number of its videos."""
        return dict(train=self.train, val=self.test, unseen=self.unseen)

    def videos(self, layout: str) -> dict[str, list[tuple[str, int]]]:
        """Return split -> (video id, seed) of each of its videos.

        PSG4D-GTA's layout has all splits, empty or not, others those with videos.
        """
        splits = self.counts
        firsts = FIRST_SEEDS
        if layout != 'psg4d_gta':
            firsts = dict(train=0, val=VAL_SEEDS)
            splits = {split: splits[split] for split in firsts if splits[split]}
        base = self.seed * 10_000_000 + LAYOUT_SEEDS[layout]
        suffix = self.edition.suffix
        # Other layouts have splits of their own names.
        end = suffix if layout == 'psg4d_gta' else ''
        return {
            f'{split}{end}': [
                (f'{PREFIXES[split]}{suffix}_{i:04d}', base + firsts[split] + i)
                for i in range(count)
            ]
            for split, count in splits.items()
        }

    def fingerprint(self) -> str:
        """Return a digest of what a video depends on besides its seed."""
        return self.edition.fingerprint(self.held_out)
