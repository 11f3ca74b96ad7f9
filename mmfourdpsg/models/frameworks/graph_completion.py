"""From generated graphs to scene graphs: tubes of their objects, and assembly."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.profiler import record_function

from mmfourdpsg.structures import SceneGraphDataSample

from ..scene_graph_heads import GeneratedGraph
from ..tube_decoders import DecodedTubes
from .scene_graph_assembler import SceneGraphAssembler


class GraphCompletion:
    """Fills in the scene graphs of a batch, as often as more of them is known.

    Objects are followed through a video when they are new; where relations alone have
    been added since the last time, their mask tubes are taken as they are.

    Args:
        tube_decoder: Follows objects.
        assembler: Makes a scene graph of what was generated and of tubes.
    """

    def __init__(self, tube_decoder: nn.Module, assembler: SceneGraphAssembler) -> None:
        self.tube_decoder = tube_decoder
        self.assembler = assembler
        self._before: list[tuple[GeneratedGraph, DecodedTubes]] = []

    def __call__(
        self,
        graphs: Sequence[GeneratedGraph],
        data_samples: Sequence[SceneGraphDataSample],
    ) -> None:
        """Fill in ``pred_scene_graph``, and what was generated as meta information.

        Args:
            graphs: What was generated of each video, of the same ones in each call.
            data_samples: The samples of the videos, with ``frame_reader``.
        """
        before = self._before or [None] * len(graphs)
        self._before = [
            (graph, self._tubes(graph, sample, last))
            for graph, sample, last in zip(graphs, data_samples, before, strict=True)
        ]
        for (graph, tubes), sample in zip(self._before, data_samples, strict=True):
            scene_graph, counts, pairs = self.assembler(graph, tubes, sample)
            sample.pred_scene_graph = scene_graph
            sample.set_metainfo(
                dict(
                    generated_text=graph.text,
                    generated_pairs=pairs,
                    num_dropped=graph.num_dropped,
                    num_merged=counts['merged'],
                    num_vanished=counts['vanished'],
                )
            )

    def _tubes(
        self,
        graph: GeneratedGraph,
        sample: SceneGraphDataSample,
        before: tuple[GeneratedGraph, DecodedTubes] | None,
    ) -> DecodedTubes:
        if before is not None and _have_same_objects(before[0], graph):
            return before[1]
        with record_function('tube_decoder'):
            return self.tube_decoder.predict(
                sample.frame_reader, graph.states, self.assembler.weights(graph)
            )


def _have_same_objects(graph: GeneratedGraph, other: GeneratedGraph) -> bool:
    """Return whether two graphs have the same objects, for which tubes are the same."""
    return graph.objects == other.objects and torch.equal(graph.states, other.states)
