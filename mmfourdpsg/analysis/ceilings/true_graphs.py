"""Ground truth of a data set's videos: as it is written, and with all tubes."""

import sys
from collections.abc import Mapping

from mmengine.utils import track_iter_progress

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample


def true_graphs(dataset: Mapping) -> list[SceneGraph]:
    """Return the graph of each video, with tubes at original size; no image is read.

    Args:
        dataset: Config of a data set; its own pipeline is not used.
    """
    masks = dict(type='LoadPanopticMasks', frames='all', unknown_ids='listed')
    videos = DATASETS.build(dict(dataset, pipeline=[masks], test_mode=True))
    return [
        videos[index]['scene_graph']
        for index in track_iter_progress(range(len(videos)), file=sys.stderr)
    ]


def written_samples(dataset: Mapping) -> list[SceneGraphDataSample]:
    """Return the samples of all videos, without their images.

    Args:
        dataset: Config of a data set, see :func:`text_dataset`.
    """
    videos = DATASETS.build(dict(dataset))
    return [
        videos[index]['data_samples']
        for index in track_iter_progress(range(len(videos)), file=sys.stderr)
    ]
