"""Ceiling of the language model: perfect perception in words."""

import sys
from collections.abc import Iterator, Mapping, Sequence

import torch
from mmengine.dataset import pseudo_collate
from mmengine.utils import track_iter_progress
from torch import nn

from mmfourdpsg.models.scene_graph_heads.decoding.conversation_decoder import (
    ConversationDecoder,
)
from mmfourdpsg.models.text_formats import SceneGraphTextFormat
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph

from .text_ceiling import format_name
from .true_tubes import object_names, with_true_tubes


@torch.no_grad()
def words_ceilings(
    model: nn.Module,
    dataset: Mapping,
    truths: Sequence[SceneGraph],
    batch_size: int = 8,
    search: Mapping | None = None,
) -> Iterator[tuple[str, list[SceneGraph]]]:
    """Yield what a language model writes of scenes that are described in its own words.

    It reads a token for each object in each sampled frame, with its name, its box and
    the time, answers greedily, or is searched for relations, and the objects that it
    names have their true tubes. So
    what is lost is lost to the language model, and to what :func:`text_ceilings` tells.

    Which object a mention means is told by its number: the second cup that it lists is
    the second one of the annotated text, which goes from left to right.

    Args:
        model: Has ``scene_graph_head`` and ``scene_description``, ready to test.
        dataset: Config of the videos, with targets as in its training.
        truths: Their ground truth, with the tubes of all frames.
        batch_size: Videos that are written of at once.
        search: Arguments of :class:`RelationSearch`; without them answers are greedy
            alone.

    Yields:
        Each text format of the head and way to answer, and the graphs that come of it.
    """
    head, videos = model.scene_graph_head, DATASETS.build(dict(dataset))
    batches = [
        range(start, min(start + batch_size, len(videos)))
        for start in range(0, len(videos), batch_size)
    ]
    formats = [head.text_format, head.conversations.direct_text_format]
    runs: list[tuple[SceneGraphTextFormat, dict | None]] = []
    for text_format in formats:
        if text_format is not None:
            runs.append((text_format, None))
            if search is not None:
                runs.append((text_format, dict(search)))
    for text_format, options in runs:
        decoder = ConversationDecoder(
            head.language_model, text_format, head.first_only, search=options
        )
        graphs = []
        for batch in track_iter_progress(batches, file=sys.stderr):
            rows = pseudo_collate([videos[index] for index in batch])
            samples = model.data_preprocessor(rows)['data_samples']
            tokens = model.scene_description(samples, head.language_model.embed_label)
            scenes = head.scenes(*tokens, project=False)
            found = decoder(scenes, samples, _room(head, text_format.num_turns))
            for graph, sample, index in zip(found, samples, batch, strict=True):
                turns = text_format.format(sample.gt_scene_graph).turns
                names = object_names(sample.gt_scene_graph, turns)
                categories = [item.category for item in graph.objects]
                graphs.append(
                    with_true_tubes(categories, graph.relations, names, truths[index])
                )
        way = 'greedy' if options is None else 'search'
        yield f'{format_name(text_format)}, {way}', graphs


def _room(head: nn.Module, num_turns: int) -> int:
    """Return the longest answer; an only one has the room of a conversation."""
    whole = head.conversations.max_conversation_tokens
    return whole if whole and num_turns == 1 else head.max_answer_tokens
