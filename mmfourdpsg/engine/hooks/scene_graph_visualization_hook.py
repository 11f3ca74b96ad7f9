"""Hook that passes the predictions of a test to the visualizer."""

import time
from collections.abc import Sequence
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS
from mmfourdpsg.structures import SceneGraphDataSample


@HOOKS.register_module()
class SceneGraphVisualizationHook(Hook):
    """Has the visualizer draw every prediction of a test.

    Args:
        out_dir: Each video gets a folder of its name in here.
        show: Whether to open each page in the browser.
        wait_time: Seconds between pages.
    """

    def __init__(
        self, out_dir: str | Path, show: bool = False, wait_time: float = 2
    ) -> None:
        self.out_dir = Path(out_dir)
        self.show = show
        self.wait_time = wait_time

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[SceneGraphDataSample] | None = None,
    ) -> None:
        """Draw the predictions of a batch."""
        for sample in outputs or ():
            runner.visualizer.add_datasample(
                sample.video_id,
                None,
                sample,
                show=self.show,
                out_file=self.out_dir / sample.video_id,
            )
            if self.show:
                time.sleep(self.wait_time)
