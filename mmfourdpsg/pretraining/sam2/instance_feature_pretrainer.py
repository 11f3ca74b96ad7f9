"""Pretraining of SAM2's features: pixels of one object alike."""

from torch import Tensor

from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from .instance_loss import InstanceLoss


@MODELS.register_module()
class InstanceFeaturePretrainer(BaseSceneGraphModel):
    """Trains SAM2's image encoder and upscaling before anything is prompted.

    Frame by frame, with :class:`InstanceLoss` alone, which learns from all objects of
    many frames in the time in which few prompts are decoded.

    Args:
        tube_decoder: Config of the SAM2 tube decoder whose SAM2 is trained.
        instance_loss: Config of :class:`InstanceLoss` but for its channels.
        data_preprocessor: Config of the data preprocessor.
    """

    def __init__(
        self,
        tube_decoder: dict,
        instance_loss: dict | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.decoder = MODELS.build(dict(prompt_channels=1, **tube_decoder))
        # Nothing of what follows a prompt is used.
        decoder, sam2 = self.decoder, self.decoder.sam2
        decoder.requires_grad_(False)
        for part in (
            sam2.image_encoder,
            sam2.sam_mask_decoder.conv_s0,
            sam2.sam_mask_decoder.conv_s1,
            sam2.sam_mask_decoder.output_upscaling,
        ):
            part.requires_grad_(True)
        self.instance_loss = InstanceLoss(sam2.hidden_dim // 8, **(instance_loss or {}))

    def foundation_weights(self) -> dict[str, Tensor]:
        """Return SAM2's weights by their official names."""
        return self.decoder.sam2.state_dict()

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return ``loss_instance``.

        Args:
            inputs: ``rgb`` and ``frame_mask``, as of :meth:`forward`.
            data_samples: One a video, with ``gt_masks`` bool ``[N, T, h, w]``.
        """
        return self.instance_loss(self.decoder, inputs, data_samples)

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``feature_counts`` of each data sample.

        Of ``instance_accuracy`` it is the number of pixels that are most like their
        own object, and of all.
        """
        for index, sample in enumerate(data_samples):
            single = {key: value[index : index + 1] for key, value in inputs.items()}
            counts = self.instance_loss.count(self.decoder, single, [sample])
            sample.set_metainfo(dict(feature_counts=dict(instance_accuracy=counts)))
        return data_samples
