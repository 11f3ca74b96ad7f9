"""From generated graphs to scene graphs: tubes of their objects, and assembly."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.profiler import record_function

from mmfourdpsg.structures import SceneGraphDataSample

from ..scene_graph_heads import GeneratedGraph
from ..tube_decoders import DecodedTubes
from .object_selector import ObjectSelection, ObjectSelector
from .scene_graph_assembler import SceneGraphAssembler


class _Followed(NamedTuple):
    """What was followed of a graph.

    Attributes:
        graph: The graph.
        selection: Which of its objects; None if it was all of them.
        tubes: Their tubes.
    """

    graph: GeneratedGraph
    selection: ObjectSelection | None
    tubes: DecodedTubes


class GraphCompletion:
    """Fills in the scene graphs of a batch, as often as more of them is known.

    Objects are followed through a video when they are new; where relations alone have
    been added since the last time, their mask tubes are taken as they are.

    Args:
        tube_decoder: Follows objects.
        assembler: Makes a scene graph of what was generated and of tubes.
        selector: Finds out which objects need not be followed; None follows all.
    """

    def __init__(
        self,
        tube_decoder: nn.Module,
        assembler: SceneGraphAssembler,
        selector: ObjectSelector | None = None,
    ) -> None:
        self.tube_decoder = tube_decoder
        self.assembler = assembler
        self.selector = selector
        self._before: list[_Followed] = []

    def __call__(
        self,
        graphs: Sequence[GeneratedGraph],
        data_samples: Sequence[SceneGraphDataSample],
        is_whole: bool = True,
    ) -> None:
        """Fill in ``pred_scene_graph``, and what was generated as meta information.

        Args:
            graphs: What was generated of each video, of the same ones in each call.
            data_samples: The samples of the videos, with ``frame_reader``.
            is_whole: Whether nothing is going to be added, so that objects which no
                relation needs may be left out; not those that have been followed.
        """
        before = self._before or [None] * len(graphs)
        self._before = [
            self._follow(graph, sample, is_whole, last)
            for graph, sample, last in zip(graphs, data_samples, before, strict=True)
        ]
        for found, sample in zip(self._before, data_samples, strict=True):
            graph, selection, tubes = found
            num_merged = num_unrelated = 0
            if selection is not None:
                graph = selection.reduce(graph)
                num_merged = selection.num_merged
                num_unrelated = selection.num_left_out
            scene_graph, counts, pairs = self.assembler(graph, tubes, sample)
            sample.pred_scene_graph = scene_graph
            sample.set_metainfo(
                dict(
                    generated_text=graph.text,
                    generated_pairs=pairs,
                    num_dropped=graph.num_dropped,
                    num_merged=num_merged + counts['merged'],
                    num_unrelated=num_unrelated,
                    num_vanished=counts['vanished'],
                )
            )

    def _follow(
        self,
        graph: GeneratedGraph,
        sample: SceneGraphDataSample,
        is_whole: bool,
        before: _Followed | None,
    ) -> _Followed:
        if before is not None and _have_same_objects(before.graph, graph):
            return before._replace(graph=graph)
        frames = sample.frame_reader
        with record_function('tube_decoder'):
            if self.selector is None:
                weights = self.assembler.weights(graph)
                tubes = self.tube_decoder.predict(frames, graph.states, weights)
                return _Followed(graph, None, tubes)
            selection = self.selector(graph, frames, self.tube_decoder, is_whole)
            weights = self.assembler.weights(selection.reduce(graph))
            tubes = self.tube_decoder.predict(
                frames, selection.states, weights, selection.features
            )
            selection.features.clear()
            return _Followed(graph, selection, tubes)


def _have_same_objects(graph: GeneratedGraph, other: GeneratedGraph) -> bool:
    """Return whether two graphs have the same objects, for which tubes are the same."""
    return graph.objects == other.objects and torch.equal(graph.states, other.states)
