"""Viewer page: HTML that shows a scene graph beside its video."""

import base64
import html
import json
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from mmfourdpsg.structures import MaskTube, SceneGraph, SceneObject, clip_span
from mmfourdpsg.utils import atomic_write

from .colours import hex_colour, object_colours, object_names
from .frame_checks import check_frame, check_num_frames
from .graph_layout import graph_layout
from .least_scores import ALL, LeastScores

_GRAPH_SIZE = (430.0, 380.0)


def write_viewer(
    path: str | Path,
    graph: SceneGraph,
    frames: Sequence[np.ndarray],
    fps: float = 8.0,
    max_frames: int = 300,
    max_side: int = 640,
    quality: int = 80,
    least_scores: LeastScores = ALL,
) -> None:
    """Write a self-contained HTML page: video, masks, timeline and graph.

    The page needs no network and no other file. Frames are JPEG images, masks are
    run lengths that the page decodes.

    Args:
        path: The page to write, whole or not at all.
        graph: The scene graph.
        frames: Every frame of the video, uint8 ``[H, W, 3]`` RGB, read one by one.
        fps: Frames a second, for playing.
        max_frames: Longer videos show this many frames, evenly spaced; the page says
            so. The timeline is that of the whole video.
        max_side: Larger frames are shrunk to this many pixels on the longer side.
        quality: JPEG quality, 1 to 100.
        least_scores: What is shown at first; the page holds everything and has a field
            for each.

    Raises:
        InputError: The frames are not as many or not as large as the graph says.
    """
    check_num_frames(frames, graph)
    num_shown = min(max_frames, graph.num_frames)
    shown = np.linspace(0, graph.num_frames - 1, num_shown).round().astype(int).tolist()
    scale = min(1.0, max_side / max(graph.height, graph.width))
    size = tuple(max(1, round(side * scale)) for side in (graph.width, graph.height))
    images = []
    for index in shown:
        frame = np.asarray(frames[index])
        check_frame(frame, index, graph)
        images.append(_data_address(frame, size, quality))
    content = dict(
        video_id=graph.video_id,
        num_frames=graph.num_frames,
        original_width=graph.width,
        original_height=graph.height,
        width=size[0],
        height=size[1],
        fps=float(fps),
        shown=shown,
        frames=images,
        graph=dict(width=_GRAPH_SIZE[0], height=_GRAPH_SIZE[1]),
        objects=_objects(graph, shown, size),
        relations=_relations(graph),
        least=least_scores._asdict(),
    )
    page = _fill(
        resources.files(__package__)
        .joinpath('viewer_template.html')
        .read_text('utf-8'),
        title=html.escape(f'{graph.video_id} - scene graph'),
        data=_script_json(content),
    )
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding='utf-8')


def _objects(graph: SceneGraph, shown: list[int], size: tuple[int, int]) -> list[dict]:
    colours = object_colours(graph)
    names = object_names(graph)
    places = graph_layout(graph, names, *_GRAPH_SIZE)
    return [
        dict(
            name=names[item.id],
            thing=item.is_thing,
            score=None if item.score is None else float(item.score),
            description=item.description,
            colour=hex_colour(colours[item.id]),
            rgb=colours[item.id],
            x=round(places[item.id][0], 1),
            y=round(places[item.id][1], 1),
            num_visible=len(_visible(item)),
            masks=_masks(item.tube, shown, size),
            boxes=_boxes(item, graph, shown, size),
        )
        for item in graph.objects
    ]


def _visible(item: SceneObject) -> set[int]:
    """Return the frames where the object has a mask or a box."""
    return set(item.tube.frames if item.tube else ()) | set(item.boxes or ())


def _masks(
    tube: MaskTube | None, shown: list[int], size: tuple[int, int]
) -> dict[int, str]:
    """Return place in ``shown`` -> compressed run lengths at the page's size."""
    if tube is None:
        return {}
    part = tube.select(shown)
    if size != (tube.width, tube.height):
        masks = {
            frame: cv2.resize(
                part.decode(frame).astype(np.uint8), size, interpolation=cv2.INTER_AREA
            )
            > 0
            for frame in part.frames
        }
        part = MaskTube.from_masks(masks, size[1], size[0])
    encoded = part.to_json()
    return {
        place: encoded[str(frame)]['counts']
        for place, frame in enumerate(shown)
        if str(frame) in encoded
    }


def _boxes(
    item: SceneObject, graph: SceneGraph, shown: list[int], size: tuple[int, int]
) -> dict[int, list[float]]:
    """Return place in ``shown`` -> box in the page's pixels."""
    scale = np.array([size[0] / graph.width, size[1] / graph.height] * 2)
    return {
        place: (np.asarray(item.boxes[frame]) * scale).round(1).tolist()
        for place, frame in enumerate(shown)
        if frame in (item.boxes or {})
    }


def _relations(graph: SceneGraph) -> list[dict]:
    places = {item.id: place for place, item in enumerate(graph.objects)}
    return [
        dict(
            subject=places[relation.subject],
            predicate=relation.predicate,
            object=places[relation.object],
            span=clip_span(relation.span, graph.num_frames),
            score=None if relation.score is None else float(relation.score),
            reason=relation.reason,
        )
        for relation in graph.relations
    ]


def _data_address(frame: np.ndarray, size: tuple[int, int], quality: int) -> str:
    """Return a frame ``[H, W, 3]`` as a JPEG ``data:`` address."""
    if size != (frame.shape[1], frame.shape[0]):
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    _, buffer = cv2.imencode(
        '.jpg',
        np.ascontiguousarray(frame[..., ::-1]),
        [cv2.IMWRITE_JPEG_QUALITY, quality],
    )
    return 'data:image/jpeg;base64,' + base64.b64encode(buffer).decode()


def _script_json(content: dict) -> str:
    """Return JSON in which nothing can end the script element that holds it."""
    text = json.dumps(content, separators=(',', ':'), allow_nan=False)
    return re.sub('[<>&]', lambda match: f'\\u{ord(match[0]):04x}', text)


def _fill(template: str, **values: str) -> str:
    """Fill in ``{{name}}``, in one pass, so that values are never filled again."""
    return re.sub(r'\{\{(\w+)\}\}', lambda match: values[match[1]], template)
