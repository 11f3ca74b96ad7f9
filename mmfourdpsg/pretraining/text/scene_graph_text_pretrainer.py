"""Pretrainer of the language model on scene graphs as text, without images."""

import torch
from torch import Tensor

from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from .place_loss import PlaceLoss


@MODELS.register_module()
class SceneGraphTextPretrainer(BaseSceneGraphModel):
    """Learns what scene graphs are like, and to find in a scene what they speak of.

    It is the head of 4D-LLM. In place of what the scene encoder sees it reads a
    description of the scene in words and numbers, or nothing at all. Losses are
    ``loss_txt``, the text term of Eq. 1, and with a description that of
    :class:`PlaceLoss`.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        scene_graph_head: Config of the head whose language model is trained.
        scene_description: Config of :class:`DescribedScene`; None has the text written
            from nothing.
        place_loss: Config of :class:`PlaceLoss` but for its width; it goes with the
            description.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: A description has another width than the language model.
    """

    def __init__(
        self,
        scene_graph_head: dict,
        scene_description: dict | None = None,
        place_loss: dict | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        head = self.scene_graph_head = MODELS.build(
            dict(in_channels=1, **scene_graph_head)
        )
        # There is no image to project.
        head.projector.requires_grad_(False)
        self.scene_description = self.place_loss = None
        if scene_description is None:
            return
        self.scene_description = MODELS.build(scene_description)
        if self.scene_description.embed_dims != head.embed_dims:
            raise ValueError(
                f'scenes are described by tokens of width '
                f'{self.scene_description.embed_dims}, expected that of the language '
                f'model, {head.embed_dims}'
            )
        if place_loss is not None:
            self.place_loss = PlaceLoss(head.embed_dims, **place_loss)

    def loss(
        self, inputs: dict, data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return losses by name.

        Args:
            inputs: Unused; nothing is looked at.
            data_samples: One a video, with ``gt_scene_graph`` and ``num_frames``; for
                a description ``gt_masks`` bool ``[N, T, h, w]`` and
                ``frame_indices``, too.
        """
        scene = self._scene(data_samples)
        losses, prompts = self.scene_graph_head.loss(
            *scene, data_samples, project=False
        )
        if self.place_loss is not None:
            losses.update(self.place_loss(prompts, data_samples))
        return losses

    def predict(
        self, inputs: dict, data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``text_likelihood`` of each data sample.

        It is the summed negative log-likelihood of the tokens of its text in nats, how
        many there are, and how many of them are the likeliest.
        """
        scene = self._scene(data_samples)
        rows = self.scene_graph_head.text_likelihood(
            *scene, data_samples, project=False
        )
        for sample, row in zip(data_samples, rows, strict=True):
            sample.set_metainfo(dict(text_likelihood=row))
        return data_samples

    def alignment_weights(self) -> dict[str, Tensor]:
        """Return what trained beside the language model, for what comes next."""
        if self.scene_description is None:
            return {}
        state = self.scene_description.state_dict()
        return {f'description.{key}': value for key, value in state.items()}

    def _scene(self, data_samples: list[SceneGraphDataSample]) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, C]`` and their mask ``[B, L]``."""
        head = self.scene_graph_head
        if self.scene_description is not None:
            return self.scene_description(data_samples, head.language_model.embed_label)
        device = next(self.parameters()).device
        tokens = torch.zeros(len(data_samples), 0, head.embed_dims, device=device)
        return tokens, torch.zeros(tokens.shape[:2], dtype=torch.bool, device=device)
