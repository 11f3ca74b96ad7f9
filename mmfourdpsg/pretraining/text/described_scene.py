"""Tokens that describe a scene by names, times and boxes, in place of images."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.models.scene_encoders.fourier_embedding import FourierEmbedding
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.checkpoint_file import load_part

from .place_loss import ObjectPlaces


@MODELS.register_module()
class DescribedScene(BaseModule):
    """One token for each object in each frame: its name, and when and where it is.

    A pretrained language model can look up in a text what it is asked for, and repeat
    it. A tiny one has to learn that, and can without an image: the name is given in
    the model's own words, time and place as numbers, as the scene encoder gives them.

    So that it does not take the description for flawless, which no scene encoder is,
    tokens are left out, said twice and moved a little. Nor may their order give away
    that of the text: it is random in training, and else goes from frame to frame and
    from left to right.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video, ``L`` tokens, ``C``
    width of the language model.

    Args:
        embed_dims: Width of the language model, ``C``.
        num_frequencies: Of the embeddings of time and place.
        drop: Share of the tokens that are left out in training.
        repeat: Share of the tokens that are said twice in training.
        noise: Greatest shift of centres and sides in training, as a share of the
            image.
        checkpoint: Weights to begin with (``safetensors``, ``description.*``), loaded
            by :meth:`init_weights`; None begins with random ones.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        num_frequencies: int = 8,
        drop: float = 0.2,
        repeat: float = 0.3,
        noise: float = 0.02,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.embed_dims = embed_dims
        self.time_embedding = FourierEmbedding(1, embed_dims, num_frequencies)
        self.place_embedding = FourierEmbedding(4, embed_dims, num_frequencies)
        self.drop = drop
        self.repeat = repeat
        self.noise = noise
        self.checkpoint = checkpoint

    def init_weights(self) -> None:
        """Load the checkpoint, if there is one.

        Raises:
            InputError: Its weights are not those of this description.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self, self.checkpoint, 'description.')

    def tokens(self, names: Tensor, moments: Tensor, boxes: Tensor) -> Tensor:
        """Return tokens ``[L, C]``.

        Args:
            names: Embeddings of names ``[L, C]``.
            moments: ``[L]`` in 0..1 of the video.
            boxes: ``[L, 4]``, see :class:`ObjectPlaces`.
        """
        return (
            F.layer_norm(names, (self.embed_dims,))
            + self.time_embedding(moments[:, None])
            + self.place_embedding(boxes)
        )

    def forward(
        self,
        data_samples: Sequence[SceneGraphDataSample],
        embed_name: Callable[[str], Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Describe scenes.

        Args:
            data_samples: Each with ``gt_scene_graph`` of N objects, ``gt_masks`` bool
                ``[N, T, h, w]``, ``frame_indices`` and ``num_frames``.
            embed_name: Gives the embedding ``[C]`` of a name.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]`` and their
            bool mask ``[B, L]``.
        """
        rows = [self._describe(sample, embed_name) for sample in data_samples]
        tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        counts = torch.tensor([len(row) for row in rows], device=tokens.device)
        mask = torch.arange(tokens.shape[1], device=tokens.device) < counts[:, None]
        return tokens, mask

    def _describe(
        self, sample: SceneGraphDataSample, embed_name: Callable[[str], Tensor]
    ) -> Tensor:
        device = self.time_embedding.projection.weight.device
        places = ObjectPlaces.from_masks(sample.gt_masks.to(device))
        frames, objects = places.shown.T.nonzero(as_tuple=True)
        columns = places.boxes[objects, frames, 0]
        order = torch.argsort(frames + columns / 2)
        frames, objects = frames[order], objects[order]
        if self.training:
            kept = torch.rand(len(frames), device=device) >= self.drop
            again = kept & (torch.rand(len(frames), device=device) < self.repeat)
            times = (kept.long() + again.long()).to(device)
            frames = frames.repeat_interleave(times)
            objects = objects.repeat_interleave(times)
            order = torch.randperm(len(frames), device=device)
            frames, objects = frames[order], objects[order]
        boxes = places.boxes[objects, frames]  # [L, 4]
        if self.training:
            boxes = boxes + (torch.rand_like(boxes) * 2 - 1) * self.noise
        indices = torch.as_tensor(sample.frame_indices, device=device)
        # As 4D-LLM gives it: the middle of a frame that lasts from s/T to (s+1)/T.
        moments = (indices[frames] + 0.5) / sample.num_frames
        names = [embed_name(item.category) for item in sample.gt_scene_graph.objects]
        if not names:
            return boxes.new_zeros(0, self.embed_dims)
        return self.tokens(torch.stack(names)[objects], moments, boxes)
