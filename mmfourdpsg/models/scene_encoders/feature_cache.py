"""Cache on disk of the features of frozen encoders."""

import json
from collections.abc import Callable
from pathlib import Path

import torch
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
    happens to it before (decoding, cropping, resizing, augmentation) can go unnoticed.
    The folder in which it is looked up has the name of the encoder's fingerprint: its
    weights, its configuration and the precision that it runs in. What changes is
    encoded anew. Nothing is deleted.

    Files are ``FOLDER/FINGERPRINT/xx/DIGEST.safetensors``, one a frame, in the type
    that the encoder gave; ``FOLDER/FINGERPRINT/about.json`` tells what they are of.

    Args:
        folder: Where the files are.

    Attributes:
        hits: Frames that were found.
        misses: Frames that were encoded.

    Shape legend:
        F frames, gh x gw patches, C channels.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
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
        folder = self._folder(name, encoder, settings, frames.device.type)
        paths = [folder / _place(frame) for frame in frames.detach().cpu()]
        features: list[Tensor | None] = [self._load(path) for path in paths]
        missing = [i for i, item in enumerate(features) if item is None]
        self.hits += len(paths) - len(missing)
        self.misses += len(missing)
        if missing:
            encoded = encode(frames[missing])
            for i, item in zip(missing, encoded.detach().cpu(), strict=True):
                features[i] = item
                with atomic_write(paths[i]) as temporary:
                    save_file({'features': item.contiguous()}, temporary)
        return torch.stack(features).to(frames.device)

    @staticmethod
    def _load(path: Path) -> Tensor | None:
        if not path.is_file():
            return None
        try:
            return load_file(path)['features']
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
        fingerprint = module_fingerprint(encoder, about)
        self._fingerprints[name] = state, fingerprint
        folder = self.folder / fingerprint
        if not (folder / 'about.json').is_file():
            with atomic_write(folder / 'about.json') as temporary:
                temporary.write_text(
                    json.dumps(about, indent=1) + '\n', encoding='utf-8'
                )
        return folder


def _place(frame: Tensor) -> str:
    name = tensor_digest(frame)
    # Folders of tens of thousands of files are slow to list.
    return f'{name[:2]}/{name}.safetensors'
