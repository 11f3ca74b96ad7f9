"""Data set DIML (Cho et al., 2021): pairs of RGB and depth."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.utils import InputError

from .scene_graph_video_dataset import SceneGraphVideoDataset

# Path of an image below the data root -> that of its depth.
PAIRS = (
    (r'(.*/)?color/(.+)_c\.png', r'\1depth_filled/\2_depth_filled.png'),
    (r'(.*/)?outleft/(.+\.png)', r'\1depthmap/\2'),
    (r'(.*/)?col/(.+)_c\.png', r'\1up_png/\2_ud.png'),
)


@DATASETS.register_module()
class DIMLDataset(SceneGraphVideoDataset):
    """DIML: indoor and outdoor images with depth, and without scene graphs.

    There is no annotation; the pairs are found by their names. Of the sample release:
    ``indoor/<split>/<HR|LR>/<scene>/color/*_c.png`` with
    ``depth_filled/*_depth_filled.png`` and ``outdoor/<split>/<HR|LR>/outleft/*.png``
    with ``depthmap/``; of the full one ``col/*_c.png`` with ``up_png/*_ud.png``. Depth
    is 16-bit PNG in millimetres, 0 = unknown. ``depth_vi`` holds coloured images of
    depth and is not looked at.

    A video of one frame is called by its image's path. Splits are folders of a
    path, ``train`` and ``test``, and ``all``.

    Args:
        pairs: Rules, each a pattern of an image's path and the path of its depth; the
            first that matches the whole path holds.
        resolution: ``HR`` or ``LR`` takes only paths with that folder; None all.
        num_pairs: How many pairs to sample at random, each at most once; None takes
            all, and so does a number that is larger than that of the pairs, which a
            warning tells.
        draw_seed: Seed of that sample, which depends on it and on the names of the
            files alone; the order is that of the paths.
        **kwargs: As for :class:`SceneGraphVideoDataset`.

    Raises:
        InputError: An image has no depth, there is no pair, or ``num_pairs`` is not
            positive.
    """

    source = 'https://dimlrgbd.github.io'
    prefixes = dict(rgb=('',), depth=('',))
    readers = dict(depth_decoder=dict(type='MetricDepthDecoder'))

    def __init__(
        self,
        *args: Any,
        pairs: Sequence[tuple[str, str]] = PAIRS,
        resolution: str | None = None,
        num_pairs: int | None = None,
        draw_seed: int = 0,
        **kwargs: Any,
    ) -> None:
        if num_pairs is not None and num_pairs < 1:
            raise InputError(f'num_pairs is {num_pairs}, expected 1 or more, or None')
        self.pairs = [(re.compile(image), depth) for image, depth in pairs]
        self.resolution = resolution
        self.num_pairs = num_pairs
        self.draw_seed = draw_seed
        super().__init__(*args, **kwargs)

    def read_entries(self) -> Iterator[dict]:
        """Yield the pairs of the split."""
        for name, depth in self._sampled(self._pairs()):
            yield dict(
                video_id=str(name.with_suffix('')),
                num_frames=1,
                fps=None,
                rgb_path=self.directory('rgb', str(name.parent)),
                rgb_names=[name.name],
                depth_path=self.directory('depth', str(depth.parent)),
                depth_names=[depth.name],
            )

    def _pairs(self) -> list[tuple[Path, Path]]:
        """Return the paths of images and of their depth, in order."""
        root, pairs = Path(self.data_root), []
        for path in sorted(root.rglob('*.png')):
            name = path.relative_to(root)
            depth = self._depth(name)
            if depth is None or not self._wants(name):
                continue
            if not (root / depth).is_file():
                raise InputError(f'{path}: has no depth, expected it in {root / depth}')
            pairs.append((name, depth))
        if not pairs:
            raise InputError(
                f'{root}: holds no pair of RGB and depth of split {self.split!r}, '
                "expected DIML's folders"
            )
        return pairs

    def _sampled(self, pairs: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
        if self.num_pairs is None:
            return pairs
        if self.num_pairs > len(pairs):
            self.warn(
                f'has {len(pairs)} pairs, all taken, of {self.num_pairs} to sample'
            )
            return pairs

        # Unlike a generator's numbers, the same with any version of any library.
        def lot(pair: tuple[Path, Path]) -> bytes:
            name = f'{self.draw_seed} {pair[0].as_posix()}'
            return hashlib.sha256(name.encode(errors='surrogateescape')).digest()

        return sorted(sorted(pairs, key=lot)[: self.num_pairs])

    def _wants(self, name: Path) -> bool:
        folders = name.parts[:-1]
        return (self.split == 'all' or self.split in folders) and (
            self.resolution is None or self.resolution in folders
        )

    def _depth(self, name: Path) -> Path | None:
        for image, depth in self.pairs:
            match = image.fullmatch(name.as_posix())
            if match:
                # A folder that is not there is an empty text.
                return Path(match.expand(depth))
        return None
