"""4D-LLM: from an RGB-D video to its 4D panoptic scene graph."""

from collections.abc import Iterator, Sequence
from contextlib import closing

import torch
from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample

from ..scene_encoders import FrameFeatures
from ..scene_graph_heads import ObjectPrompts
from ..transcending.scene_completion import (
    CompletedScenes,
    check_given,
    complete_scenes,
)
from .base_scene_graph_model import BaseSceneGraphModel
from .frozen_weights import drop_frozen
from .graph_completion import GraphCompletion
from .stage_prediction import StagePrediction


@MODELS.register_module()
class FourDLLM(BaseSceneGraphModel):
    """End-to-end 4D scene graph generation (paper, section 3.1, Fig. 2).

    It only wires its parts: the scene encoder turns RGB-D frames into tokens, the
    head has a language model write the graph as text, and the tube decoder turns the
    hidden state behind each ``[Obj]`` into a mask tube. Losses are Eq. 1.

    With a scene transcender it can read pseudo-4D scenes: what counts as given of a
    scene is kept, the rest of its features is estimated. The tube decoder sees the real
    frames always.

    In a profile each part is a range of its own name; ``frame_encoder`` is what the
    scene encoder does frame by frame.

    Shapes: ``B`` videos, ``T`` sampled frames, ``H`` x ``W`` pixels, ``L`` scene
    tokens, ``D`` encoder channels, ``N`` objects of one video, ``C`` width of the
    language model.

    Args:
        scene_encoder: Config of the scene encoder.
        scene_graph_head: Config of the head; it is told the encoder's width.
        tube_decoder: Config of the tube decoder; it is told the head's width.
        scene_transcender: Config of the scene transcender; it is told the sizes of the
            encoder's features. None reads scenes as they are.
        assembler: Config of what makes a scene graph of texts and tubes; None is
            :class:`SceneGraphAssembler` as it is.
        object_selector: Config of what finds out which objects need not be followed,
            such as :class:`ObjectSelector`; None follows all.
        train_given: What of a training scene is given, see
            :meth:`SceneTranscender.complete`.
        test_given: Likewise of a scene whose graph is predicted.
        transcending_losses: Losses of the scene transcender that are added to those of
            Eq. 1, as in Eq. 7.
        save_frozen: Whether checkpoints hold the weights that do not train, too.
            Without them a checkpoint of the full model takes megabytes rather than
            tens of gigabytes; the frozen ones then come from where the config says.
            The scene transcender is always held.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: Without a scene transcender something is to be estimated, or
            ``train_given``, ``test_given`` or ``transcending_losses`` has an unknown
            name.

    Attributes:
        held_parts: Parts that checkpoints hold whether they train or not.
    """

    held_parts = ('scene_transcender',)

    def __init__(
        self,
        scene_encoder: dict,
        scene_graph_head: dict,
        tube_decoder: dict,
        scene_transcender: dict | None = None,
        assembler: dict | None = None,
        object_selector: dict | None = None,
        train_given: str = '4d',
        test_given: str = '4d',
        transcending_losses: Sequence[str] = (),
        save_frozen: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        check_given(
            scene_transcender,
            transcending_losses,
            train_given=train_given,
            test_given=test_given,
        )
        self.scene_encoder = MODELS.build(scene_encoder)
        self.scene_graph_head = MODELS.build(
            dict(in_channels=self.scene_encoder.embed_dims, **scene_graph_head)
        )
        self.tube_decoder = MODELS.build(
            dict(prompt_channels=self.scene_graph_head.embed_dims, **tube_decoder)
        )
        self.assembler = TASK_UTILS.build(assembler or dict(type='SceneGraphAssembler'))
        self.object_selector = None
        if object_selector is not None:
            self.object_selector = TASK_UTILS.build(object_selector)
        self.scene_transcender = None
        if scene_transcender is not None:
            self.scene_transcender = MODELS.build(
                {**self.scene_encoder.feature_sizes, **scene_transcender}
            )
        self.train_given = train_given
        self.test_given = test_given
        self.transcending_losses = tuple(transcending_losses)
        self.save_frozen = save_frozen
        self._register_state_dict_hook(drop_frozen)

    def tensor(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, D]`` and their mask ``[B, L]``."""
        return self.encode_scene(inputs, data_samples)

    def encode_scene(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, D]`` and their mask ``[B, L]``."""
        frames = self._encode(inputs, data_samples)
        scene = self._complete(frames, inputs, data_samples, self.test_given)
        return self._fuse(*scene)

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the terms of Eq. 1 by name, or those of Eq. 7.

        A sample without ``gt_masks``, as of Visual Genome, has its text alone.
        """
        frames = self._encode(inputs, data_samples)
        scene = self._complete(frames, inputs, data_samples, self.train_given)
        tokens, token_mask = self._fuse(*scene)
        with record_function('scene_graph_head'):
            losses, prompts = self.scene_graph_head.loss(
                tokens, token_mask, data_samples
            )
        targets = [
            _mask_targets(item, sample)
            for item, sample in zip(prompts, data_samples, strict=True)
        ]
        with record_function('tube_decoder'):
            tube_losses = self.tube_decoder.loss(
                inputs['rgb'],
                inputs['frame_mask'],
                [states for states, _ in targets],
                [masks for _, masks in targets],
                [sample.img_shape for sample in data_samples],
            )
        losses.update(tube_losses)
        if self.transcending_losses:
            # Without "loss" in its name it is logged and not added again.
            losses['4dpsg'] = sum(losses.values()).detach()
            with record_function('scene_transcender'):
                transcending_losses = self.scene_transcender.loss(
                    frames.rgb,
                    frames.depth,
                    inputs['frame_mask'],
                    frames.has_depth,
                    self.transcending_losses,
                    scene[0] if self.train_given == 'image' else None,
                )
            losses.update(transcending_losses)
        return losses

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``pred_scene_graph`` of each data sample.

        The language model sees the sampled frames; the tube decoder follows each
        object through every frame of ``frame_reader``.
        """
        tokens, token_mask = self.encode_scene(inputs, data_samples)
        with record_function('scene_graph_head'):
            graphs = self.scene_graph_head.predict(tokens, token_mask, data_samples)
        self.graph_completion()(graphs, data_samples)
        return data_samples

    def graph_completion(self) -> GraphCompletion:
        """Return what completes the graphs of a batch."""
        return GraphCompletion(self.tube_decoder, self.assembler, self.object_selector)

    @torch.no_grad()
    def predict_stages(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> Iterator[StagePrediction]:
        """Predict, and yield what is known after every turn of the conversation.

        Objects are followed through the video as soon as they are named, and once: in
        chained inference that is after the first turn, and the later ones add
        relations to the same mask tubes. So objects that no relation needs are followed
        as well, other than in :meth:`predict`.

        Args:
            inputs: As of :meth:`predict`.
            data_samples: Likewise; they stay as they are.

        Yields:
            What is known after a turn: ``pred_scene_graph``, and the meta information
            ``generated_text``.
        """
        tokens, token_mask = self.encode_scene(inputs, data_samples)
        names = self.scene_graph_head.stage_names
        complete = self.graph_completion()
        # Closed at once where the caller ends early: adapters are merged meanwhile.
        with closing(
            self.scene_graph_head.predict_stages(tokens, token_mask, data_samples)
        ) as stages:
            for number, name in enumerate(names, 1):
                with record_function('scene_graph_head'):
                    graphs = next(stages)
                samples = [sample.new() for sample in data_samples]
                complete(graphs, samples, number == len(names))
                yield StagePrediction(name, number, len(names), samples)

    def _encode(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> FrameFeatures:
        with record_function('frame_encoder'):
            return self.scene_encoder.encode_frames(
                inputs['rgb'],
                inputs['depth'],
                inputs['frame_mask'],
                [sample.img_shape for sample in data_samples],
            )

    def _complete(
        self,
        frames: FrameFeatures,
        inputs: dict[str, Tensor],
        data_samples: list[SceneGraphDataSample],
        given: str,
    ) -> CompletedScenes:
        """Return the scenes that are read."""
        return complete_scenes(
            frames, inputs['frame_mask'], data_samples, given, self.scene_transcender
        )

    def _fuse(
        self, frames: FrameFeatures, frame_mask: Tensor, times: Tensor
    ) -> tuple[Tensor, Tensor]:
        with record_function('scene_encoder'):
            return self.scene_encoder.fuse(frames, frame_mask, times)


def _mask_targets(
    prompts: ObjectPrompts, sample: SceneGraphDataSample
) -> tuple[Tensor, Tensor]:
    """Return prompts ``[N, C]`` and masks ``[N, T, h, w]`` of objects with masks."""
    if 'gt_masks' not in sample:
        return prompts.states[:0], torch.zeros(0, 1, 1, 1, dtype=torch.bool)
    return prompts.states, sample.masks_of(prompts.object_ids)
