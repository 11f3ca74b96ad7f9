"""Feature tubes: what the objects of a video look like in each of its frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmfourdpsg.structures import MaskTube

from .query_tracker import Track


@dataclass
class FeatureTubes:
    """Queries of the objects of a video along its frames.

    Shapes: ``N`` objects, ``T`` frames of the whole video, ``C`` channels.

    Attributes:
        features: ``[N, T, C]``, 0 where an object is absent.
        present: bool ``[N, T]``, where it is there.
        categories: Index of the category of each.
        scores: ``[N]``, in 0..1.
        object_ids: Id of the annotated object that each shows, 0 where that is none.
        tubes: Mask tubes in the video's own pixels; None where they are not kept.
    """

    features: Tensor
    present: Tensor
    categories: list[int]
    scores: Tensor
    object_ids: list[int]
    tubes: list[MaskTube] | None = None

    def __len__(self) -> int:
        return len(self.categories)

    @classmethod
    def of_tracks(
        cls,
        tracks: Sequence[Track],
        num_frames: int,
        channels: int,
        size: tuple[int, int],
    ) -> 'FeatureTubes':
        """Return the tubes of tracks.

        Args:
            tracks: ``N`` tracks.
            num_frames: ``T``.
            channels: ``C``.
            size: Height and width of the masks.
        """
        features = torch.zeros(len(tracks), num_frames, channels)
        present = torch.zeros(len(tracks), num_frames, dtype=torch.bool)
        for row, track in enumerate(tracks):
            frames = list(track.queries)
            features[row, frames] = torch.stack(list(track.queries.values()))
            present[row, frames] = True
        return cls(
            features,
            present,
            [track.category for track in tracks],
            torch.tensor([track.score for track in tracks]),
            [0] * len(tracks),
            [MaskTube(*size, track.rles) for track in tracks],
        )

    def window(self, start: int, end: int) -> 'FeatureTubes':
        """Return the tubes of some frames, without those that are not there then."""
        kept = self.present[:, start:end].any(dim=1)
        rows = kept.nonzero()[:, 0].tolist()
        return FeatureTubes(
            self.features[kept, start:end],
            self.present[kept, start:end],
            [self.categories[row] for row in rows],
            self.scores[kept],
            [self.object_ids[row] for row in rows],
        )
