"""From what is given of a scene to the features of a 4D scene."""

from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS


class SceneFeatures(NamedTuple):
    """Patch features of a 4D scene.

    Attributes:
        rgb: ``[B, T, gh, gw, C]``.
        depth: ``[B, T, gh, gw, D]``.
    """

    rgb: Tensor
    depth: Tensor


@MODELS.register_module()
class SceneTranscender(BaseModule):
    """The 2D-to-4D scene transcending module (paper, section 4, Fig. 3, Table 6).

    It wires three estimators: F_de gives depth to RGB, F_rte the RGB frames to come,
    F_dte the depth frames to come. Only those that are needed run: a picture takes all
    three; an RGB-D picture (3D) F_rte and F_dte; a video F_de alone.

    Shapes: ``B`` scenes, ``T`` frames, ``gh`` x ``gw`` patches, ``C`` RGB and ``D``
    depth channels.

    Args:
        depth_estimator: Config of F_de.
        rgb_temporal_estimator: Config of F_rte.
        depth_temporal_estimator: Config of F_dte.
        loss_feature: Config of rho.
        rollout_steps: Frames that are rolled out from frame 0 in the losses of Eq. 4 to
            6, beside teacher forcing in Eq. 4 and 5.
        loss_weights: Factor of each loss by its name without ``loss_``; 1 if left out.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``loss_weights`` names an unknown loss.
    """

    LOSSES = ('de', 'rte', 'dte', 'dep_heart', 'dep_diamond')

    def __init__(
        self,
        depth_estimator: dict,
        rgb_temporal_estimator: dict,
        depth_temporal_estimator: dict,
        loss_feature: dict | None = None,
        rollout_steps: int = 4,
        loss_weights: dict[str, float] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.depth_estimator = MODELS.build(depth_estimator)
        self.rgb_temporal_estimator = MODELS.build(rgb_temporal_estimator)
        self.depth_temporal_estimator = MODELS.build(depth_temporal_estimator)
        self.rho = MODELS.build(loss_feature or dict(type='FeatureRegressionLoss'))
        self.rollout_steps = rollout_steps
        weights = dict(loss_weights or {})
        unknown = sorted(set(weights) - set(self.LOSSES))
        if unknown:
            raise ValueError(
                f'loss_weights has {unknown}, expected some of {self.LOSSES}'
            )
        self.loss_weights = {name: weights.get(name, 1.0) for name in self.LOSSES}

    def forward(
        self, rgb: Tensor, num_frames: int, depth: Tensor | None = None
    ) -> SceneFeatures:
        """Make the features of a 4D scene.

        Args:
            rgb: RGB features of the first frames ``[B, T_0, gh, gw, C]``.
            num_frames: Frames ``T`` of the 4D scene, at least ``T_0``.
            depth: Depth features of the same frames ``[B, T_0, gh, gw, D]``; None has
                F_de estimate them.

        Returns:
            SceneFeatures: The given frames and those that follow.
        """
        if depth is None:
            depth = self.depth_estimator(rgb)
        steps = num_frames - rgb.shape[1]
        if steps <= 0:
            return SceneFeatures(rgb, depth)
        return SceneFeatures(
            torch.cat([rgb, self.rgb_temporal_estimator.roll_out(rgb, steps)], dim=1),
            torch.cat(
                [depth, self.depth_temporal_estimator.roll_out(depth, steps)], dim=1
            ),
        )

    def loss(
        self,
        rgb: Tensor,
        depth: Tensor,
        frame_mask: Tensor,
        has_depth: Tensor,
        names: tuple[str, ...] = LOSSES,
    ) -> dict[str, Tensor]:
        """Return the weighted terms of Eq. 2, 4, 5 and 6 by name.

        Args:
            rgb: Gold RGB features ``[B, T, gh, gw, C]``.
            depth: Gold depth features ``[B, T, gh, gw, D]``.
            frame_mask: bool ``[B, T]``, False on padding.
            has_depth: bool ``[B, T]``, where depth is known.
            names: Which terms, of :attr:`LOSSES`.
        """
        terms = dict(
            de=lambda: self.depth_loss(rgb, depth, has_depth),
            rte=lambda: self.temporal_loss(
                self.rgb_temporal_estimator, rgb, frame_mask
            ),
            dte=lambda: self.temporal_loss(
                self.depth_temporal_estimator, depth, has_depth
            ),
        )
        losses = {name: terms[name]() for name in names if name in terms}
        if 'dep_heart' in names or 'dep_diamond' in names:
            heart, diamond = self.consistency_losses(rgb, depth, frame_mask, has_depth)
            losses.update(dep_heart=heart, dep_diamond=diamond)
        return {
            f'loss_{name}': self.loss_weights[name] * losses[name] for name in names
        }

    def depth_loss(self, rgb: Tensor, depth: Tensor, has_depth: Tensor) -> Tensor:
        """Eq. 2: ``rho(F_de(H_rgb), H_D)`` where depth is known."""
        return self.rho(self.depth_estimator(rgb), depth, patches(has_depth, depth))

    def temporal_loss(
        self, estimator: BaseModule, features: Tensor, known: Tensor
    ) -> Tensor:
        """Eq. 4 or 5: frames 1 to T - 1 against gold ones.

        With ``rollout_steps`` it is the mean of teacher forcing and of rolling out
        from frame 0.

        Args:
            estimator: F_rte or F_dte.
            features: Gold features ``[B, T, gh, gw, C]``.
            known: bool ``[B, T]``, frames that have features.
        """
        gold = features[:, 1:]
        # A frame that follows an unknown one cannot be foretold.
        told = known.cumprod(dim=1).bool()[:, 1:]
        if not gold.shape[1]:
            return features.sum() * 0
        forced = self.rho(estimator(features[:, :-1]), gold, patches(told, gold))
        steps = min(self.rollout_steps, gold.shape[1])
        if not steps:
            return forced
        rolled = estimator.roll_out(features[:, :1], steps)
        part = gold[:, :steps]
        return (forced + self.rho(rolled, part, patches(told[:, :steps], part))) / 2

    def consistency_losses(
        self, rgb: Tensor, depth: Tensor, frame_mask: Tensor, has_depth: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Eq. 6, on the frames that are rolled out from frame 0.

        Returns:
            tuple[Tensor, Tensor]: heart, ``rho(F_de(F_rte(H_rgb)), H_D)``, and
            diamond, ``rho(F_dte(F_de(H_rgb)), F_de(F_rte(H_rgb)))``.
        """
        steps = min(max(self.rollout_steps, 1), rgb.shape[1] - 1)
        first = rgb[:, :1]
        by_rgb = self.depth_estimator(
            self.rgb_temporal_estimator.roll_out(first, steps)
        )  # [B, steps, gh, gw, D]
        by_depth = self.depth_temporal_estimator.roll_out(
            self.depth_estimator(first), steps
        )
        gold, part = depth[:, 1 : steps + 1], slice(1, steps + 1)
        heart = self.rho(by_rgb, gold, patches(has_depth[:, part], gold))
        diamond = self.rho(by_depth, by_rgb, patches(frame_mask[:, part], gold))
        return heart, diamond


def patches(frames: Tensor, features: Tensor) -> Tensor:
    """Return bool ``[B, T, gh, gw]`` of the patches of some frames.

    Args:
        frames: bool ``[B, T]``.
        features: ``[B, T, gh, gw, C]``.
    """
    return frames[:, :, None, None].expand(features.shape[:-1])
