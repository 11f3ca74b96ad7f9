"""Step 2 of the training: pretraining of each estimator by itself."""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.check_names import check_names

from ..frameworks.base_scene_graph_model import BaseSceneGraphModel
from ..scene_encoders import FrameFeatures
from .scene_transcender import SceneTranscender


@MODELS.register_module()
class SceneTranscendingPretrainer(BaseSceneGraphModel):
    """2D-to-4D scene transcending learning (paper, section 4, step 2).

    Encoders are frozen; the estimators learn to estimate their features. Whatever of a
    scene the losses do not ask for need not be there, and is not encoded in training:
    DIML has single frames, Action Genome has no depth.

    Shapes: ``B`` scenes, ``T`` frames, ``H`` x ``W`` pixels, ``gh`` x ``gw`` patches.

    Args:
        frame_encoder: Config of the :class:`FrameEncoder`.
        scene_transcender: Config of the scene transcender; it is told the sizes of the
            encoder's features.
        losses: Names of :attr:`SceneTranscender.LOSSES`: ``de`` in step 2a, ``rte`` in
            2b, ``dte`` in 2c.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``losses`` has an unknown name.

    Attributes:
        mean_rgb: Mean of the RGB features seen in training, of all processes ``[C]``,
            with which estimates are compared.
        mean_depth: Mean of the depth features ``[D]``.
    """

    def __init__(
        self,
        frame_encoder: dict,
        scene_transcender: dict,
        losses: Sequence[str],
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.frame_encoder = MODELS.build(frame_encoder)
        sizes = self.frame_encoder.feature_sizes
        self.scene_transcender = MODELS.build({**sizes, **scene_transcender})
        check_names('losses', losses, SceneTranscender.LOSSES)
        self.losses = tuple(losses)
        self.modalities = {
            modality for name in losses for modality in SceneTranscender.LOSSES[name]
        }
        for name in ('rgb', 'depth'):
            channels = sizes[f'{name}_channels']
            self.register_buffer(f'mean_{name}', torch.zeros(channels))
            # In double precision, or a long training stops counting.
            self.register_buffer(f'seen_{name}', torch.zeros((), dtype=torch.float64))
        self._register_state_dict_hook(_drop_frozen)

    def tensor(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> FrameFeatures:
        """Return gold features."""
        return self._encode(inputs, data_samples, ('rgb', 'depth'))

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the terms of Eq. 2, 4, 5 and 6 that are trained."""
        frames = self._encode(inputs, data_samples, self.modalities)
        frame_mask = inputs['frame_mask']
        known = dict(rgb=frame_mask, depth=frames.has_depth)
        for modality in sorted(self.modalities):
            self._count(modality, getattr(frames, modality)[known[modality]])
        with record_function('scene_transcender'):
            return self.scene_transcender.loss(
                frames.rgb, frames.depth, frame_mask, frames.has_depth, self.losses
            )

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``feature_similarity`` of each data sample.

        It is cosines of estimated and gold features ``[M]`` by kind, as far as the gold
        ones are known:

        - ``depth``: F_de on gold RGB;
        - ``rgb_teacher_forced`` and ``depth_teacher_forced``: F_rte and F_dte on gold
          frames, each next frame; ``rgb_free_running`` and ``depth_free_running``:
          rolled out from frame 0;
        - ``pseudo_depth``: F_dte rolled out from F_de on frame 0, the depth of a
          pseudo-4D scene, frame 0 included;
        - ``rgb_copy`` and ``depth_copy``: frame 0 in place of every later one;
          ``rgb_mean_feature`` and ``depth_mean_feature``: the mean feature of the
          training data, where that was seen.

        What is estimated of the frames before counts up to the first unknown one, as in
        Eq. 4 and 5, so that each kind is scored on the same frames.
        """
        frames = self._encode(inputs, data_samples, ('rgb', 'depth'))
        frame_mask = inputs['frame_mask']
        estimates = self._estimates(frames)
        for row, sample in enumerate(data_samples):
            known = dict(rgb=frame_mask[row], depth=frames.has_depth[row])
            sample.feature_similarity = {}
            for kind, estimate in estimates.items():
                modality = 'depth' if 'depth' in kind else 'rgb'
                gold, where = getattr(frames, modality)[row], known[modality]
                if estimate.shape[1] < len(gold):
                    where = where.cumprod(dim=0).bool()[1:]
                    gold = gold[1:]
                if not where.any():
                    continue
                cosines = F.cosine_similarity(
                    estimate[row].float()[where], gold.float()[where], dim=-1
                )
                sample.feature_similarity[kind] = cosines.flatten().cpu()
        return data_samples

    def _encode(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[SceneGraphDataSample],
        modalities: Iterable[str],
    ) -> FrameFeatures:
        with record_function('frame_encoder'):
            return self.frame_encoder.encode_frames(
                inputs['rgb'],
                inputs['depth'],
                inputs['frame_mask'],
                [sample.img_shape for sample in data_samples],
                modalities,
            )

    def _estimates(self, frames: FrameFeatures) -> dict[str, Tensor]:
        """Return estimates of all frames, or of all but the first, by kind."""
        part = self.scene_transcender
        rgb, depth = frames.rgb, frames.depth
        steps = rgb.shape[1] - 1
        estimates = dict(depth=part.depth_estimator(rgb))
        if self.seen_rgb:
            estimates['rgb_mean_feature'] = self.mean_rgb.expand_as(rgb)
        if self.seen_depth:
            estimates['depth_mean_feature'] = self.mean_depth.expand_as(depth)
        if not steps:
            return estimates
        for name, gold, estimator in (
            ('rgb', rgb, part.rgb_temporal_estimator),
            ('depth', depth, part.depth_temporal_estimator),
        ):
            estimates[f'{name}_teacher_forced'] = estimator(gold[:, :-1])
            estimates[f'{name}_free_running'] = estimator.roll_out(gold[:, :1], steps)
            estimates[f'{name}_copy'] = gold[:, :1].expand_as(gold[:, 1:])
        estimates['pseudo_depth'] = part(rgb[:, :1], steps + 1).depth
        return estimates

    @torch.no_grad()
    def _count(self, name: str, features: Tensor) -> None:
        """Take features ``[F, gh, gw, C]`` of all processes into the mean."""
        rows = features.flatten(0, -2)  # [F * gh * gw, C]
        total = rows.sum(dim=0, dtype=torch.float64)
        total = torch.cat([total, total.new_tensor([len(rows)])])
        all_reduce(total)
        *_, number = total
        if not number:
            return
        mean, seen = getattr(self, f'mean_{name}'), getattr(self, f'seen_{name}')
        seen += number
        mean.lerp_((total[:-1] / number).float(), (number / seen).float())


def _drop_frozen(
    model: SceneTranscendingPretrainer, state: dict, prefix: str, _metadata: dict
) -> None:
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            state.pop(prefix + name, None)
