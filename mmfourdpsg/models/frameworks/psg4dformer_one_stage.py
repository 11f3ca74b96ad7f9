"""One-stage PSG4DFormer: objects of a whole video and their relations, end to end."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import MaskTube, SceneGraphDataSample

from ..relation_heads import FoundRelations, RelationTargets
from ..segmentors import FrameSegments, VideoQueries
from ..segmentors.video_query_head import masks_of
from ..trackers import FeatureTubes
from .base_tube_model import BaseTubeModel
from .clip_targets import clip_targets, mean_losses
from .tube_graph import tube_graph


@MODELS.register_module()
class PSG4DFormerOneStage(BaseTubeModel):
    """End-to-end 4D scene graph generation.

    The 4D-LLM paper compares with "an end-to-end model" and says no more of it. This
    one follows Wang et al., "Pair then relation: Pair-Net for panoptic scene graph
    generation" (TPAMI 2024), on queries that are of a whole clip: a query is an object
    with its tube, so nothing is tracked, and losses of relations reach the backbone.

    In use queries are found in some frames, evenly spread; then every frame is read,
    masked and forgotten.

    Args:
        segmentor: Config of the segmentor, with a :class:`VideoQueryHead`.
        relation_head: Config of the relation head, which is told the width of a query.
        query_fusion: Config of what makes features of a frame, told the same.
        num_frames: Frames in which the queries of a video are found.
        chunk_size: Frames that are masked at once.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        segmentor: dict,
        relation_head: dict,
        query_fusion: dict | None = None,
        num_frames: int = 16,
        chunk_size: int = 8,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(segmentor, relation_head, data_preprocessor, init_cfg)
        fusion = query_fusion or dict(type='QueryFusion')
        self.query_fusion = MODELS.build(
            dict(embed_dims=self.segmentor.embed_dims, **fusion)
        )
        self.num_frames = num_frames
        self.chunk_size = chunk_size

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the losses of segmentation, means of the clips, and of relations.

        An image, a clip whose video has one frame, says in no frame but that one where
        objects are, and of no relation when it holds: spans are not learned from it.
        Without masks it teaches no shapes, see :func:`clip_targets`.
        """
        losses, are_masks, videos = [], [], []
        clips = self._clips(inputs, data_samples)
        for sample, (features, times) in zip(data_samples, clips, strict=True):
            with record_function('segmentor'):
                found = self.segmentor.head(features)
            places, masks, exact = clip_targets(
                sample, found.masks.shape[-2:], found.masks.device
            )
            categories = torch.tensor(
                self.category_indices(sample), dtype=torch.long, device=places.device
            )
            shown = found.first(masks.shape[1])
            targets = categories[places], masks
            losses.append(self.segmentor.head.loss_of(shown, *targets))
            are_masks.append(exact)
            chosen = self.segmentor.head.assign_clip(shown, *targets)
            videos.append(
                self._video(found, sample, chosen.tolist(), places.tolist(), times)
            )
        with record_function('relation_head'):
            relation_losses = self.relation_head.loss(videos)
        return {**mean_losses(losses, are_masks), **relation_losses}

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``pred_scene_graph`` of each data sample.

        Args:
            inputs: Not read: frames come from ``rgbd_reader``.
            data_samples: With ``rgbd_reader``, every frame of the video.
        """
        for sample in data_samples:
            reader = sample.rgbd_reader
            count = min(self.num_frames, len(reader))
            edges = [i * len(reader) // count for i in range(count + 1)]
            picked = [(a + b - 1) // 2 for a, b in pairwise(edges)]
            with record_function('segmentor'):
                found = self.segmentor.head(self._features(reader, picked))
                tubes, x, present, kept = self._follow(found, reader, sample.ori_shape)
            with record_function('relation_head'):
                relations = self._relate(tubes, x, present, kept)
            sample.pred_scene_graph = tube_graph(
                sample, tubes, self.categories, relations, self.predicates
            )
        return data_samples

    def _clips(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> Iterator[tuple[list[Tensor], Tensor]]:
        """Yield of each clip the backbone's outputs and the numbers of its frames."""
        for row, sample in enumerate(data_samples):
            real = inputs['frame_mask'][row]
            height, width = sample.img_shape
            with record_function('segmentor'):
                features = self.segmentor.extract_features(
                    inputs['rgb'][row, real][..., :height, :width],
                    inputs['depth'][row, real][..., :height, :width],
                )
            yield features, torch.tensor(sample.frame_indices, device=real.device)

    def _video(
        self,
        found: VideoQueries,
        sample: SceneGraphDataSample,
        chosen: Sequence[int],
        places: Sequence[int],
        times: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, RelationTargets]:
        """Return what the relation head learns from of a clip.

        Args:
            found: What was found in it.
            sample: The clip.
            chosen: Query of each shown object, -1 where it has none.
            places: Which of the annotated objects these are.
            times: Numbers of the clip's frames in the video ``[T]``.
        """
        x, present = self.query_fusion(found.queries, found.masks, found.mask_features)
        objects = sample.gt_scene_graph.objects
        # An id that no object has.
        object_ids = [min((item.id for item in objects), default=0) - 1] * len(x)
        for query, place in zip(chosen, places, strict=True):
            if query >= 0:
                object_ids[query] = objects[place].id
        is_image = sample.num_frames == 1
        targets = RelationTargets.of_graph(
            sample.gt_scene_graph,
            object_ids,
            present,
            # What holds in an image holds in the scene that is made of it.
            [0] * len(times) if is_image else sample.frame_indices,
            self.predicates.names,
            spans_known=not is_image,
        )
        return x, present, times, targets

    def _features(self, reader: Sequence, indices: Sequence[int]) -> list[Tensor]:
        """Return the backbone's outputs of some frames."""
        device = self.categories.encoded.device
        frames = [reader[index] for index in indices]
        rgb = torch.from_numpy(np.stack([frame.rgb for frame in frames]))
        depth = torch.from_numpy(np.stack([frame.depth for frame in frames]))
        return self.segmentor.extract_features(
            rgb.permute(0, 3, 1, 2).to(device), depth.to(device)
        )

    def _chunks(self, count: int) -> Iterator[list[int]]:
        for start in range(0, count, self.chunk_size):
            yield list(range(start, min(start + self.chunk_size, count)))

    def _follow(
        self, found: VideoQueries, reader: Sequence, size: tuple[int, int]
    ) -> tuple[FeatureTubes, Tensor, Tensor, list[int]]:
        """Mask every frame of a video.

        Returns:
            The tubes of sure queries; features ``[Q, T, C]`` and presence ``[Q, T]`` of
            all; and which queries the tubes are of.
        """
        scores, categories = found.categories.softmax(dim=-1).max(dim=-1)
        sure = (categories < self.segmentor.num_categories) & (
            scores > self.segmentor.min_score
        )
        (rows,) = sure.nonzero(as_tuple=True)
        rles: list[dict[int, dict]] = [{} for _ in rows]
        features, presence = [], []
        for frames in self._chunks(len(reader)):
            mask_features, _ = self.segmentor.head.decode_pixels(
                self._features(reader, frames)
            )
            masks = masks_of(found.mask_embeddings, mask_features)  # [Q, F, h, w]
            x, present = self.query_fusion(found.queries, masks, mask_features)
            features.append(x)
            presence.append(present)
            for place, frame in enumerate(frames):
                if not len(rows):
                    continue
                own, whole = self.segmentor.competing_masks(
                    masks[rows, place], scores[rows], size
                )
                shown = whole.nonzero()[:, 0].tolist()
                segments = FrameSegments.of_masks(
                    found.queries[rows[whole]],
                    [0] * len(shown),
                    [1.0] * len(shown),
                    own[whole].cpu().numpy(),
                )
                for row, rle in zip(shown, segments.rles, strict=True):
                    rles[row][frame] = rle
        x, present = torch.cat(features, dim=1), torch.cat(presence, dim=1)
        kept = [row for row, masks in enumerate(rles) if masks]
        queries = rows[kept].tolist()
        for row in kept:
            there = torch.zeros_like(present[0])
            there[list(rles[row])] = True
            present[rows[row]] = there
        tubes = FeatureTubes(
            x[queries],
            present[queries],
            categories[queries].tolist(),
            scores[queries],
            [0] * len(queries),
            [MaskTube(*size, rles[row]) for row in kept],
        )
        return tubes, x, present, queries

    def _relate(
        self,
        tubes: FeatureTubes,
        x: Tensor,
        present: Tensor,
        queries: Sequence[int],
    ) -> FoundRelations:
        """Return the relations of the tubes; all queries are seen, as in training."""
        allowed = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        allowed[list(queries)] = True
        scores = x.new_zeros(len(x))
        scores[list(queries)] = tubes.scores
        times = torch.arange(x.shape[1], device=x.device)
        relations = self.relation_head.predict(x, present, times, scores, allowed)
        numbers = {query: place for place, query in enumerate(queries)}
        ends = [[numbers[end] for end in row] for row in relations.ends.tolist()]
        relations.ends = torch.tensor(ends, dtype=torch.long).reshape(-1, 2)
        return relations
