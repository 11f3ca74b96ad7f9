"""Transform that packs scene graphs alone, for models that see no image."""

from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraphDataSample


@TRANSFORMS.register_module()
class PackSceneGraphText(BaseTransform):
    """Packs a video's annotation without opening any of its frames.

    Gives empty ``inputs``, and ``data_samples``, a :class:`SceneGraphDataSample` with
    ``gt_scene_graph`` as annotated: objects without tubes, relations with spans.
    """

    def transform(self, results: dict) -> dict:
        """Pack the annotation."""
        sample = SceneGraphDataSample(
            metainfo=dict(
                video_id=results['video_id'],
                num_frames=results['num_frames'],
                fps=results.get('fps'),
            )
        )
        sample.gt_scene_graph = results['scene_graph']
        return dict(inputs={}, data_samples=sample)

    def __repr__(self) -> str:
        return 'PackSceneGraphText()'
