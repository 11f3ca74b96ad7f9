"""Feature tubes of annotated videos, to learn relations from."""

from collections.abc import Sequence

import torch

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample

from ..fingerprint import tensor_digest
from .feature_tubes import FeatureTubes
from .tube_builder import TubeBuilder
from .tube_cache import TubeCache

KINDS = ('assigned', 'tracked')


@TASK_UTILS.register_module()
class TrainingTubes:
    """Makes the tubes of a video once and keeps them on disk.

    Args:
        folder: Where they are kept; None keeps none.
        kind: ``assigned`` takes the query that training assigns to each annotated
            object in each frame; ``tracked`` those of the tracker's tubes, as in use.
        min_iou: Least IoU of an object's mask with what was found, in a frame.
        min_frames: With ``tracked``, frames in which a tube has to show an object.
        max_frames: Most frames of a video that are learned from at once; of a longer
            one a part is taken at random. None takes all.

    Raises:
        ValueError: ``kind`` is neither.
    """

    def __init__(
        self,
        folder: str | None,
        kind: str = 'assigned',
        min_iou: float = 0.5,
        min_frames: int = 5,
        max_frames: int | None = 900,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f'kind is {kind!r}, expected one of {KINDS}')
        self.cache = TubeCache(folder) if folder is not None else None
        self.kind = kind
        self.min_iou = min_iou
        self.min_frames = min_frames
        self.max_frames = max_frames

    def __call__(
        self,
        builder: TubeBuilder,
        sample: SceneGraphDataSample,
        categories: Sequence[int],
    ) -> tuple[FeatureTubes, list[int]]:
        """Return the tubes of a video.

        Args:
            builder: Makes tubes.
            sample: The video, with ``rgbd_reader`` that reads ids, too.
            categories: Index of the category of each annotated object.

        Returns:
            The tubes of some or all frames, and the numbers of these.

        Raises:
            ValueError: The reader reads no ids.
        """
        tubes = self._all_frames(builder, sample, categories)
        count, most = tubes.present.shape[1], self.max_frames
        if most is None or count <= most:
            return tubes, list(range(count))
        start = int(torch.randint(count - most + 1, ()))
        return tubes.window(start, start + most), list(range(start, start + most))

    def _all_frames(
        self,
        builder: TubeBuilder,
        sample: SceneGraphDataSample,
        categories: Sequence[int],
    ) -> FeatureTubes:
        reader, objects = sample.rgbd_reader, sample.gt_scene_graph.objects
        if reader.first.ids is None:
            raise ValueError(
                'relations are learned from the masks of objects, expected '
                'LoadPanopticMasks in the transforms of OpenRGBDFrames'
            )

        def build() -> FeatureTubes:
            if self.kind == 'assigned':
                return builder.assigned(reader, objects, categories, self.min_iou)
            return builder.tracked_objects(
                reader, objects, categories, self.min_iou, self.min_frames
            )

        if self.cache is None:
            return build()
        settings = dict(
            kind=self.kind,
            min_iou=self.min_iou,
            builder=repr(builder),
            frames=repr(reader.transforms),
        )
        if self.kind == 'tracked':
            settings['min_frames'] = self.min_frames
        # A video of the same name may have been made anew.
        first = (reader.first.rgb, reader.first.depth)
        content = [tensor_digest(torch.from_numpy(array)) for array in first]
        content += [f'{item.id} {item.category}' for item in objects]
        return self.cache.get(
            sample.video_id,
            '; '.join([*content, str(len(reader))]),
            builder.segmentor,
            settings,
            build,
        )
