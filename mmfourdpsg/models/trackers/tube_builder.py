"""Builder of feature tubes: reads a whole video in chunks and keeps no image."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import SceneObject

from ..segmentors import FrameSegments, PanopticSegmentor, SegmentQueries
from .feature_tubes import FeatureTubes
from .query_tracker import QueryTracker, Track


class TubeBuilder:
    """Makes the feature tubes of a video.

    Frames are read, segmented and forgotten chunk by chunk: what is kept of them are
    queries and run-length encoded masks.

    Args:
        segmentor: Segments frames.
        tracker: Follows segments.
        chunk_size: Frames that are segmented at once.
        max_tubes: Most tubes of a video; the longest and surest are kept.
    """

    def __init__(
        self,
        segmentor: PanopticSegmentor,
        tracker: QueryTracker,
        chunk_size: int = 8,
        max_tubes: int = 100,
    ) -> None:
        self.segmentor = segmentor
        self.tracker = tracker
        self.chunk_size = chunk_size
        self.max_tubes = max_tubes

    def __repr__(self) -> str:
        return f'TubeBuilder(max_tubes={self.max_tubes}, tracker={self.tracker})'

    def tracked(self, reader: Sequence, size: tuple[int, int]) -> FeatureTubes:
        """Return the tubes of what the tracker follows.

        Args:
            reader: All frames of the video, see :class:`RGBDFrameReader`.
            size: Height and width of the masks.
        """
        segments = (
            self.segmentor.frame_segments(found, place, size)
            for found, frames in self._chunks(reader)
            for place in range(len(frames))
        )
        return self._of_tracks(self.tracker.track(segments), len(reader), size)

    def tracked_objects(
        self,
        reader: Sequence,
        objects: Sequence[SceneObject],
        categories: Sequence[int],
        min_iou: float = 0.5,
        min_frames: int = 5,
    ) -> FeatureTubes:
        """Return the tubes of what the tracker follows, and what objects they show.

        A tube shows the object of its own category that it overlaps in the most
        frames.

        Args:
            reader: All frames of the video, with ids of objects.
            objects: The annotated objects.
            categories: Index of the category of each.
            min_iou: Least IoU of a frame in which they overlap.
            min_frames: Least number of such frames, or all frames of a shorter video.
        """
        shown: list[tuple[list[int], list[dict]]] = []
        size = reader[0].rgb.shape[:2]

        def segments() -> Iterator[FrameSegments]:
            for found, frames in self._chunks(reader):
                for place, frame in enumerate(frames):
                    shown.append(_encoded_objects(frame.ids, objects))
                    yield self.segmentor.frame_segments(found, place, size)

        tracks = self.tracker.track(segments())
        tubes = self._of_tracks(tracks, len(reader), size)
        tubes.object_ids = [
            _shown_object(
                tube.rles,
                shown,
                {
                    item.id
                    for item, index in zip(objects, categories, strict=True)
                    if index == category
                },
                min_iou,
                min(min_frames, len(reader)),
            )
            for tube, category in zip(tubes.tubes, tubes.categories, strict=True)
        ]
        tubes.tubes = None
        return tubes

    def assigned(
        self,
        reader: Sequence,
        objects: Sequence[SceneObject],
        categories: Sequence[int],
        min_iou: float = 0.5,
    ) -> FeatureTubes:
        """Return the tubes of annotated objects, of the queries assigned to them.

        An object is absent where its query has found something else. Objects that are
        found in no frame are left out.

        Args:
            reader: All frames of the video, with ids of objects.
            objects: The annotated objects.
            categories: Index of the category of each.
            min_iou: Least IoU of an object's mask with that of its query.
        """
        channels = self.segmentor.embed_dims
        features = torch.zeros(len(objects), len(reader), channels)
        present = torch.zeros(len(objects), len(reader), dtype=torch.bool)
        ids = np.array([item.id for item in objects])
        number = 0
        for found, frames in self._chunks(reader):
            device = found.queries.device
            for place, frame in enumerate(frames):
                masks = frame.ids == ids[:, None, None]  # [N, h, w]
                (rows,) = masks.any(axis=(1, 2)).nonzero()
                queries, there = self.segmentor.object_queries(
                    found,
                    place,
                    torch.tensor(categories, device=device)[rows],
                    torch.from_numpy(masks[rows]).to(device),
                    min_iou,
                )
                kept = rows[there.cpu().numpy()]
                features[kept, number] = queries[there].float().cpu()
                present[kept, number] = True
                number += 1
        tubes = FeatureTubes(
            features, present, list(categories), torch.ones(len(objects)), ids.tolist()
        )
        return tubes.window(0, len(reader))

    @torch.no_grad()
    def _chunks(self, reader: Sequence) -> Iterator[tuple[SegmentQueries, list]]:
        """Yield what is found in some frames, and the frames."""
        device = next(self.segmentor.parameters()).device
        for start in range(0, len(reader), self.chunk_size):
            end = min(start + self.chunk_size, len(reader))
            frames = [reader[index] for index in range(start, end)]
            rgb = torch.from_numpy(np.stack([frame.rgb for frame in frames]))
            depth = torch.from_numpy(np.stack([frame.depth for frame in frames]))
            yield (
                self.segmentor(rgb.permute(0, 3, 1, 2).to(device), depth.to(device)),
                frames,
            )

    def _of_tracks(
        self, tracks: list[Track], num_frames: int, size: tuple[int, int]
    ) -> FeatureTubes:
        best = sorted(tracks, key=lambda track: -sum(track.scores.values()))
        kept = {id(track) for track in best[: self.max_tubes]}
        tracks = [track for track in tracks if id(track) in kept]
        channels = self.segmentor.embed_dims
        return FeatureTubes.of_tracks(tracks, num_frames, channels, size)


def _encoded_objects(
    ids: np.ndarray, objects: Sequence[SceneObject]
) -> tuple[list[int], list[dict]]:
    """Return the objects that a frame ``[h, w]`` of ids shows, and their masks."""
    known = {item.id for item in objects}
    there = [int(key) for key in np.unique(ids) if key in known]
    masks = ids[..., None] == np.array(there, ids.dtype)  # [h, w, n]
    return there, coco_mask.encode(np.asfortranarray(masks, np.uint8)) if there else []


def _shown_object(
    rles: dict[int, dict],
    shown: Sequence[tuple[list[int], list[dict]]],
    candidates: set[int],
    min_iou: float,
    min_frames: int,
) -> int:
    """Return the candidate that a tube overlaps in the most frames, 0 for none."""
    votes: Counter[int] = Counter()
    for frame, rle in rles.items():
        ids, masks = shown[frame]
        ious = coco_mask.iou([rle], masks, [0] * len(masks))[0] if ids else []
        for object_id, iou in zip(ids, ious, strict=True):
            if object_id in candidates and iou > min_iou:
                votes[object_id] += 1
    best, count = votes.most_common(1)[0] if votes else (0, 0)
    return best if count >= min_frames else 0
