"""How well masks fit where the tube decoder is told of every object."""

import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from mmengine.dataset import pseudo_collate
from mmengine.utils import track_iter_progress
from torch import nn

from mmfourdpsg.evaluation.functional import tube_iou
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import MaskTube, SceneGraphDataSample

from .pointed_tubes import box_ious, first_mask_ious

PROMPTS = {
    'boxes': 'boxes in every frame',
    'mask': 'mask of the first frame, later ones',
    'text': '[Obj] of annotated texts',
}
"""What can tell the tube decoder of an object, and how tables call it."""


class TubeFit(NamedTuple):
    """How well the tube of an object fits.

    Attributes:
        category: Its category.
        is_stuff: Whether it is stuff.
        size: Share of the image that it covers, mean over the frames that show it.
        iou: Volume IoU of its tube.
    """

    category: str
    is_stuff: bool
    size: float
    iou: float


def tube_fits(
    model: nn.Module, texts: Mapping, scenes: Mapping, prompt: str = 'text'
) -> Iterator[TubeFit]:
    """Yield how well the tube of each object fits that some frame shows.

    Args:
        model: A 4D-LLM, ready to test.
        texts: Config of the data that annotated texts are made of.
        scenes: Config of the same data with all masks.
        prompt: One of :data:`PROMPTS`. ``boxes``: the true box in every frame, each
            frame alone. ``mask``: the true mask in the first frame that shows the
            object, and memory from there on; later frames count. ``text``: the state
            behind its ``[Obj]`` in the annotated text.
    """
    told, shown = DATASETS.build(dict(texts)), DATASETS.build(dict(scenes))
    stuff = set(shown.metainfo.get('stuff_classes', ()))
    for index in track_iter_progress(range(len(told)), file=sys.stderr):
        graph = shown[index]['data_samples'].gt_scene_graph
        tubes = {item.id: item.tube for item in graph.objects if item.tube}
        batch = model.data_preprocessor(pseudo_collate([told[index]]))
        for object_id, iou in _ious(model, batch, tubes, prompt).items():
            category = graph.object_by_id(object_id).category
            size = _size(tubes[object_id])
            yield TubeFit(category, category in stuff, size, iou)


@torch.no_grad()
def _ious(
    model: nn.Module, batch: dict, tubes: Mapping[int, MaskTube], prompt: str
) -> dict[int, float]:
    """Return id -> IoU of the objects of one video."""
    (sample,) = batch['data_samples']
    if prompt == 'text':
        return _text_ious(model, batch['inputs'], sample, tubes)
    function = dict(boxes=box_ious, mask=first_mask_ious)[prompt]
    ious = function(model.tube_decoder, sample.frame_reader, list(tubes.values()))
    return {
        object_id: iou
        for object_id, iou in zip(tubes, ious, strict=True)
        if iou is not None
    }


def _text_ious(
    model: nn.Module,
    inputs: dict,
    sample: SceneGraphDataSample,
    tubes: Mapping[int, MaskTube],
) -> dict[int, float]:
    scene = model.encode_scene(inputs, [sample])
    _, (prompts,) = model.scene_graph_head.loss(*scene, [sample])
    found = model.tube_decoder.predict(sample.frame_reader, prompts.states)
    return {
        object_id: tube_iou(tube, tubes[object_id])
        for object_id, tube in zip(prompts.object_ids, found.tubes, strict=True)
        if object_id in tubes
    }


def _size(tube: MaskTube) -> float:
    return tube.area() / (len(tube) * tube.height * tube.width)
