"""Contact sheet of many videos: frames, depth, masks, bars of relations."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import atomic_write

from .colours import object_colours, object_names


class SheetVideo(NamedTuple):
    """One video of a contact sheet.

    Attributes:
        graph: Its graph, with tubes, boxes or neither.
        rgb: Frames, uint8 ``[F, H, W, 3]``.
        depth: Depth of each ``[F, H, W]`` in metres, 0 = unknown; None for none.
        frame_indices: Index of each frame in the video ``[F]``; None counts them.
    """

    graph: SceneGraph
    rgb: np.ndarray
    depth: np.ndarray | None = None
    frame_indices: Sequence[int] | None = None


def draw_contact_sheet(
    videos: Sequence[SheetVideo],
    path: str | Path,
    num_columns: int = 4,
) -> None:
    """Draw videos with their ground truth to a PNG.

    A video is three rows of evenly spaced frames (RGB, depth, masks) with bars beside
    them that show when each relation holds.

    Args:
        videos: The videos.
        path: The PNG to write.
        num_columns: Frames of a video.
    """
    rows = 3 * len(videos)
    figure = Figure(figsize=(2.2 * num_columns + 6.5, 1.72 * rows), dpi=80)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        rows,
        num_columns + 1,
        width_ratios=[1] * num_columns + [2.9],
        left=0.01,
        right=0.99,
        top=0.995,
        bottom=0.01,
        wspace=0.03,
        hspace=0.06,
    )
    for index, video in enumerate(videos):
        graph, rgb, depth, indices = SheetVideo(*video)
        colours = object_colours(graph)
        shown = np.linspace(0, len(rgb) - 1, min(num_columns, len(rgb)))
        for column, place in enumerate(shown.round().astype(int)):
            frame = int(place if indices is None else indices[place])
            overlay = _paint(graph, rgb[place], frame, colours)
            shallow = np.full(rgb.shape[1:3], np.nan)
            if depth is not None:
                shallow = np.where(depth[place] > 0, depth[place], np.nan)
            images = (rgb[place], shallow, overlay)
            for part, image in enumerate(images):
                axes = figure.add_subplot(grid[3 * index + part, column])
                axes.imshow(image, **(dict(cmap='viridis_r') if part == 1 else {}))
                axes.set_axis_off()
                axes.text(
                    2,
                    10,
                    f'{frame}',
                    color='white',
                    fontsize=7,
                    backgroundcolor='black',
                )
        _draw_bars(
            figure.add_subplot(grid[3 * index : 3 * index + 3, num_columns]),
            graph,
            colours,
        )
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format='png')


def _paint(graph: SceneGraph, rgb: np.ndarray, frame: int, colours: dict) -> np.ndarray:
    image = rgb.astype(np.float64)
    for item in graph.objects:
        if item.tube is not None and item.is_thing:
            mask = item.tube.decode(frame)
            image[mask] = 0.35 * image[mask] + 0.65 * np.array(colours[item.id])
    image = image.astype(np.uint8)
    for item in graph.objects:
        if item.tube is None and item.boxes and frame in item.boxes:
            x1, y1, x2, y2 = (round(value) for value in item.boxes[frame])
            cv2.rectangle(image, (x1, y1), (x2, y2), colours[item.id], 1)
    return image


def _draw_bars(axes, graph: SceneGraph, colours: dict) -> None:
    names = object_names(graph)
    labels = []
    for row, relation in enumerate(graph.relations):
        subject, other = names[relation.subject], names[relation.object]
        labels.append(f'{subject} {relation.predicate} {other}')
        colour = np.array(colours[relation.subject]) / 255
        for start, end in relation.span:
            axes.barh(row, end - start + 1, left=start, height=0.75, color=colour)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.yaxis.tick_right()
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axes.set_xlim(0, graph.num_frames)
    axes.tick_params(labelsize=7, length=2)
    axes.set_title(f'{graph.video_id}: relations over frames', fontsize=8, pad=3)
    axes.spines[['top', 'left']].set_visible(False)
    # Labels stand to the right of the bars; leave them half of the room.
    box, inch = axes.get_position(), 1 / axes.figure.get_figheight()
    axes.set_position(
        [
            box.x0 + 0.01,
            box.y0 + 0.2 * inch,
            box.width * 0.45,
            box.height - 0.45 * inch,
        ]
    )
