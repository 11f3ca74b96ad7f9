import math
import warnings

import numpy as np
import pytest
from dense_reference import FRAMES, HEIGHT, WIDTH, data_sets
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import panoptic_quality
from mmfourdpsg.structures import MaskTube, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


def painted(graph):
    """Return pixel (frame, row, column) -> object, the best score on top."""
    pixels = {}
    if graph is None:
        return pixels
    for frame in range(FRAMES):
        for row in range(HEIGHT):
            for column in range(WIDTH):
                owners = [
                    item
                    for item in graph.objects
                    if item.tube is not None and item.tube.decode(frame)[row, column]
                ]
                if owners:
                    best = max(owners, key=lambda item: item.score or 0)
                    pixels[frame, row, column] = best
    return pixels


def tubes(pixels, frames):
    """Return object id -> (category, set of pixels) within some frames."""
    found = {}
    for place, item in pixels.items():
        if place[0] in frames:
            found.setdefault(item.id, (item.category, set()))[1].add(place)
    return found


def reference_vpq(videos, length):
    totals = {}
    for truth, prediction in videos:
        for start in range(FRAMES - length + 1):
            frames = range(start, start + length)
            wanted, given_ones = tubes(truth, frames), tubes(prediction, frames)
            annotated = set().union(*(pixels for _, pixels in wanted.values()))
            matched = set()
            for category, pixels in wanted.values():
                row = totals.setdefault(category, [0.0, 0, 0, 0])
                for key, (other, more) in given_ones.items():
                    iou = len(pixels & more) / len(pixels | (more & annotated))
                    if other == category and iou > 0.5:
                        row[0] += iou
                        row[1] += 1
                        matched.add(key)
                        break
                else:
                    row[2] += 1
            for key, (category, pixels) in given_ones.items():
                if key in matched or len(pixels - annotated) > len(pixels) / 2:
                    continue
                totals.setdefault(category, [0.0, 0, 0, 0])[3] += 1
    rows = [iou / (tp + fn / 2 + fp / 2) for iou, tp, fn, fp in totals.values()]
    return np.mean(rows) if rows else math.nan


def reference_sq(videos):
    sets = {}
    for index, (truth, prediction) in enumerate(videos):
        for side, pixels in enumerate((truth, prediction)):
            for place, item in pixels.items():
                if place in truth:
                    pair = sets.setdefault(item.category, (set(), set()))
                    pair[side].add((index, place))
    rows = [len(one & two) / len(one | two) for one, two in sets.values()]
    return np.mean(rows) if rows else math.nan


def reference_aq(videos, things):
    rows = []
    for truth, prediction in videos:
        # What is said to be stuff, or is void, is no tube of a thing.
        known = {
            place: item
            for place, item in prediction.items()
            if place in truth and item.category in things
        }
        given_ones = tubes(known, range(FRAMES))
        for _, pixels in tubes(truth, range(FRAMES)).values():
            total = 0
            for _, more in given_ones.values():
                shared = len(pixels & more)
                total += shared * shared / len(pixels | more)
            rows.append(total / len(pixels))
    return np.mean(rows) if rows else math.nan


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_qualities_equal_the_reference(videos):
    truths, predictions = videos
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        found = panoptic_quality(
            truths, [graph for graph in predictions if graph is not None], (1, 3)
        )
    pixels = [(painted(one), painted(two)) for one, two in zip(*videos, strict=True)]
    expected = {f'VPQ@{k}': reference_vpq(pixels, k) for k in (1, 3)}
    expected['VPQ'] = np.mean(list(expected.values()))
    things = {item.category for truth in truths for item in truth.objects}
    expected |= dict(SQ=reference_sq(pixels), AQ=reference_aq(pixels, things))
    for name, value in expected.items():
        assert found[name] == pytest.approx(100 * value, nan_ok=True), name
    stq = math.sqrt(found['SQ'] * found['AQ'])
    assert found['STQ'] == pytest.approx(stq, nan_ok=True)


def a_graph(*rows, frames=4):
    """Rows are (category, is thing, first column, last column + 1, frames, score)."""
    objects = []
    for index, (category, thing, first, last, when, score) in enumerate(rows):
        mask = np.zeros((2, 12), bool)
        mask[:, first:last] = True
        tube = MaskTube.from_masks(dict.fromkeys(when, mask), 2, 12)
        objects.append(SceneObject(index, category, thing, score, tube))
    return SceneGraph('v', 2, 12, frames, objects)


ALL = range(4)


def test_what_is_right_is_perfect_and_what_is_void_costs_nothing():
    truth = a_graph(('cup', True, 0, 4, ALL, None), ('wall', False, 4, 8, ALL, None))
    more = a_graph(
        ('cup', True, 0, 4, ALL, 0.9),
        ('wall', False, 4, 8, ALL, 0.8),
        ('dog', True, 8, 12, ALL, 0.7),
    )
    assert set(panoptic_quality([truth], [more]).values()) == {100}


def test_a_change_of_identity_costs_tracking_alone():
    truth = a_graph(('cup', True, 0, 4, ALL, None))
    split = a_graph(
        ('cup', True, 0, 4, range(2), 0.9), ('cup', True, 0, 4, range(2, 4), 0.9)
    )
    found = panoptic_quality([truth], [split], (1, 4))
    assert found['VPQ@1'] == found['SQ'] == 100
    # Halves of a tube match nothing: IoU 0.5 is not above 0.5.
    assert found['VPQ@4'] == 0
    assert found['AQ'] == pytest.approx(50)
    assert found['STQ'] == pytest.approx(100 * math.sqrt(0.5))


def test_the_better_score_owns_a_pixel():
    truth = a_graph(('cup', True, 0, 4, ALL, None), ('dog', True, 4, 8, ALL, None))
    for scores, expected in (((0.9, 0.5), 100.0), ((0.5, 0.9), 0.0)):
        found = a_graph(
            ('cup', True, 0, 4, ALL, scores[0]), ('dog', True, 0, 8, ALL, scores[1])
        )
        result = panoptic_quality([truth], [found], (1,))
        # Under "dog" the cup is gone, and an IoU of one half is too little for it.
        assert result['VPQ'] == expected


def test_stuff_is_not_tracked_and_nothing_is_no_number():
    wall = a_graph(('wall', False, 0, 4, ALL, None))
    with pytest.warns(UserWarning, match='1 of 1 videos have no prediction'):
        found = panoptic_quality([wall], [])
    assert found['VPQ'] == found['SQ'] == 0
    assert math.isnan(found['AQ'])
    assert all(
        math.isnan(x) for x in panoptic_quality([a_graph()], [a_graph()]).values()
    )


def test_another_size_is_refused():
    with pytest.raises(InputError, match='expected 2 x 12'):
        panoptic_quality([a_graph()], [SceneGraph('v', 3, 12, 4)])
