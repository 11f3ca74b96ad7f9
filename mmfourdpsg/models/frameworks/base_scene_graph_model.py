"""Base class of whole models: forward as loss or prediction, for MMEngine."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from mmengine.model import BaseModel
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from .stage_prediction import StagePrediction


class BaseSceneGraphModel(BaseModel):
    """A model whose ``forward`` is a loss or a prediction, as MMEngine calls it.

    Shapes: ``B`` videos, ``T`` sampled frames, ``H`` x ``W`` pixels.

    Args:
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self, data_preprocessor: dict | None = None, init_cfg: dict | None = None
    ) -> None:
        if data_preprocessor is not None:
            # Built here, it is found whatever the default scope is.
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor, init_cfg)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[SceneGraphDataSample] | None = None,
        mode: str = 'tensor',
    ) -> Any:
        """Run the model.

        Args:
            inputs: ``rgb`` uint8 ``[B, T, 3, H, W]``, ``depth`` float32 metres
                ``[B, T, H, W]`` with 0 = unknown, ``frame_mask`` bool ``[B, T]`` that
                is False on padding; those that the model reads.
            data_samples: One a video.
            mode: ``loss``, ``predict`` or ``tensor``.

        Returns:
            What :meth:`loss`, :meth:`predict` or :meth:`tensor` returns.

        Raises:
            ValueError: The mode is none of the three.
        """
        if mode not in ('loss', 'predict', 'tensor'):
            raise ValueError(f'mode is {mode!r}, expected loss, predict or tensor')
        return getattr(self, mode)(inputs, data_samples)

    @abstractmethod
    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return losses by name; those whose name has ``loss`` are added up."""

    @abstractmethod
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Return the data samples with what was predicted."""

    def predict_stages(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> Iterator[StagePrediction]:
        """Predict in stages; a model that has none predicts all at once.

        Args:
            inputs: As of :meth:`forward`.
            data_samples: One a video.

        Yields:
            What is known after each stage; after the last it is what :meth:`predict`
            predicts, but for objects that nothing needs after all.
        """
        found = self.predict(inputs, data_samples)
        yield StagePrediction('scene graph', 1, 1, found)

    def count_parameters(self) -> int:
        """Return the number of all its weights, frozen and unused ones too."""
        return sum(weight.numel() for weight in self.parameters())

    def tensor(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> Any:
        """Return features, of a model that has some to show.

        Raises:
            ValueError: It has none.
        """
        raise ValueError(
            f'{type(self).__name__}: mode tensor: expected loss or predict'
        )
