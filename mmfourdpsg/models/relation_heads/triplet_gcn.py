"""Graph network whose messages are of triplets: subject, relation, object."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class TripletGCN(BaseModule):
    """Layers in which every pair sends messages to both of its objects.

    Source: Wald et al., "Learning 3D semantic scene graphs from 3D indoor
    reconstructions" (CVPR 2020), Eq. 3 to 5.

    Shapes: ``N`` objects, ``E`` ordered pairs, ``C`` channels.

    Args:
        embed_dims: ``C``, of objects and of pairs.
        hidden_channels: Channels of messages and within perceptrons.
        num_layers: Number of layers.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int = 256,
        hidden_channels: int = 256,
        num_layers: int = 5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.layers = nn.ModuleList(
            TripletLayer(embed_dims, hidden_channels) for _ in range(num_layers)
        )

    def forward(
        self, objects: Tensor, pairs: Tensor, ends: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the features after all layers, ``[N, C]`` and ``[E, C]``.

        Args:
            objects: Features of the objects ``[N, C]``.
            pairs: Features of the pairs ``[E, C]``.
            ends: Subject and object of each pair, int ``[E, 2]``.
        """
        for number, layer in enumerate(self.layers):
            if number:
                objects, pairs = objects.relu(), pairs.relu()
            objects, pairs = layer(objects, pairs, ends)
        return objects, pairs


class TripletLayer(nn.Module):
    """One layer.

    A perceptron makes of subject, pair and object a message to the subject, the pair's
    next feature and a message to the object. An object averages all messages that it
    gets, in either role, and adds what another perceptron makes of them to itself.

    Args:
        embed_dims: ``C``, of objects and of pairs.
        hidden_channels: ``M``, of messages and within perceptrons.
    """

    def __init__(self, embed_dims: int, hidden_channels: int) -> None:
        super().__init__()
        self.sizes = (hidden_channels, embed_dims, hidden_channels)
        self.messages = _perceptron(3 * embed_dims, hidden_channels, sum(self.sizes))
        self.update = _perceptron(hidden_channels, hidden_channels, embed_dims)

    def forward(
        self, objects: Tensor, pairs: Tensor, ends: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the next features; arguments are those of :class:`TripletGCN`."""
        subject, obj = ends.unbind(dim=1)  # [E]
        triplets = torch.cat([objects[subject], pairs, objects[obj]], dim=1)
        to_subject, pairs, to_object = self.messages(triplets).split(self.sizes, dim=1)
        places = torch.cat([subject, obj])  # [2E]
        messages = torch.cat([to_subject, to_object])  # [2E, M]
        received = messages.new_zeros(len(objects), messages.shape[1])
        received = received.index_add(0, places, messages)  # [N, M]
        counts = places.bincount(minlength=len(objects)).clamp(min=1)  # [N]
        objects = objects + self.update(received / counts[:, None])
        return objects, pairs


def _perceptron(width: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, out))
