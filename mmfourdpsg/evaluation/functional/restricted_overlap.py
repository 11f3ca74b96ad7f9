"""Volume IoU of tubes that are restricted to spans."""

from mmfourdpsg.structures import SceneGraph, Span

from .tube_runs import TubeRuns, runs_iou


class RestrictedOverlap:
    """IoU of the tubes of two graphs of a video; each tube is read once, if at all.

    Args:
        ground_truth: The ground truth.
        prediction: The prediction, of the same height and width.
        threshold: IoUs below it need not be exact, see :func:`runs_iou`.
    """

    def __init__(
        self, ground_truth: SceneGraph, prediction: SceneGraph, threshold: float
    ) -> None:
        self._graphs = dict(ground_truth=ground_truth, prediction=prediction)
        self.threshold = threshold
        # Absent and empty tubes are None.
        self._runs: dict[tuple[str, int], TubeRuns | None] = {}
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
        key = (wanted_id, tuple(wanted_span), found_id, tuple(found_span))
        if key not in self._ious:
            first = self._read('ground_truth', wanted_id)
            second = self._read('prediction', found_id)
            self._ious[key] = (
                0.0
                if first is None or second is None
                else runs_iou(first, wanted_span, second, found_span, self.threshold)
            )
        return self._ious[key]

    def _read(self, name: str, object_id: int) -> TubeRuns | None:
        key = (name, object_id)
        if key not in self._runs:
            tube = self._graphs[name].object_by_id(object_id).tube
            self._runs[key] = TubeRuns(tube) if tube else None
        return self._runs[key]
