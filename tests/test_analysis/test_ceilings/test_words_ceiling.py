from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import torch

from mmfourdpsg.analysis.ceilings import score_ceiling, words_ceiling, words_ceilings
from mmfourdpsg.models.scene_graph_heads import GeneratedGraph
from mmfourdpsg.models.scene_graph_heads.decoding.generated_graph import (
    GeneratedObject,
    GeneratedRelation,
)
from mmfourdpsg.models.text_formats import ChainedTextFormat, DirectTextFormat
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)


def a_graph(video_id, span, tubes):
    rows = np.eye(3, dtype=bool)[:, None]  # three objects in a line of pixels
    objects = [
        SceneObject(7 + i, name, tube=MaskTube.from_masks({0: row, 5: row}, 1, 3))
        for i, (name, row) in enumerate(zip(('cup', 'cup', 'table'), rows, strict=True))
    ]
    if not tubes:
        objects = [SceneObject(item.id, item.category) for item in objects]
    relations = [Relation(8, 'on', 9, [span]), Relation(7, 'next to', 8, [(0, 9)])]
    return SceneGraph(video_id, 1, 3, 10, objects, relations)


class Videos(list):
    """A data set of samples as they are."""

    def __init__(self):
        for index in range(3):
            sample = SceneGraphDataSample(
                metainfo=dict(num_frames=10, frame_indices=[0, 5], fps=None)
            )
            sample.gt_scene_graph = a_graph(str(index), (0, 9 - index), False)
            self.append(dict(inputs={}, data_samples=sample))


class Repeating:
    """Writes the annotated texts, but that things are never next to each other."""

    searches: ClassVar = []

    def __init__(self, language_model, text_format, first_only, search):
        self.text_format = text_format
        self.searches.append(search)

    def __call__(self, scenes, samples, max_answer_tokens):
        assert len(scenes) == len(samples)
        assert max_answer_tokens == (90 if self.text_format.num_turns == 1 else 30)
        return [self.write(sample.gt_scene_graph) for sample in samples]

    def write(self, graph):
        turns = [turn.text for turn in self.text_format.format(graph).turns]
        parsed = self.text_format.parse(turns, graph.num_frames)
        return GeneratedGraph(
            [GeneratedObject(item.category, 0.5) for item in parsed.objects],
            [
                GeneratedRelation(row.subject, row.predicate, row.object, row.span, 0.5)
                for row in parsed.relations
                if row.predicate == 'on'
            ],
            torch.zeros(len(parsed.objects), 4),
            ' '.join(turns),
            0,
        )


def test_what_is_written_is_scored_with_the_true_tubes_in_every_format(monkeypatch):
    monkeypatch.setattr(words_ceiling, 'ConversationDecoder', Repeating)
    head = SimpleNamespace(
        text_format=ChainedTextFormat(),
        conversations=SimpleNamespace(
            direct_text_format=DirectTextFormat(objects_first=True),
            max_conversation_tokens=90,
        ),
        language_model=SimpleNamespace(embed_label=None),
        first_only=True,
        max_answer_tokens=30,
        scenes=lambda tokens, mask, project: list(tokens),
    )
    model = SimpleNamespace(
        scene_graph_head=head,
        data_preprocessor=lambda batch: batch,
        scene_description=lambda samples, _: [torch.zeros(len(samples), 2, 4)] * 2,
    )
    truths = [a_graph(str(index), (0, 9 - index), True) for index in range(3)]
    search = dict(width=2)
    found = dict(words_ceilings(model, dict(type=Videos), truths, 2, search))
    assert list(found) == [
        'chained, greedy',
        'chained, search',
        'direct, greedy',
        'direct, search',
    ]
    assert Repeating.searches == [None, search, None, search]
    for graphs in found.values():
        metrics = score_ceiling(truths, graphs).to_dict()
        assert metrics['R@20'] == metrics['mR@20'] == 50
        assert metrics['predicate_accuracy/on'] == 100
        assert metrics['time_error_frames'] == 0
