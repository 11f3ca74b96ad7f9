"""Chained conversations with random weights, which say anything that they may."""

import pytest
import torch

from mmfourdpsg.models.scene_graph_heads.decoding import ConversationDecoder
from mmfourdpsg.models.text_formats import ChainedTextFormat
from mmfourdpsg.structures import SceneGraphDataSample


@pytest.fixture
def text_format():
    return ChainedTextFormat(
        max_objects=5,
        max_pairs=5,
        max_predicates=2,
        max_ranges=3,
        max_label_tokens=4,
        max_phrase_tokens=6,
    )


def converse(model, text_format, num_answers, limit, num_samples=10):
    """Return the answers and graphs of some conversations."""
    decoder = ConversationDecoder(
        model,
        text_format,
        num_samples=num_samples,
        sampling=dict(temperature=1.5, top_p=1.0),
    )
    sample = SceneGraphDataSample(metainfo=dict(video_id='v', num_frames=24, fps=8.0))
    found = []
    while 4 * len(found) < num_answers:
        scene = torch.randn(4, model.embed_dims)
        *_, rows = decoder._converse([scene], [sample], limit, False)
        found += [(row.texts, text_format.parse(row.texts, 24)) for row in rows]
    return found


def assert_whole(found):
    """Nothing is lost, and later answers speak of what earlier ones gave."""
    for texts, graph in found:
        assert len(texts) == 4
        assert graph.dropped == []
        assert len(graph.objects) == texts[0].count('[Obj]')
        segments = [
            {part.strip() for part in text.split(';') if part.strip()} for text in texts
        ]
        names = {f'{item.category} {item.number}' for item in graph.objects}
        pairs = {tuple(row.split(' | ')[:2]) for row in segments[1] - {'none'}}
        assert {name for pair in pairs for name in pair} <= names
        for row in segments[2] - {'none'}:
            subject, _, obj = row.split(' | ')
            assert (subject, obj) in pairs
        # Later answers have single spaces, in lower case.
        stated = {
            tuple(' '.join(field.lower().split()) for field in row.split(' | '))
            for row in segments[2]
        }
        for row in segments[3] - {'none'}:
            *triplet, _ = row.split(' | ')
            assert tuple(triplet) in stated
        for row in graph.relations:
            assert all(0 <= start <= end < 24 for start, end in row.span)


def test_answers_always_parse(model, text_format):
    torch.manual_seed(1)
    found = converse(model, text_format, 40, limit=400)
    assert_whole(found)
    assert sum(len(graph.relations) for _, graph in found) > 5


def test_answers_that_are_cut_short_parse_as_well(model, text_format):
    torch.manual_seed(2)
    found = converse(model, text_format, 40, limit=12)
    for texts, graph in found:
        assert len(texts) == 4
        # Relations whose times had no place any more are counted, nothing else.
        whole = [text.split(' | ') for text in graph.dropped]
        assert all(len(fields) == 3 for fields in whole)
        assert all(text.endswith(';') for text in texts)


@pytest.mark.slow
def test_a_thousand_answers_parse(model, text_format):
    torch.manual_seed(3)
    found = converse(model, text_format, 1000, limit=400, num_samples=25)
    assert 4 * len(found) >= 1000
    assert_whole(found)
