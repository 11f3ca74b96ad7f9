"""Merging of video tokens in space and time by DPC-KNN."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from mmfourdpsg.registry import MODELS

from .base_token_merging import BaseTokenMerging
from .dpc_knn import dpc_knn, merge_clusters


@MODELS.register_module()
class DPCKNNTokenMerging(BaseTokenMerging):
    """Few tokens for a whole video, at several spatial scales.

    Source: Chat-UniVi (Jin et al., CVPR 2024, section 3.1), which the 4D-LLM paper
    follows (section 3.1). Three steps:

    1. Frames, each the mean of its patches, are clustered into events. An event
       need not be contiguous in time (a scene may come back), events are ordered
       by their first frame, and ``time_weight`` pulls nearby frames together.
    2. Each frame's tokens are merged scale after scale (64, then 32, then 16).
    3. At each scale, the tokens of all frames of an event are merged once more to
       that scale's number.

    A merged token is the mean of the original tokens it stands for. Each event's
    tokens get an embedding of the event's mean, first and last time, and each
    token one of its centroid in the image. What is repaired with respect to the
    published clustering is told in :func:`dpc_knn`.

    Args:
        embed_dims: Channels C of the features.
        scales: Largest number of tokens of an event at each scale, descending.
        max_events: Largest number of events of a video. From as many as there are
            frames on, each frame is its own event.
        spatial_neighbors: Neighbours for the density of tokens.
        event_neighbors: Neighbours for the density of frames.
        time_weight: Weight of the squared time difference (in 0..1) beside the
            mean squared feature difference when frames are clustered, before the
            root; 0 is Chat-UniVi's rule.
        **kwargs: Of :class:`BaseTokenMerging`.

    Raises:
        ValueError: If ``scales`` is empty or not descending.

    Shape legend:
        B samples, T frames, h x w patches, N = h * w, C channels, F real frames of
        the batch, E events of n frames each, M tokens of a scale, L output tokens.
    """

    def __init__(
        self,
        embed_dims: int,
        scales: Sequence[int] = (64, 32, 16),
        max_events: int = 8,
        spatial_neighbors: int = 5,
        event_neighbors: int = 5,
        time_weight: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(embed_dims, **kwargs)
        scales = tuple(scales)
        if not scales or list(scales) != sorted(scales, reverse=True):
            raise ValueError(f'scales must be descending and not empty, got {scales}')
        self.scales = scales
        self.max_events = max_events
        self.spatial_neighbors = spatial_neighbors
        self.event_neighbors = event_neighbors
        self.time_weight = time_weight

    def forward(
        self, features: Tensor, frame_mask: Tensor, frame_times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Merge.

        Args:
            features: ``[B, T, h, w, C]``.
            frame_mask: bool ``[B, T]``, False = padding; each sample has at least
                one real frame.
            frame_times: ``[B, T]`` in 0..1 of the video.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]``, event by event and, within
            one, scale by scale, zero where padded; bool mask ``[B, L]``.
        """
        batch, num_frames = frame_mask.shape
        # The one transfer to the host: it settles every shape that follows.
        labels = self.cluster_events(features, frame_mask, frame_times).tolist()
        events = [_group_by_label(row) for row in labels]
        real = [
            sample * num_frames + frame
            for sample, row in enumerate(labels)
            for frame, label in enumerate(row)
            if label >= 0
        ]
        place = {frame: index for index, frame in enumerate(real)}
        levels = self._merge_frames(features.flatten(0, 1)[real])

        # Events of equally many frames make one dense batch.
        by_length = defaultdict(list)
        for sample, sample_events in enumerate(events):
            for number, frames in enumerate(sample_events):
                flat = [sample * num_frames + frame for frame in frames]
                by_length[len(frames)].append((sample, number, flat))
        merged = {}
        for group in by_length.values():
            frames = [flat for _, _, flat in group]
            index = torch.tensor(
                [[place[frame] for frame in flat] for flat in frames],
                device=features.device,
            )
            times = frame_times.flatten()[torch.tensor(frames, device=index.device)]
            tokens = self._merge_events(levels, index, times).to(features.dtype)
            for (sample, number, _), event_tokens in zip(group, tokens, strict=True):
                merged[sample, number] = event_tokens

        rows = [
            torch.cat([merged[sample, number] for number in range(len(events[sample]))])
            for sample in range(batch)
        ]
        tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        counts = torch.tensor([len(row) for row in rows], device=features.device)
        mask = torch.arange(tokens.shape[1], device=features.device) < counts[:, None]
        return tokens, mask

    def cluster_events(
        self, features: Tensor, frame_mask: Tensor, frame_times: Tensor
    ) -> Tensor:
        """Cluster frames.

        Args:
            features: ``[B, T, h, w, C]``.
            frame_mask: bool ``[B, T]``.
            frame_times: ``[B, T]`` in 0..1.

        Returns:
            Tensor: int64 ``[B, T]`` event of each frame, -1 for padding.
        """
        frames = features.detach().float().mean(dim=(2, 3))  # [B, T, C]
        if self.time_weight:
            # One more channel; the roots undo the mean over channels, so that
            # distance**2 = mean feature difference**2 + time_weight * dt**2.
            channels = frames.shape[-1]
            frames = frames * ((channels + 1) / channels) ** 0.5
            time = frame_times.float() * (self.time_weight * (channels + 1)) ** 0.5
            frames = torch.cat([frames, time[..., None]], dim=-1)
        return dpc_knn(frames, self.max_events, self.event_neighbors, frame_mask)

    def _merge_frames(self, frames: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Merge each frame's tokens scale by scale.

        Args:
            frames: ``[F, h, w, C]``.

        Returns:
            list[tuple[Tensor, Tensor]]: For each scale, tokens with their centroid
            ``[F, M, C + 2]`` and sizes ``[F, M]``.
        """
        centers = self.patch_centers(frames)  # [N, 2]
        # In float32: bfloat16 would round centroids and means of many tokens.
        tokens = frames.flatten(1, 2).float()  # [F, N, C]
        tokens = torch.cat([tokens, centers.expand(len(tokens), -1, -1)], dim=-1)
        level = tokens, tokens.new_ones(tokens.shape[:2])
        levels = []
        for scale in self.scales:
            level = self._merge(*level, scale)
            levels.append(level)
        return levels

    def _merge_events(
        self, levels: list[tuple[Tensor, Tensor]], index: Tensor, times: Tensor
    ) -> Tensor:
        """Merge the frames of equally long events.

        Args:
            levels: Of :meth:`_merge_frames`.
            index: int64 ``[E, n]`` positions of the events' frames in F.
            times: ``[E, n]`` of these frames.

        Returns:
            Tensor: ``[E, sum of M, C]`` with embeddings.
        """
        merged = []
        for (tokens, sizes), scale in zip(levels, self.scales, strict=True):
            tokens = tokens[index].flatten(1, 2)  # [E, n * M, C + 2]
            merged.append(self._merge(tokens, sizes[index].flatten(1, 2), scale)[0])
        merged = torch.cat(merged, dim=1)
        extent = [times.mean(dim=1), times.amin(dim=1), times.amax(dim=1)]
        extent = torch.stack(extent, dim=-1)[:, None]  # [E, 1, 3]
        return self.embed(merged[..., :-2], extent, merged[..., -2:].detach())

    def _merge(
        self, tokens: Tensor, sizes: Tensor, scale: int
    ) -> tuple[Tensor, Tensor]:
        if tokens.shape[1] <= scale:
            return tokens, sizes  # what clustering would give
        # The centroid does not take part in the clustering.
        labels = dpc_knn(tokens[..., :-2], scale, self.spatial_neighbors)
        return merge_clusters(tokens, sizes, labels, scale)


def _group_by_label(labels: list[int]) -> list[list[int]]:
    """Indices by equal label, ordered by first index; negative labels left out."""
    groups = defaultdict(list)
    for index, label in enumerate(labels):
        if label >= 0:
            groups[label].append(index)
    return list(groups.values())
