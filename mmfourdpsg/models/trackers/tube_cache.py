"""Cache on disk of the feature tubes of videos."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from mmfourdpsg.utils import InputError, atomic_write

from ..fingerprint import module_fingerprint, weight_state
from .feature_tubes import FeatureTubes


class TubeCache:
    """Keeps the feature tubes of a video, which take a network over all its frames.

    Files are ``FOLDER/FINGERPRINT/VIDEO.tubes``; the fingerprint is of the
    network's weights and of how tubes are made. Nothing is deleted. Features are kept
    in half precision.

    Args:
        folder: Where the files are.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._fingerprint: tuple[object, str] = (None, '')

    def get(
        self,
        video_id: str,
        content: str,
        network: nn.Module,
        settings: Mapping,
        build: Callable[[], FeatureTubes],
    ) -> FeatureTubes:
        """Return the tubes of a video, made once ever.

        Args:
            video_id: The video.
            content: Digest of what is read of it; with another one they are made anew.
            network: What makes the tubes.
            settings: How it makes them, fit for JSON.
            build: Makes them.

        Raises:
            InputError: A file is damaged or cannot be written.
        """
        state = weight_state(network), repr(settings)
        if self._fingerprint[0] != state:
            self._fingerprint = state, module_fingerprint(network, settings)
        path = self.folder / self._fingerprint[1] / f'{video_id}.tubes'
        kept = _load(path, content)
        if kept is None:
            tubes = build()
            kept = _stored(tubes)
            with atomic_write(path) as temporary:
                save_file(kept, temporary, dict(content=content))
        return _tubes(kept)


def _stored(tubes: FeatureTubes) -> dict[str, Tensor]:
    return dict(
        features=tubes.features[tubes.present].half(),
        present=tubes.present.contiguous(),
        categories=torch.tensor(tubes.categories, dtype=torch.long),
        scores=tubes.scores.float(),
        object_ids=torch.tensor(tubes.object_ids, dtype=torch.long),
    )


def _tubes(kept: dict[str, Tensor]) -> FeatureTubes:
    present = kept['present']
    features = torch.zeros(*present.shape, kept['features'].shape[-1])
    features[present] = kept['features'].float()
    return FeatureTubes(
        features,
        present,
        kept['categories'].tolist(),
        kept['scores'],
        kept['object_ids'].tolist(),
    )


def _load(path: Path, content: str) -> dict[str, Tensor] | None:
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework='pt') as file:
            if (file.metadata() or {}).get('content') != content:
                return None
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(
            f'{path}: cannot be read ({error!s:.200}), expected the feature tubes of a '
            'video; without the file they are made again'
        ) from None
