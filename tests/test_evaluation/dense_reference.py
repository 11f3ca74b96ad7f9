"""Random small graphs, and scoring them on decoded masks by plain loops."""

import math

import numpy as np
from hypothesis import strategies as st

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

HEIGHT, WIDTH, FRAMES = 4, 5, 4


def dense(tube, span, frames):
    """Return a boolean volume, empty outside the span."""
    volume = np.zeros((frames, HEIGHT, WIDTH), dtype=bool)
    for frame in range(frames):
        inside = any(start <= frame <= end for start, end in span)
        if tube is not None and inside:
            volume[frame] = tube.decode(frame)
    return volume


def dense_iou(first, second):
    union = (first | second).sum()
    return (first & second).sum() / union if union else 0.0


@st.composite
def tubes(draw):
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    masks = {}
    for frame in draw(st.sets(st.integers(0, FRAMES + 1), max_size=FRAMES)):
        row, column = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
        mask[row : row + draw(st.integers(0, 3)), column : column + 2] = True
        masks[frame] = mask
    return MaskTube.from_masks(masks, HEIGHT, WIDTH)


@st.composite
def graphs(draw, base=None, video_id='v'):
    """Draw a graph; with a base, its objects are the base's, some of them changed."""
    if base is None:
        objects = [
            SceneObject(i, draw(st.sampled_from('ab')), tube=draw(tubes()))
            for i in range(draw(st.integers(2, 4)))
        ]
    else:
        objects = [
            SceneObject(
                item.id,
                item.category if draw(st.integers(0, 5)) else 'a',
                tube=item.tube if draw(st.integers(0, 2)) else draw(tubes()),
            )
            for item in base.objects
        ]
    relations = []
    for _ in range(draw(st.integers(0, 8))):
        subject, other = draw(st.permutations([item.id for item in objects]))[:2]
        ranges = []
        for _ in range(draw(st.integers(1, 2))):
            start = draw(st.integers(0, FRAMES))
            ranges.append((start, start + draw(st.integers(0, 3))))
        score = draw(st.sampled_from([None, 0.2, 0.5, 0.5, 0.9]))
        predicate = draw(st.sampled_from('pq'))
        relations.append(Relation(subject, predicate, other, ranges, score))
    return SceneGraph(video_id, HEIGHT, WIDTH, FRAMES, objects, relations)


def recall_of_hits(truths, hits):
    """Return (R@K, mR@K) of a list, a video, of sets of found relations."""
    by_predicate = {}
    for truth, found in zip(truths, hits, strict=True):
        for index, wanted in enumerate(truth.relations):
            by_predicate.setdefault(wanted.predicate, []).append(index in found)
    flat = [hit for row in by_predicate.values() for hit in row]
    if not flat:
        return math.nan, math.nan
    means = [np.mean(row) for row in by_predicate.values()]
    return 100 * np.mean(flat), 100 * np.mean(means)


def ranked(prediction, k):
    """Return the first K relations by score, ties in their order."""
    rows = prediction.relations if prediction is not None else []
    order = sorted(range(len(rows)), key=lambda i: (-(rows[i].score or 0.0), i))
    return [rows[i] for i in order[:k]]


@st.composite
def data_sets(draw):
    """Draw ground truths and predictions of videos; None where there is none."""
    truths, predictions = [], []
    for index in range(draw(st.integers(1, 2))):
        truth = draw(graphs(video_id=str(index))).unite_relations()
        truths.append(truth)
        there = draw(st.integers(0, 4))
        predictions.append(
            draw(graphs(base=truth, video_id=str(index))) if there else None
        )
    return truths, predictions
