"""Volume IoU of tubes that are restricted to spans."""

from mmfourdpsg.structures import MaskTube, SceneGraph, Span

from .tube_iou import can_stack, restrict_tube, stack_frames, stacked_iou, tube_iou


class RestrictedOverlap:
    """IoU of the tubes of two graphs of a video, each restricted and stacked once.

    Args:
        ground_truth: The ground truth.
        prediction: The prediction, of the same height and width.
    """

    def __init__(self, ground_truth: SceneGraph, prediction: SceneGraph) -> None:
        self._graphs = dict(ground_truth=ground_truth, prediction=prediction)
        self.num_frames = max(
            (
                1 + item.tube.frames[-1]
                for graph in self._graphs.values()
                for item in graph.objects
                if item.tube
            ),
            default=1,
        )
        self.can_stack = can_stack(
            ground_truth.height, ground_truth.width, self.num_frames
        )
        # Absent and empty tubes are None; a volume is a wide encoding where one can
        # hold it, else the tube itself.
        self._volumes: dict[tuple, dict | MaskTube | None] = {}
        self._ious: dict[tuple, float] = {}

    def iou(
        self, wanted_id: int, wanted_span: Span, found_id: int, found_span: Span
    ) -> float:
        """Return the volume IoU, 0 where a tube is empty.

        Args:
            wanted_id: Object of the ground truth.
            wanted_span: What its tube is restricted to.
            found_id: Object of the prediction.
            found_span: What its tube is restricted to.
        """
        keys = (
            ('ground_truth', wanted_id, tuple(wanted_span)),
            ('prediction', found_id, tuple(found_span)),
        )
        if keys not in self._ious:
            first, second = (self._volume(*key) for key in keys)
            if first is None or second is None:
                self._ious[keys] = 0.0
            elif self.can_stack:
                self._ious[keys] = stacked_iou(first, second)
            else:
                self._ious[keys] = tube_iou(first, second)
        return self._ious[keys]

    def _volume(self, name: str, object_id: int, span: tuple) -> dict | MaskTube | None:
        key = (name, object_id, span)
        if key not in self._volumes:
            tube = self._graphs[name].object_by_id(object_id).tube
            volume = restrict_tube(tube, list(span)) or None
            if volume is not None and self.can_stack:
                volume = stack_frames(volume, self.num_frames)
            self._volumes[key] = volume
        return self._volumes[key]
