"""4D-LLM: from an RGB-D video to its 4D panoptic scene graph."""

import torch
from mmengine.model import BaseModel
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)

from .frame_times import frame_times
from .scene_graph_heads import GeneratedGraph, ObjectPrompts


@MODELS.register_module()
class FourDLLM(BaseModel):
    """End-to-end 4D scene graph generation (paper, section 3.1, Fig. 2).

    It only wires its parts: the scene encoder turns RGB-D frames into tokens, the
    head has a language model write the graph as text, and the tube decoder turns the
    hidden state behind each ``[Obj]`` into a mask tube. Losses are Eq. 1.

    Shapes: ``B`` videos, ``T`` sampled frames, ``H`` x ``W`` pixels, ``L`` scene
    tokens, ``D`` encoder channels, ``N`` objects of one video, ``C`` width of the
    language model.

    Args:
        scene_encoder: Config of the scene encoder.
        scene_graph_head: Config of the head; it is told the encoder's width.
        tube_decoder: Config of the tube decoder; it is told the head's width.
        save_frozen: Whether checkpoints hold the weights that do not train, too.
            Without them a checkpoint of the full model takes megabytes rather than
            tens of gigabytes; the frozen ones then come from where the config says.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        scene_encoder: dict,
        scene_graph_head: dict,
        tube_decoder: dict,
        save_frozen: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        if data_preprocessor is not None:
            # Built here, it is found whatever the default scope is.
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor, init_cfg)
        self.scene_encoder = MODELS.build(scene_encoder)
        self.scene_graph_head = MODELS.build(
            dict(in_channels=self.scene_encoder.embed_dims, **scene_graph_head)
        )
        self.tube_decoder = MODELS.build(
            dict(prompt_channels=self.scene_graph_head.embed_dims, **tube_decoder)
        )
        self.save_frozen = save_frozen
        self._register_state_dict_hook(_drop_frozen)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[SceneGraphDataSample],
        mode: str = 'tensor',
    ) -> dict[str, Tensor] | list[SceneGraphDataSample] | tuple[Tensor, Tensor]:
        """Run the model.

        Args:
            inputs: ``rgb`` uint8 ``[B, T, 3, H, W]``, ``depth`` float32 metres
                ``[B, T, H, W]`` with 0 = unknown, ``frame_mask`` bool ``[B, T]`` that
                is False on padding.
            data_samples: One a video.
            mode: ``loss``, ``predict`` or ``tensor``.

        Returns:
            Losses by name, or the data samples with ``pred_scene_graph``, or scene
            tokens ``[B, L, D]`` with their mask ``[B, L]``.

        Raises:
            ValueError: The mode is none of the three.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self.encode_scene(inputs, data_samples)
        raise ValueError(f'mode is {mode!r}, expected loss, predict or tensor')

    def encode_scene(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, D]`` and their mask ``[B, L]``."""
        frame_mask = inputs['frame_mask']
        times = frame_times(data_samples, frame_mask)
        return self.scene_encoder(inputs['rgb'], inputs['depth'], frame_mask, times)

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the terms of Eq. 1 by name.

        A sample without ``gt_masks``, as of Visual Genome, has its text alone.
        """
        tokens, token_mask = self.encode_scene(inputs, data_samples)
        losses, prompts = self.scene_graph_head.loss(tokens, token_mask, data_samples)
        targets = [
            _mask_targets(item, sample)
            for item, sample in zip(prompts, data_samples, strict=True)
        ]
        losses.update(
            self.tube_decoder.loss(
                inputs['rgb'],
                inputs['frame_mask'],
                [states for states, _ in targets],
                [masks for _, masks in targets],
                [sample.img_shape for sample in data_samples],
            )
        )
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
        generated = self.scene_graph_head.predict(tokens, token_mask, data_samples)
        for graph, sample in zip(generated, data_samples, strict=True):
            sample.pred_scene_graph = self._to_scene_graph(graph, sample)
            sample.set_metainfo(
                dict(generated_text=graph.text, num_dropped=graph.num_dropped)
            )
        return data_samples

    def _to_scene_graph(
        self, graph: GeneratedGraph, sample: SceneGraphDataSample
    ) -> SceneGraph:
        tubes, _ = self.tube_decoder.predict(sample.frame_reader, graph.states)
        height, width = sample.ori_shape
        objects = [
            SceneObject(index, item.category, score=item.score, tube=tube)
            for index, (item, tube) in enumerate(zip(graph.objects, tubes, strict=True))
        ]
        relations = [
            Relation(row.subject, row.predicate, row.object, row.span, row.score)
            for row in graph.relations
        ]
        return SceneGraph(
            sample.video_id, height, width, sample.num_frames, objects, relations
        )


def _mask_targets(
    prompts: ObjectPrompts, sample: SceneGraphDataSample
) -> tuple[Tensor, Tensor]:
    """Return prompts ``[N, C]`` and masks ``[N, T, h, w]`` of objects with masks."""
    if 'gt_masks' not in sample:
        return prompts.states[:0], torch.zeros(0, 1, 1, 1, dtype=torch.bool)
    place = {item.id: i for i, item in enumerate(sample.gt_scene_graph.objects)}
    rows = [place[object_id] for object_id in prompts.object_ids]
    return prompts.states, sample.gt_masks[rows]


def _drop_frozen(model: FourDLLM, state: dict, prefix: str, _metadata: dict) -> None:
    if model.save_frozen:
        return
    # A tied weight has two names, and both have to go.
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if not parameter.requires_grad:
            state.pop(prefix + name, None)
