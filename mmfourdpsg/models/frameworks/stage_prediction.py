"""What a model has found out about videos after a stage of its inference."""

from dataclasses import dataclass

from mmfourdpsg.structures import SceneGraphDataSample


@dataclass(frozen=True)
class StagePrediction:
    """The scene graphs of a batch after one stage of inference.

    Attributes:
        name: What the stage found out, such as ``objects``.
        number: Which one it is, from 1.
        num_stages: How many there are.
        data_samples: One a video, with ``pred_scene_graph`` as it is known so far.
            Later stages leave them as they are.
    """

    name: str
    number: int
    num_stages: int
    data_samples: list[SceneGraphDataSample]
