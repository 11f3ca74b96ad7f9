"""Tracking by queries: what stays one object, and what does not."""

import numpy as np
import pytest
import torch

from mmfourdpsg.models.segmentors import FrameSegments
from mmfourdpsg.models.trackers import FeatureTubes, QueryTracker
from mmfourdpsg.models.trackers.query_tracker import box_ious

SIZE = (40, 60)


def segment_square(x, y, side=8):
    mask = np.zeros(SIZE, dtype=bool)
    mask[y : y + side, x : x + side] = True
    return mask


def frame(*squares, noise=0.0):
    """Segments of squares ``(x, y, direction of the query, category)``."""
    if not squares:
        return FrameSegments(torch.zeros(0, 8))
    queries = torch.eye(8)[[row[2] for row in squares]]
    queries = 3 * queries + noise * torch.randn(queries.shape)
    masks = np.stack([segment_square(x, y) for x, y, *_ in squares])
    return FrameSegments.of_masks(
        queries, [row[3] for row in squares], [0.9] * len(squares), masks
    )


def rows(tracks):
    """Frames and first columns of each track."""
    found = []
    for track in tracks:
        tubes = FeatureTubes.of_tracks([track], 99, 8, SIZE)
        boxes = tubes.tubes[0].boxes()
        found.append({number: int(box[0]) for number, box in boxes.items()})
    return found


def test_crossing_squares_keep_their_tracks():
    torch.manual_seed(0)
    frames = [
        frame((4 * t, 10, 0, 1), (40 - 4 * t, 10 + (t == 5) * 8, 1, 1), noise=0.3)
        for t in range(10)
    ]
    # Whatever the order of a frame's segments.
    for segments in frames[1::2]:
        for name in ('queries', 'boxes'):
            setattr(segments, name, getattr(segments, name)[[1, 0]])
        segments.rles.reverse()
    first, second = rows(QueryTracker(box_weight=0.0).track(frames))
    assert first == {t: 4 * t for t in range(10)}
    assert second == {t: 40 - 4 * t for t in range(10)}


def test_a_track_that_is_lost_goes_on_where_it_is_found_again():
    frames = [frame((2, 2, 0, 1)), frame(), frame(), frame((40, 20, 0, 1))]
    (track,) = QueryTracker(max_lost=3).track(frames)
    assert list(track.rles) == [0, 3]
    first, second = QueryTracker(max_lost=2).track(frames)
    assert (list(first.rles), list(second.rles)) == ([0], [3])


def test_frames_without_segments_count():
    frames = [frame(), frame((2, 2, 0, 1)), frame(), frame((2, 2, 0, 1))]
    (track,) = QueryTracker().track(frames)
    tubes = FeatureTubes.of_tracks([track], 4, 8, SIZE)
    assert tubes.present.tolist() == [[False, True, False, True]]
    assert tubes.features[0, :, 0].tolist() == [0, 3, 0, 3]
    assert QueryTracker().track([frame(), frame()]) == []


def test_a_box_that_moves_on_is_followed_where_the_query_has_changed():
    # Nothing alike but the motion.
    frames = [frame((5 * t, 4, t, 1)) for t in range(6)]
    (track,) = QueryTracker(min_iou=0.2).track(frames)
    assert len(track.rles) == 6
    assert len(QueryTracker(min_iou=0.9).track(frames)) > 1


def test_what_looks_alike_but_is_of_another_category_is_told_apart():
    far = [frame((2, 2, 0, 1)), frame((40, 20, 0, 2))]
    for segments in far[1:]:
        segments.queries = segments.queries + torch.tensor([0, 2.5] + [0] * 6)
    limits = dict(max_distance=0.1, max_distance_same_category=0.5)
    assert len(QueryTracker(**limits).track(far)) == 2
    far[1].categories = [1]
    assert len(QueryTracker(**limits).track(far)) == 1


def test_frames_vote_for_the_category():
    frames = [frame((2, 2, 0, category)) for category in (3, 1, 3)]
    frames[1].scores = [0.95]
    (track,) = QueryTracker().track(frames)
    assert track.category == 3
    assert track.score == pytest.approx((0.9 + 0.95 + 0.9) / 3)


def test_videos_do_not_know_of_each_other():
    tracker = QueryTracker()
    frames = [frame((2, 2, 0, 1)), frame((3, 2, 0, 1))]
    assert rows(tracker.track(frames)) == rows(tracker.track(frames))


def test_three_hundred_tracks_are_kept_apart():
    torch.manual_seed(0)
    count = 300
    queries = torch.randn(count, 32)
    columns = np.arange(count) * 2.0
    frames = []
    for _ in range(3):
        order = torch.randperm(count)
        boxes = np.stack([columns[order], np.zeros(count), columns[order] + 2,
                          np.ones(count)], axis=1)  # fmt: skip
        noisy = queries[order] + 0.05 * torch.randn(count, 32)
        rles = [dict(size=[1, 600], number=int(i)) for i in order]
        frames.append(FrameSegments(noisy, [0] * count, [0.9] * count, rles, boxes))
    tracks = QueryTracker().track(frames)
    assert len(tracks) == count
    for track in tracks:
        assert len({rle['number'] for rle in track.rles.values()}) == 1


def test_overlap_of_boxes():
    boxes = np.array([[0, 0, 2, 2.0], [10, 10, 11, 11]])
    found = box_ious(boxes, np.array([[1, 0, 3, 2.0]]))
    assert found.tolist() == [[pytest.approx(1 / 3)], [0]]
