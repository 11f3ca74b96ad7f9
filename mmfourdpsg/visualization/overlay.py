"""Overlay video: a scene graph drawn over its frames."""

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

from .colours import object_colours, object_names
from .frame_checks import check_frame, check_num_frames
from .least_scores import ALL, LeastScores
from .video_file_writer import write_video

_GROUND = (20, 22, 27)
_TEXT = (238, 240, 244)
_INK = (12, 13, 16)


class OverlayRenderer:
    """Draws masks, names and the relations that hold now on single frames.

    Colours and sizes are the same for every frame. A strip beneath the image holds
    the captions, so that they hide nothing.

    Shapes: ``H`` x ``W`` pixels of the video, ``h`` x ``w`` of the drawing.

    Args:
        graph: The scene graph.
        min_side: Smaller frames are enlarged, by a whole factor, until the longer
            side has this many pixels, so that text is readable.
        max_side: Larger frames are shrunk to this many pixels on the longer side.
        max_captions: Most relations to write at once; the best by score are kept and
            the rest is counted.
        least_scores: What is drawn.
    """

    def __init__(
        self,
        graph: SceneGraph,
        min_side: int = 640,
        max_side: int = 1280,
        max_captions: int = 5,
        least_scores: LeastScores = ALL,
    ) -> None:
        # Names and colours are those of the whole graph, as everywhere.
        self.colours = object_colours(graph)
        self.names = object_names(graph)
        self.graph = least_scores.select(graph)
        longer = max(graph.height, graph.width)
        scale = max(1, -(-min_side // longer)) if longer < min_side else 1
        scale = min(scale, max_side / longer)
        self.size = (round(graph.width * scale), round(graph.height * scale))
        self.font_size = max(13, round(max(self.size) / 48))
        self.line_height = round(1.5 * self.font_size)
        self.max_captions = max_captions
        self.num_lines = min(max_captions + 1, self._most_at_once())

    def __call__(self, frame: np.ndarray, index: int) -> np.ndarray:
        """Draw on one frame.

        Args:
            frame: uint8 ``[H, W, 3]`` RGB; it is left as it is.
            index: The frame's index in the video.

        Returns:
            uint8 ``[h, w, 3]`` RGB.

        Raises:
            InputError: The frame is of another size than the graph says.
        """
        check_frame(frame, index, self.graph)
        method = cv2.INTER_AREA if self.size[0] < frame.shape[1] else cv2.INTER_CUBIC
        shown = cv2.resize(frame, self.size, interpolation=method)
        labels = []
        for item in self._back_to_front(index):
            place = self._draw_object(shown, item, index)
            if place is not None:
                labels.append((item, place))
        strip_height = self.num_lines * self.line_height + self.line_height // 2
        strip = np.full((strip_height, self.size[0], 3), _GROUND, np.uint8)
        image = Image.fromarray(np.concatenate([shown, strip]))
        draw = ImageDraw.Draw(image)
        for item, place in labels:
            self._draw_label(draw, item, place)
        self._draw_captions(draw, index)
        return np.asarray(image)

    def relations_at(self, index: int) -> list[Relation]:
        """Return the relations that hold in a frame, the surest first."""
        holding = [
            relation
            for relation in self.graph.relations
            if any(start <= index <= end for start, end in relation.span)
        ]
        return sorted(holding, key=lambda row: -(row.score or 0.0))

    def _most_at_once(self) -> int:
        changes = [
            change
            for relation in self.graph.relations
            for start, end in relation.span
            for change in ((start, 1), (end + 1, -1))
        ]
        steps = itertools.accumulate(change for _, change in sorted(changes))
        return max(steps, default=0)

    def _back_to_front(self, index: int) -> list[SceneObject]:
        """Stuff beneath things and large beneath small, so that all can be seen."""

        def depth(item: SceneObject) -> tuple[bool, int]:
            area = item.tube.select([index]).area() if item.tube else 0
            return item.is_thing, -area

        return sorted(self.graph.objects, key=depth)

    def _draw_object(
        self, image: np.ndarray, item: SceneObject, index: int
    ) -> tuple[int, int] | None:
        """Draw a mask, or else a box; return the place for its name."""
        colour = self.colours[item.id]
        width = max(1, self.font_size // 9)
        if item.tube is not None and index in item.tube.rles:
            small = item.tube.decode(index).astype(np.uint8)
            mask = cv2.resize(small, self.size, interpolation=cv2.INTER_NEAREST)
            if not mask.any():
                return None
            alpha = 0.42 if item.is_thing else 0.2
            # OpenCV blends all pixels in a tenth of the time that NumPy takes for some.
            dark = cv2.convertScaleAbs(image, alpha=1 - alpha)
            tinted = cv2.add(dark, (*(alpha * value for value in colour), 0.0))
            cv2.copyTo(tinted, mask, image)
            contours, _ = cv2.findContours(
                mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
            )
            cv2.drawContours(image, contours, -1, colour, width, cv2.LINE_AA)
            # The innermost pixel, also of a mask whose centre lies outside itself.
            inner = cv2.distanceTransform(np.pad(small, 1), cv2.DIST_L2, 3)
            y, x = np.unravel_index(inner.argmax(), inner.shape)
            scale_x, scale_y = np.divide(self.size, small.shape[::-1])
            return int((x - 0.5) * scale_x), int((y - 0.5) * scale_y)
        if item.boxes and index in item.boxes:
            scale = np.array([*self.size, *self.size]) / (
                [self.graph.width, self.graph.height] * 2
            )
            x1, y1, x2, y2 = (np.array(item.boxes[index]) * scale).round().astype(int)
            corners = (int(x1), int(y1)), (int(x2), int(y2))
            cv2.rectangle(image, *corners, colour, width)
            return int(x1 + x2) // 2, int(y1)
        return None

    def _draw_label(
        self, draw: ImageDraw.ImageDraw, item: SceneObject, place: tuple[int, int]
    ) -> None:
        font = _font(self.font_size, bold=True)
        name = self.names[item.id]
        w = draw.textlength(name, font) + 0.7 * self.font_size
        h = 1.4 * self.font_size
        x = min(max(place[0] - w / 2, 1), max(self.size[0] - w - 1, 1))
        y = min(max(place[1] - h / 2, 1), max(self.size[1] - h - 1, 1))
        draw.rounded_rectangle((x, y, x + w, y + h), h / 5, self.colours[item.id])
        draw.text((x + w / 2, y + h / 2), name, _INK, font, anchor='mm')

    def _draw_captions(self, draw: ImageDraw.ImageDraw, index: int) -> None:
        relations = self.relations_at(index)
        x = self.font_size // 2
        y = self.size[1] + self.line_height // 4
        for relation in relations[: self.max_captions]:
            parts = [
                (self.names[relation.subject], self.colours[relation.subject], True),
                (f' {relation.predicate} ', _TEXT, False),
                (self.names[relation.object], self.colours[relation.object], True),
            ]
            self._draw_line(draw, x, y, parts)
            y += self.line_height
        more = len(relations) - self.max_captions
        if more > 0:
            self._draw_line(draw, x, y, [(f'and {more} more', _TEXT, False)])
        font = _font(self.font_size)
        corner = (self.size[0] - x, self.size[1] + self.line_height // 4)
        if self.num_lines:
            draw.text(corner, str(index), (150, 156, 170), font, anchor='ra')

    def _draw_line(
        self, draw: ImageDraw.ImageDraw, x: float, y: float, parts: list[tuple]
    ) -> None:
        for text, colour, bold in parts:
            font = _font(self.font_size, bold)
            draw.text((x, y), text, colour, font)
            x += draw.textlength(text, font)


def write_overlay_video(
    path: str | Path,
    graph: SceneGraph,
    frames: Sequence[np.ndarray],
    fps: float = 8.0,
    least_scores: LeastScores = ALL,
) -> None:
    """Write a video of the masks, the names and the relations that hold.

    Frames are read, drawn and encoded one by one, so that long videos need no more
    memory than short ones.

    Args:
        path: The ``.mp4`` file to write, whole or not at all.
        graph: The scene graph.
        frames: Every frame of the video, uint8 ``[H, W, 3]`` RGB.
        fps: Frames a second.
        least_scores: What is drawn.

    Raises:
        InputError: The frames are not as many or not as large as the graph says.
    """
    check_num_frames(frames, graph)
    renderer = OverlayRenderer(graph, least_scores=least_scores)

    def drawn() -> Iterator[np.ndarray]:
        for index in range(graph.num_frames):
            yield renderer(np.asarray(frames[index]), index)

    write_video(path, drawn(), fps)


@cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    # Matplotlib brings a font that covers far more than Latin.
    name = 'DejaVuSans-Bold.ttf' if bold else 'DejaVuSans.ttf'
    return ImageFont.truetype(
        str(Path(matplotlib.get_data_path(), 'fonts/ttf', name)), size
    )
