"""The cost of whole videos in inference: time by part, and the work that is done."""

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from mmfourdpsg.models.frameworks.four_d_llm import FourDLLM
from mmfourdpsg.models.frameworks.graph_completion import GraphCompletion
from mmfourdpsg.models.language_models.causal_language_model import CausalLanguageModel
from mmfourdpsg.models.scene_graph_heads.decoding.generated_graph import GeneratedGraph
from mmfourdpsg.models.scene_graph_heads.decoding.written_answer import WrittenAnswer
from mmfourdpsg.structures import SceneGraphDataSample

from .device_probes import synchronise


class Decoder(Protocol):
    """What holds conversations and reads graphs off them."""

    def __call__(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[GeneratedGraph]:
        """Generate scene graphs."""

    def answers(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[list[WrittenAnswer]]:
        """Return what is said in each conversation."""


class PartSeconds(NamedTuple):
    """Seconds that the parts of a prediction take.

    Attributes:
        encoders: From pixels to the tokens that the language model reads.
        text: From them to graphs.
        tubes: From those to mask tubes and scene graphs.
    """

    encoders: float
    text: float
    tubes: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)

    @classmethod
    def median(cls, rows: Sequence['PartSeconds']) -> 'PartSeconds':
        """Return the median of each part."""
        return cls(*(median(part) for part in zip(*rows, strict=True)))


@dataclass
class DecodingWork:
    """What decoders do, whatever time it takes.

    Attributes:
        free: Tokens that the model chose.
        forced: Tokens that had to come.
        steps: Calls of the language model.
        positions: Places that they ran, padding included.
        objects: What the samples name together.
        followed: What is followed through the video of it.
    """

    free: int = 0
    forced: int = 0
    steps: int = 0
    positions: int = 0
    objects: int = 0
    followed: int = 0

    @property
    def width(self) -> float:
        """Mean number of places a call."""
        return self.positions / max(self.steps, 1)


class VideoPrediction:
    """Predicts one video at a time, with one decoder or another.

    What it is compared with follows all objects that are named, in the type of the
    weights, whatever the config says.

    Args:
        model: The model.
        device: Its device.
    """

    def __init__(self, model: FourDLLM, device: str) -> None:
        self.model = model
        self.device = device

    def work(
        self,
        decoder: Decoder,
        batch: dict,
        with_tubes: bool = True,
        follow_all: bool = False,
    ) -> tuple[DecodingWork, list[list[list[int]]]]:
        """Return what a decoder does for a video, and what it says.

        Args:
            decoder: The decoder.
            batch: The video, as a data loader gives it.
            with_tubes: Whether its tubes are decoded, too.
            follow_all: Whether those of all objects are.

        Returns:
            The work, and the tokens of each answer, by conversation.
        """
        head = self.model.scene_graph_head
        with torch.no_grad():
            scenes, samples = self._scenes(batch)
            with count_calls(head.language_model.model) as work:
                found = decoder.answers(scenes, samples, head.max_answer_tokens)
        answers = [answer for said in found for answer in said]
        work.free = sum(answer.num_free for answer in answers)
        work.forced = sum(len(answer.ids) - answer.num_free for answer in answers)
        graphs = head.decoder.read_graphs(samples, found)
        work.objects = work.followed = sum(len(graph.objects) for graph in graphs)
        selector = self.model.object_selector
        if with_tubes and selector is not None and not follow_all:
            work.followed = sum(
                len(selector(graph, sample.frame_reader, self.model.tube_decoder).heads)
                for graph, sample in zip(graphs, samples, strict=True)
            )
        return work, [[answer.ids for answer in said] for said in found]

    def forget(self) -> None:
        """Forget what earlier videos leave to later ones: compiled grammars."""
        self.model.scene_graph_head.decoder.constraints.forget()

    @torch.no_grad()
    def time(
        self,
        decoder: Decoder,
        batch: dict,
        with_tubes: bool = True,
        follow_all: bool = False,
    ) -> tuple[PartSeconds, list[SceneGraphDataSample]]:
        """Return what a video takes, and the data samples with what was predicted.

        Args:
            decoder: What writes its text.
            batch: The video, as a data loader gives it.
            with_tubes: Whether its tubes are decoded, too.
            follow_all: Whether those of all objects are.
        """
        head = self.model.scene_graph_head
        completion = self.model.graph_completion()
        if follow_all:
            tube_decoder = copy.copy(self.model.tube_decoder)
            tube_decoder.inference_dtype = None
            completion = GraphCompletion(tube_decoder, self.model.assembler)
        begun = self._now()
        scenes, samples = self._scenes(batch)
        encoded = self._now()
        graphs = decoder(scenes, samples, head.max_answer_tokens)
        written = followed = self._now()
        if with_tubes:
            completion(graphs, samples)
            followed = self._now()
        seconds = PartSeconds(encoded - begun, written - encoded, followed - written)
        return seconds, samples

    def _scenes(self, batch: dict) -> tuple[list[Tensor], list[SceneGraphDataSample]]:
        data = self.model.data_preprocessor(batch, False)
        encoded = self.model.encode_scene(data['inputs'], data['data_samples'])
        return self.model.scene_graph_head.scenes(*encoded), data['data_samples']

    def _now(self) -> float:
        synchronise(self.device)
        return time.perf_counter()


@contextmanager
def count_calls(model: nn.Module) -> Iterator[DecodingWork]:
    """Count the calls of a language model while the context lasts.

    Args:
        model: Of ``transformers``.

    Yields:
        Steps and positions.
    """
    work = DecodingWork()

    def called(_module: nn.Module, _args: tuple, kwargs: dict) -> None:
        shown = kwargs.get('inputs_embeds')
        shown = kwargs['input_ids'] if shown is None else shown
        work.steps += 1
        work.positions += shown.shape[0] * shown.shape[1]

    handle = model.register_forward_pre_hook(called, with_kwargs=True)
    try:
        yield work
    finally:
        handle.remove()


def weight_bytes(language_model: CausalLanguageModel) -> int:
    """Return the bytes of weights that a step of a language model reads.

    That is all but the embeddings of tokens, of which it reads a row each, unless the
    output head has them, too.
    """
    model = language_model.model
    head = {id(p) for p in model.get_output_embeddings().parameters()}
    left_out = {id(p) for p in model.get_input_embeddings().parameters()} - head
    return sum(
        parameter.numel() * parameter.element_size()
        for parameter in model.parameters()
        if id(parameter) not in left_out
    )
