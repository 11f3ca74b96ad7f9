"""Cache on disk of the features of frozen encoders."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from mmengine.logging import print_log
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError, atomic_write
from mmfourdpsg.version import __version__

from ..fingerprint import module_fingerprint, tensor_digest, weight_state


@TASK_UTILS.register_module()
class FeatureCache:
    """Keeps what a frozen encoder makes of a frame, and gives it back.

    A frame is looked up by its own pixels, as the encoder gets them, so nothing that
    happens to it before (decoding, cropping, resizing, augmentation) can go unnoticed;
    a mirrored frame is another one. The folder in which it is looked up has the name of
    the encoder's fingerprint: its weights, its configuration and the precision that it
    runs in. What changes is encoded anew. Nothing is deleted.

    It fills as frames come, and says so now and then. Files are
    ``FOLDER/FINGERPRINT/xx/DIGEST.safetensors``, one a frame, which are there as a
    whole or not at all: a training that was stopped goes on with what there is, and
    several may share a folder. They are mapped into memory when they are read.
    ``FOLDER/FINGERPRINT/about.json`` tells what they are of.

    Args:
        folder: Where the files are.
        dtype: Type that features are kept in, such as ``float16``, which takes half of
            the space. They are then rounded to it whether they are found or not, so
            that a training does not depend on what was there, and given back as
            float32. None keeps and gives back what the encoder gave.
        told_every: Frames to encode between two messages.

    Attributes:
        hits: Frames that were found.
        misses: Frames that were encoded.

    Shape legend:
        F frames, gh x gw patches, C channels.
    """

    def __init__(
        self, folder: str, dtype: str | None = None, told_every: int = 2000
    ) -> None:
        self.folder = Path(folder)
        self.dtype = None if dtype is None else getattr(torch, dtype)
        self.told_every = told_every
        self.hits = 0
        self.misses = 0
        self._fingerprints: dict[str, tuple[tuple, str]] = {}

    def encode(
        self,
        frames: Tensor,
        name: str,
        encoder: nn.Module,
        settings: dict,
        encode: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Return features of frames, encoded once ever.

        Args:
            frames: ``[F, ...]``, as ``encode`` takes them.
            name: Name of the modality.
            encoder: Holds the weights.
            settings: What else the features depend on, for instance the encoder's
                config.
            encode: Returns the features ``[f, gh, gw, C]`` of some of the frames.

        Returns:
            Tensor: ``[F, gh, gw, C]``, on the frames' device.

        Raises:
            InputError: A file is damaged or cannot be written.
        """
        (features,) = self.encode_levels(
            frames, name, encoder, settings, lambda part: [encode(part)]
        )
        return features

    def encode_levels(
        self,
        frames: Tensor,
        name: str,
        encoder: nn.Module,
        settings: dict,
        encode: Callable[[Tensor], Sequence[Tensor]],
    ) -> list[Tensor]:
        """Return several features of frames, such as those of all scales.

        Args:
            frames: As of :meth:`encode`.
            name: Likewise.
            encoder: Likewise.
            settings: Likewise.
            encode: Returns features ``[f, ...]`` of some of the frames.

        Returns:
            list[Tensor]: ``[F, ...]`` each, on the frames' device.

        Raises:
            InputError: A file is damaged or cannot be written.
        """
        folder = self._folder(name, encoder, settings, frames.device.type)
        paths = [folder / _place(frame) for frame in frames.detach().cpu()]
        features = [self._load(path) for path in paths]
        missing = [i for i, item in enumerate(features) if item is None]
        self.hits += len(paths) - len(missing)
        if missing:
            levels = [
                level.detach().cpu().to(self.dtype or level.dtype)
                for level in encode(frames[missing])
            ]
            for i, item in zip(missing, zip(*levels, strict=True), strict=True):
                features[i] = list(item)
                named = {_level(k): x.contiguous() for k, x in enumerate(item)}
                with atomic_write(paths[i]) as temporary:
                    save_file(named, temporary)
            self._count(len(missing))
        return [
            self._restored(torch.stack(level)).to(frames.device)
            for level in zip(*features, strict=True)
        ]

    def _restored(self, features: Tensor) -> Tensor:
        return features if self.dtype is None else features.float()

    def _count(self, encoded: int) -> None:
        before, self.misses = self.misses, self.misses + encoded
        if before // self.told_every < self.misses // self.told_every:
            print_log(
                f'feature cache {self.folder}: {self.misses} frames encoded so far, '
                f'{self.hits} found',
                logger='current',
            )

    @staticmethod
    def _load(path: Path) -> list[Tensor] | None:
        if not path.is_file():
            return None
        try:
            found = load_file(path)
            return [found[_level(k)] for k in range(max(len(found), 1))]
        except (SafetensorError, KeyError, OSError) as error:
            raise InputError(
                f'{path}: cannot be read ({error!s:.200}), expected features of a '
                'frame; without the file they are encoded again'
            ) from None

    def _folder(
        self, name: str, encoder: nn.Module, settings: dict, device: str
    ) -> Path:
        precision = 'float32'
        if torch.is_autocast_enabled(device):
            precision = str(torch.get_autocast_dtype(device))
        # Hashing weights takes long, so it is done again only where one was written to.
        state = precision, weight_state(encoder)
        known, fingerprint = self._fingerprints.get(name, (None, ''))
        if known == state:
            return self.folder / fingerprint
        about = dict(
            modality=name,
            precision=precision,
            version=__version__,
            settings=json.loads(json.dumps(settings, default=str, sort_keys=True)),
        )
        if self.dtype is not None:
            about['dtype'] = str(self.dtype)
        fingerprint = module_fingerprint(encoder, about)
        self._fingerprints[name] = state, fingerprint
        folder = self.folder / fingerprint
        if not (folder / 'about.json').is_file():
            with atomic_write(folder / 'about.json') as temporary:
                temporary.write_text(
                    json.dumps(about, indent=1) + '\n', encoding='utf-8'
                )
        return folder


def _level(number: int) -> str:
    return f'features_{number}' if number else 'features'


def _place(frame: Tensor) -> str:
    name = tensor_digest(frame)
    # Folders of tens of thousands of files are slow to list.
    return f'{name[:2]}/{name}.safetensors'
