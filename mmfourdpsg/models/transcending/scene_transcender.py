"""Scene transcender: estimates the features of a 4D scene from what is given."""

from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.check_names import check_names
from mmfourdpsg.utils.checkpoint_file import load_part

from ..scene_encoders import FrameFeatures

ESTIMATORS = ('depth_estimator', 'rgb_temporal_estimator', 'depth_temporal_estimator')
GIVEN = ('4d', 'video', '3d', 'image')


@MODELS.register_module()
class SceneTranscender(BaseModule):
    """The 2D-to-4D scene transcending module (paper, section 4, Fig. 3, Table 6).

    It wires three estimators: F_de gives depth to RGB, F_rte the RGB frames to come,
    F_dte the depth frames to come. Only those that are needed run: an image takes all
    three; an RGB-D image (3D) F_rte and F_dte; a video F_de alone.

    The core of F_dte begins as F_rte's (paper, section 4, subprocess c).

    Shapes: ``B`` scenes, ``T`` frames, ``gh`` x ``gw`` patches, ``C`` RGB and ``D``
    depth channels.

    Args:
        rgb_channels: Channels ``C`` of RGB features.
        depth_channels: Channels ``D`` of depth features.
        grid_size: Rows and columns of patches.
        depth_estimator: Config of F_de; it is told the channels.
        rgb_temporal_estimator: Config of F_rte; it is told channels and grid.
        depth_temporal_estimator: Config of F_dte, likewise.
        loss_feature: Config of rho.
        num_frames: Frames of the scene that is made of an image.
        still_scene: ``num_frames`` and ``fps`` (frames a second or None) of the video
            that such a scene stands for, as the language model is told; None is a video
            of those frames alone.
        rollout_steps: Frames that are rolled out from frame 0 in the losses of Eq. 4 to
            6, beside teacher forcing in Eq. 4 and 5; None rolls out all, so that every
            frame that is read later is regressed.
        loss_weights: Factor of each loss by its name without ``loss_``; 1 if left out.
        trains: Names of the estimators that train; None is all of them.
        checkpoints: Name of an estimator -> checkpoint of an earlier step, or weights
            (``.safetensors``), that :meth:`init_weights` loads it from.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``loss_weights``, ``trains`` or ``checkpoints`` has an unknown name.

    Attributes:
        still_length: Number of frames and frame rate of ``still_scene``.
    """

    # Each loss, and of what it reads the gold features.
    LOSSES = dict(
        de=('rgb', 'depth'),
        rte=('rgb',),
        dte=('depth',),
        dep_heart=('rgb', 'depth'),
        dep_diamond=('rgb',),
    )

    def __init__(
        self,
        rgb_channels: int,
        depth_channels: int,
        grid_size: tuple[int, int],
        depth_estimator: dict,
        rgb_temporal_estimator: dict,
        depth_temporal_estimator: dict,
        loss_feature: dict | None = None,
        num_frames: int = 16,
        still_scene: Mapping[str, float | None] | None = None,
        rollout_steps: int | None = None,
        loss_weights: Mapping[str, float] | None = None,
        trains: Sequence[str] | None = None,
        checkpoints: Mapping[str, str] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        weights, self.checkpoints = dict(loss_weights or {}), dict(checkpoints or {})
        check_names('loss_weights', weights, self.LOSSES)
        check_names('checkpoints', self.checkpoints, ESTIMATORS)
        check_names('trains', trains or (), ESTIMATORS)
        both = dict(rgb_channels=rgb_channels, depth_channels=depth_channels)
        self.depth_estimator = MODELS.build({**both, **depth_estimator})
        rgb, depth = (
            dict(in_channels=channels, grid_size=grid_size)
            for channels in (rgb_channels, depth_channels)
        )
        self.rgb_temporal_estimator = MODELS.build({**rgb, **rgb_temporal_estimator})
        self.depth_temporal_estimator = MODELS.build(
            {**depth, **depth_temporal_estimator}
        )
        self.rho = MODELS.build(loss_feature or dict(type='FeatureRegressionLoss'))
        self.num_frames = num_frames
        still_scene = still_scene or dict(num_frames=num_frames)
        self.still_length = still_scene['num_frames'], still_scene.get('fps')
        self.rollout_steps = rollout_steps
        self.loss_weights = {name: weights.get(name, 1.0) for name in self.LOSSES}
        for name in ESTIMATORS:
            getattr(self, name).requires_grad_(trains is None or name in trains)

    def init_weights(self) -> None:
        """Load ``checkpoints`` and have F_dte begin with F_rte's core.

        Raises:
            InputError: A file is missing or is of other estimators.
        """
        super().init_weights()
        for name in ESTIMATORS:
            if name in self.checkpoints:
                prefix = f'scene_transcender.{name}.'
                load_part(getattr(self, name), self.checkpoints[name], prefix)
            elif name == 'depth_temporal_estimator':
                self.depth_temporal_estimator.init_core_from(
                    self.rgb_temporal_estimator
                )

    def forward(
        self,
        rgb: Tensor,
        num_frames: int,
        depth: Tensor | None = None,
        has_depth: Tensor | None = None,
    ) -> FrameFeatures:
        """Make the features of a 4D scene.

        Args:
            rgb: RGB features of the first frames ``[B, T_0, gh, gw, C]``.
            num_frames: Frames ``T`` of the 4D scene, at least ``T_0``.
            depth: Depth features of the same frames ``[B, T_0, gh, gw, D]``; None has
                F_de estimate them.
            has_depth: bool ``[B, T_0]``, where depth is known; F_de estimates it
                elsewhere. None is everywhere.

        Returns:
            FrameFeatures: The given frames and those that follow.
        """
        if depth is None:
            depth = self.depth_estimator(rgb)
        elif has_depth is not None and not has_depth.all():
            depth = torch.where(
                has_depth[:, :, None, None, None], depth, self.depth_estimator(rgb)
            )
        steps = num_frames - rgb.shape[1]
        if steps > 0:
            rgb, depth = (
                torch.cat([frames, estimator.roll_out(frames, steps)], dim=1)
                for frames, estimator in (
                    (rgb, self.rgb_temporal_estimator),
                    (depth, self.depth_temporal_estimator),
                )
            )
        return FrameFeatures(rgb, depth, rgb.new_ones(rgb.shape[:2], dtype=torch.bool))

    def complete(
        self, frames: FrameFeatures, given: str, num_frames: int
    ) -> FrameFeatures:
        """Keep what counts as given of some scenes and estimate the rest.

        Args:
            frames: Features of the scenes.
            given: What of them is given: ``4d``, all of it; ``video``, RGB; ``3d``, RGB
                and depth of frame 0; ``image``, RGB of frame 0.
            num_frames: Frames ``T`` of the 4D scenes.

        Returns:
            FrameFeatures: ``rgb`` ``[B, T, gh, gw, C]``, ``depth``
            ``[B, T, gh, gw, D]`` and ``has_depth`` ``[B, T]``; with ``4d`` the scenes
            as they are.

        Raises:
            ValueError: ``given`` is none of these.
        """
        if given not in GIVEN:
            raise ValueError(f'given is {given!r}, expected one of {", ".join(GIVEN)}')
        if given == '4d':
            return frames
        if given == 'video':
            return self(frames.rgb, num_frames)
        first = FrameFeatures(*(part[:, :1] for part in frames))
        if given == 'image':
            return self(first.rgb, num_frames)
        return self(first.rgb, num_frames, first.depth, first.has_depth)

    def loss(
        self,
        rgb: Tensor,
        depth: Tensor,
        frame_mask: Tensor,
        has_depth: Tensor,
        names: Sequence[str] = tuple(LOSSES),
        pseudo: FrameFeatures | None = None,
    ) -> dict[str, Tensor]:
        """Return the weighted terms of Eq. 2, 4, 5 and 6 by name.

        Args:
            rgb: Gold RGB features ``[B, T, gh, gw, C]``.
            depth: Gold depth features ``[B, T, gh, gw, D]``.
            frame_mask: bool ``[B, T]``, False on padding.
            has_depth: bool ``[B, T]``, where depth is known.
            names: Which terms, of :attr:`LOSSES`. Features that none of them reads
                need not be gold.
            pseudo: The scenes that :meth:`complete` made of frame 0 of RGB. What the
                losses roll out from there is taken from them, as far as they have as
                many frames, and not made again.

        Returns:
            dict[str, Tensor]: ``loss_`` and the name -> scalar.
        """
        steps = self._steps(rgb, least=1)
        rolled = rolled_depth = None
        if pseudo is not None and pseudo.rgb.shape[1] > steps:
            rolled = pseudo.rgb[:, 1 : steps + 1]
            rolled_depth = pseudo.depth[:, 1 : steps + 1]
        elif {'dep_heart', 'dep_diamond'} & set(names):
            rolled = self.rgb_temporal_estimator.roll_out(rgb[:, :1], steps)
        terms = dict(
            de=lambda: self.depth_loss(rgb, depth, has_depth),
            rte=lambda: self.temporal_loss(
                self.rgb_temporal_estimator, rgb, frame_mask, rolled
            ),
            dte=lambda: self.temporal_loss(
                self.depth_temporal_estimator, depth, has_depth
            ),
        )
        losses = {name: terms[name]() for name in names if name in terms}
        if 'dep_heart' in names or 'dep_diamond' in names:
            heart, diamond = self.consistency_losses(
                rgb, depth, frame_mask, has_depth, rolled, rolled_depth
            )
            losses.update(dep_heart=heart, dep_diamond=diamond)
        return {
            f'loss_{name}': self.loss_weights[name] * losses[name] for name in names
        }

    def depth_loss(self, rgb: Tensor, depth: Tensor, has_depth: Tensor) -> Tensor:
        """Eq. 2: ``rho(F_de(H_rgb), H_D)`` where depth is known.

        Args:
            rgb: Gold RGB features ``[B, T, gh, gw, C]``.
            depth: Gold depth features ``[B, T, gh, gw, D]``.
            has_depth: bool ``[B, T]``, where depth is known.

        Returns:
            Tensor: Scalar.
        """
        return self.rho(self.depth_estimator(rgb), depth, patches(has_depth, depth))

    def temporal_loss(
        self,
        estimator: BaseModule,
        features: Tensor,
        known: Tensor,
        rolled: Tensor | None = None,
    ) -> Tensor:
        """Eq. 4 or 5: frames 1 to T - 1 against gold ones.

        With ``rollout_steps`` it is the mean of teacher forcing and of rolling out
        from frame 0.

        Args:
            estimator: F_rte or F_dte.
            features: Gold features ``[B, T, gh, gw, C]``.
            known: bool ``[B, T]``, frames that have features.
            rolled: What the estimator rolls out from frame 0, ``[B, S, gh, gw, C]``
                with at least ``rollout_steps`` frames or all; None makes it.

        Returns:
            Tensor: Scalar.
        """
        gold = features[:, 1:]
        # A frame that follows an unknown one cannot be predicted.
        predictable = known.cumprod(dim=1).bool()[:, 1:]
        if not gold.shape[1]:
            # Every process must have a gradient of what trains.
            return sum(weight.sum() for weight in estimator.parameters()) * 0.0
        forced = self.rho(estimator(features[:, :-1]), gold, patches(predictable, gold))
        steps = self._steps(features)
        if not steps:
            return forced
        if rolled is None:
            rolled = estimator.roll_out(features[:, :1], steps)
        rolled, part = rolled[:, :steps], gold[:, :steps]
        return (
            forced + self.rho(rolled, part, patches(predictable[:, :steps], part))
        ) / 2

    def consistency_losses(
        self,
        rgb: Tensor,
        depth: Tensor,
        frame_mask: Tensor,
        has_depth: Tensor,
        rolled: Tensor | None = None,
        rolled_depth: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Eq. 6, on the frames that are rolled out from frame 0.

        Args:
            rgb: Gold RGB features ``[B, T, gh, gw, C]``.
            depth: Gold depth features ``[B, T, gh, gw, D]``.
            frame_mask: bool ``[B, T]``, False on padding.
            has_depth: bool ``[B, T]``, where depth is known.
            rolled: ``F_rte(H_rgb)``, what is rolled out from frame 0 in ``S`` frames,
                ``[B, S, gh, gw, C]``; None makes it.
            rolled_depth: ``F_dte(F_de(H_rgb))``, likewise ``[B, S, gh, gw, D]``.

        Returns:
            tuple[Tensor, Tensor]: Scalars: heart, ``rho(F_de(F_rte(H_rgb)), H_D)``, and
            diamond, ``rho(F_dte(F_de(H_rgb)), F_de(F_rte(H_rgb)))``.
        """
        steps = self._steps(rgb, least=1)
        first = rgb[:, :1]
        if rolled is None:
            rolled = self.rgb_temporal_estimator.roll_out(first, steps)
        if rolled_depth is None:
            rolled_depth = self.depth_temporal_estimator.roll_out(
                self.depth_estimator(first), steps
            )
        by_rgb = self.depth_estimator(rolled)  # [B, S, gh, gw, D]
        gold, part = depth[:, 1 : steps + 1], slice(1, steps + 1)
        heart = self.rho(by_rgb, gold, patches(has_depth[:, part], gold))
        diamond = self.rho(rolled_depth, by_rgb, patches(frame_mask[:, part], gold))
        return heart, diamond

    def _steps(self, features: Tensor, least: int = 0) -> int:
        """Return how many of the frames after frame 0 the losses roll out."""
        following = features.shape[1] - 1
        if self.rollout_steps is None:
            return following
        return min(max(self.rollout_steps, least), following)


def patches(frames: Tensor, features: Tensor) -> Tensor:
    """Return bool ``[B, T, gh, gw]`` of the patches of some frames.

    Args:
        frames: bool ``[B, T]``.
        features: ``[B, T, gh, gw, C]``.
    """
    return frames[:, :, None, None].expand(features.shape[:-1])
