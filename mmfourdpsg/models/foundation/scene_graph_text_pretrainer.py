"""Pretraining of the language model: scene graphs as text, without a scene."""

import torch
from mmengine.model import BaseModel
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample


@MODELS.register_module()
class SceneGraphTextPretrainer(BaseModel):
    """Learns what scene graphs are like: format, words, what goes with what.

    It is the head of 4D-LLM with no scene tokens. The loss is the text term of Eq. 1.

    Args:
        scene_graph_head: Config of the head whose language model is trained.
        data_preprocessor: Config of the data preprocessor.
    """

    def __init__(
        self, scene_graph_head: dict, data_preprocessor: dict | None = None
    ) -> None:
        if data_preprocessor is not None:
            # Built here, it is found whatever the default scope is.
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor)
        self.scene_graph_head = MODELS.build(dict(in_channels=1, **scene_graph_head))
        # There is nothing to project.
        self.scene_graph_head.projector.requires_grad_(False)

    def forward(
        self,
        inputs: dict,
        data_samples: list[SceneGraphDataSample],
        mode: str = 'loss',
    ) -> dict[str, Tensor] | list[SceneGraphDataSample]:
        """Run the model.

        Args:
            inputs: Unused; nothing is looked at.
            data_samples: One a video, with ``gt_scene_graph`` and ``num_frames``.
            mode: ``loss`` or ``predict``.

        Returns:
            ``loss_txt``, or the data samples with ``text_likelihood``: the summed
            negative log-likelihood of the tokens of its text in nats, how many there
            are, and how many of them are the likeliest.

        Raises:
            ValueError: The mode is neither.
        """
        device = next(self.parameters()).device
        tokens = torch.zeros(len(data_samples), 0, 1, device=device)
        mask = torch.zeros(len(data_samples), 0, dtype=torch.bool, device=device)
        if mode == 'loss':
            losses, _ = self.scene_graph_head.loss(tokens, mask, data_samples)
            return losses
        if mode != 'predict':
            raise ValueError(f'mode is {mode!r}, expected loss or predict')
        rows = self.scene_graph_head.text_likelihood(tokens, mask, data_samples)
        for sample, row in zip(data_samples, rows, strict=True):
            sample.set_metainfo(dict(text_likelihood=row))
        return data_samples
