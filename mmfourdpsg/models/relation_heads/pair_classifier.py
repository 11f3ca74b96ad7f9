"""Classifier of pairs: which predicates hold, and in which frames."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .pair_proposal import max_over_frames


@MODELS.register_module()
class PairClassifier(BaseModule):
    """Tells predicates of a pair, and the frames of each.

    Shapes: ``P`` pairs, ``T`` frames, ``C`` channels of an object, ``R`` predicates.

    Args:
        embed_dims: ``C``.
        num_predicates: ``R``.
        temporal_model: Config of what looks at a pair's nearby frames first, one of
            ``pair_temporal_models``; None looks at each frame alone.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        num_predicates: int,
        temporal_model: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        channels = 2 * embed_dims
        self.temporal_model = None
        if temporal_model is not None:
            self.temporal_model = MODELS.build(
                dict(channels=channels, **temporal_model)
            )
        self.layers = nn.Sequential(
            nn.Linear(channels, embed_dims),
            nn.ReLU(),
            nn.Linear(embed_dims, embed_dims // 2),
            nn.ReLU(),
        )
        self.span_layer = nn.Linear(embed_dims // 2, num_predicates)
        self.predicate_layer = nn.Linear(embed_dims // 2, num_predicates)

    def begin_with_whole_spans(self) -> None:
        """Have every predicate hold in all frames, until spans are learned.

        For data that does not tell spans: random weights would pick frames by chance.
        """
        nn.init.zeros_(self.span_layer.weight)
        nn.init.ones_(self.span_layer.bias)

    def forward(
        self, x: Tensor, common: Tensor, times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Classify.

        Args:
            x: Features of subject and object ``[P, T, 2C]``.
            common: bool ``[P, T]``, in which frames both are there.
            times: ``[T]``, numbers of the frames in the video.

        Returns:
            tuple[Tensor, Tensor]: Logits of predicates ``[P, R]``, the greatest of the
            common frames, and of predicates in each frame ``[P, T, R]``.
        """
        if self.temporal_model is not None:
            x = self.temporal_model(x, common, times)
        hidden = self.layers(x)  # [P, T, C/2]
        predicates = self.predicate_layer(hidden)  # [P, T, R]
        return max_over_frames(predicates, common[..., None]), self.span_layer(hidden)
