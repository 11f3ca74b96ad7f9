"""Label matcher by equality."""

from mmfourdpsg.registry import TASK_UTILS

from .label_matcher import LabelMatcher


@TASK_UTILS.register_module()
class ExactLabelMatcher(LabelMatcher):
    """The default: only equal labels count."""

    @property
    def description(self) -> str:
        """What results say of how labels were compared, on one line."""
        return 'exact'

    def compare(self, predicted: str, wanted: str) -> bool:
        """Return False: the two differ."""
        return False
