"""PSG4DFormer: segments frames, follows segments, and relates their tubes."""

import torch
from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample

from ..relation_heads import FoundRelations, RelationTargets
from ..trackers import FeatureTubes, TubeBuilder
from .base_tube_model import BaseTubeModel
from .tube_graph import tube_graph


@MODELS.register_module()
class PSG4DFormer(BaseTubeModel):
    """Two-stage 4D scene graph generation.

    Source: Yang et al., "4D panoptic scene graph generation" (NeurIPS 2023). Without a
    relation head it learns to segment sampled frames. With one the segmentor stays as
    it is, and the head learns from the queries along the tubes of whole videos. In use
    every frame is read, segmented and forgotten, so that memory does not grow with the
    number of frames by more than run-length encoded masks and queries.

    Args:
        segmentor: Config of the segmentor.
        tracker: Config of the tracker.
        relation_head: Config of the relation head, which is told the width of a query;
            None only segments.
        training_tubes: Config of what a relation head learns from.
        min_span: Least frames of a relation that is learned.
        chunk_size: Frames that are segmented at once.
        max_tubes: Most objects of a video.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        segmentor: dict,
        tracker: dict,
        relation_head: dict | None = None,
        training_tubes: dict | None = None,
        min_span: int = 1,
        chunk_size: int = 8,
        max_tubes: int = 100,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(segmentor, relation_head, data_preprocessor, init_cfg)
        self.builder = TubeBuilder(
            self.segmentor, TASK_UTILS.build(tracker), chunk_size, max_tubes
        )
        self.min_span = min_span
        if relation_head is not None:
            self.segmentor.requires_grad_(False)
            self.training_tubes = TASK_UTILS.build(
                {'type': 'TrainingTubes', 'folder': None, **(training_tubes or {})}
            )

    def train(self, mode: bool = True) -> 'PSG4DFormer':
        """Set the mode of what trains; a segmentor that does not stays as in use."""
        super().train(mode)
        if self.relation_head is not None:
            self.segmentor.eval()
        return self

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the losses of the segmentor, or of the relation head if there is one.

        Args:
            inputs: Sampled frames, all of one size; a relation head needs none.
            data_samples: With ``gt_masks``; or with ``rgbd_reader``.
        """
        if self.relation_head is not None:
            return self.relation_head.loss(
                [self._training_video(sample) for sample in data_samples]
            )
        real = inputs['frame_mask']
        categories, masks = [], []
        for row, sample in enumerate(data_samples):
            kinds = torch.tensor(
                self.category_indices(sample), dtype=torch.long, device=real.device
            )
            height, width = inputs['rgb'].shape[-2:]
            if tuple(sample.img_shape) != (height, width):
                raise ValueError(
                    f'frames of {sample.img_shape} and {(height, width)} pixels are in '
                    'one batch, expected one size, by ResizeFrames without keep_ratio'
                )
            for frame in range(int(real[row].sum())):
                shown = sample.gt_masks[:, frame]  # [N, h, w]
                there = shown.flatten(1).any(dim=1)
                categories.append(kinds[there])
                masks.append(shown[there])
        rgb, depth = inputs['rgb'][real], inputs['depth'][real]  # [F, ...]
        with record_function('segmentor'):
            return self.segmentor.loss(rgb, depth, categories, masks)

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
            with record_function('segmentor'):
                tubes = self.builder.tracked(sample.rgbd_reader, sample.ori_shape)
            if self.relation_head is None:
                graph = tube_graph(sample, tubes, self.categories)
            else:
                with record_function('relation_head'):
                    found = self.relate(tubes)
                graph = tube_graph(
                    sample, tubes, self.categories, found, self.predicates
                )
            sample.pred_scene_graph = graph
        return data_samples

    def relate(self, tubes: FeatureTubes) -> FoundRelations:
        """Return the relations of the objects of a video."""
        device = self.categories.encoded.device
        times = torch.arange(tubes.present.shape[1], device=device)
        return self.relation_head.predict(
            tubes.features.to(device),
            tubes.present.to(device),
            times,
            tubes.scores.to(device),
        )

    def _training_video(
        self, sample: SceneGraphDataSample
    ) -> tuple[Tensor, Tensor, Tensor, RelationTargets]:
        """Return what the relation head learns from of a video."""
        device = self.categories.encoded.device
        tubes, frames = self.training_tubes(
            self.builder, sample, self.category_indices(sample)
        )
        present = tubes.present.to(device)
        targets = RelationTargets.of_graph(
            sample.gt_scene_graph,
            tubes.object_ids,
            present,
            frames,
            self.predicates.names,
            self.min_span,
        )
        times = torch.tensor(frames, device=device)
        return tubes.features.to(device), present, times, targets
