"""Any causal language model of ``transformers``."""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from mmengine.model import BaseModule
from peft import LoraConfig, inject_adapter_in_model
from tokenizers import AddedToken
from torch import Tensor
from transformers import GenerationConfig

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError

from ..special_tokens import OBJECT_TOKEN, SCENE_TOKEN
from .merged_adapters import merged_adapters
from .model_source import ModelSource
from .new_token_embedding import NewTokenEmbedding
from .new_token_head import NewTokenHead


@MODELS.register_module()
class CausalLanguageModel(BaseModule):
    """A causal language model with the tokens ``[Obj]`` and ``<scene>`` added.

    ``[Obj]`` triggers the segmentation of an object (paper, section 3.1), ``<scene>``
    marks where the scene tokens go. Their input and output rows live beside the
    pretrained matrices, which are neither resized nor changed (see
    :class:`NewTokenEmbedding`).

    Shapes: ``B`` texts, ``S`` tokens, ``C`` channels, ``V`` vocabulary.

    Args:
        name_or_path: See :meth:`ModelSource.resolve`: a folder, ``package:NAME`` or a
            hub id. Code that comes with a model is never run.
        pretrained: Whether to read weights; otherwise they are random, drawn from
            torch's global generator.
        gguf_file: Name of a GGUF file in the folder; quantised weights are expanded.
        sizes: What replaces entries of the model's configuration, such as
            ``hidden_size``; with random weights alone.
        dtype: Type of the frozen or fully tuned weights. What LoRA adds is float32.
        lora: Arguments of :class:`peft.LoraConfig`. Then only the adapters and the
            rows of the new tokens train; None trains everything.
        prompt_template: What surrounds one user prompt; ``{prompt}`` is replaced.
        turn_separator: What stands between an answer, with its end-of-text token, and
            the next prompt.
        gradient_checkpointing: Whether to trade time for memory in training.
        reentrant_checkpointing: Whether it does so in torch's older, re-entrant form,
            which DeepSpeed's ZeRO stage 3 needs: it gathers and releases weights, and
            the other form finds them released. Something before the language model
            has to train then.
        attention: Implementation of the attention, a name of ``transformers``.
        init_cfg: Must be None: the weights come from ``name_or_path``.

    Raises:
        InputError: The model cannot be read.
        ValueError: ``sizes`` with pretrained weights.

    Attributes:
        takes_positions: Whether the model is told the positions of tokens.
        keeps_logits: Whether it can be told which positions need logits.
    """

    def __init__(
        self,
        name_or_path: str,
        pretrained: bool = True,
        gguf_file: str | None = None,
        sizes: dict | None = None,
        dtype: str = 'float32',
        lora: dict | None = None,
        prompt_template: str = 'USER: {prompt}\nASSISTANT: ',
        turn_separator: str = '',
        gradient_checkpointing: bool = False,
        reentrant_checkpointing: bool = False,
        attention: str = 'sdpa',
        init_cfg: None = None,
    ) -> None:
        super().__init__(init_cfg)
        source = ModelSource.resolve(name_or_path, gguf_file)
        self.tokenizer = source.load_tokenizer()
        self.model = source.load_model(
            pretrained, getattr(torch, dtype), attention, sizes
        )
        self.name = name_or_path
        self.prompt_template = prompt_template
        self.turn_separator = turn_separator
        if lora is not None:
            self._add_lora(lora)
        self._add_tokens()
        if gradient_checkpointing:
            # Older transformers know it by the other name alone.
            enable = getattr(
                self.model,
                'activation_checkpointing_enable',
                self.model.gradient_checkpointing_enable,
            )
            enable(dict(use_reentrant=reentrant_checkpointing))
        parameters = inspect.signature(self.model.forward).parameters
        self.takes_positions = 'position_ids' in parameters
        self.keeps_logits = 'logits_to_keep' in parameters

    def _add_lora(self, lora: dict) -> None:
        self.model.requires_grad_(False)
        # Injected in place: the model keeps its class, and with it `generate`.
        inject_adapter_in_model(LoraConfig(**lora), self.model)
        for parameter in self.model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()

    def _add_tokens(self) -> None:
        vocabulary_size = len(self.tokenizer)
        tokens = [OBJECT_TOKEN, SCENE_TOKEN]
        self.tokenizer.add_tokens(
            [AddedToken(token, normalized=False, special=True) for token in tokens],
            special_tokens=True,
        )
        ids = self.tokenizer.convert_tokens_to_ids(tokens)
        self.object_token_id, self.scene_token_id = ids
        embedding = self.model.get_input_embeddings()
        head = self.model.get_output_embeddings()
        tied = head.weight is embedding.weight
        if vocabulary_size > embedding.weight.shape[0]:
            raise InputError(
                f'language model {self.name!r}: its tokenizer has {vocabulary_size} '
                f'tokens, its embedding only {embedding.weight.shape[0]}'
            )
        new_embedding = NewTokenEmbedding(embedding, ids, vocabulary_size)
        rows = new_embedding.rows if tied else None
        new_head = NewTokenHead(head, ids, vocabulary_size, rows)
        self.model.set_input_embeddings(new_embedding)
        self.model.set_output_embeddings(new_head)

    def init_weights(self) -> None:
        """Keep the weights: MMEngine would have ``transformers`` draw new ones."""
        self._is_init = True

    @property
    def embed_dims(self) -> int:
        """Width of the hidden states, ``C``."""
        return self.model.config.get_text_config().hidden_size

    @property
    def vocabulary_size(self) -> int:
        """Number of logits, ``V``: with the new tokens, and any padding."""
        return self.model.get_output_embeddings().num_tokens

    @property
    def max_length(self) -> int | None:
        """How many tokens its positions reach; None where nothing says."""
        config = self.model.config.get_text_config()
        return getattr(config, 'max_position_embeddings', None)

    @property
    def end_token_id(self) -> int:
        """Id of the token that ends an answer."""
        return self.tokenizer.eos_token_id

    def encode_prompt(self, prompt: str, first: bool) -> list[int]:
        """Return the token ids of a user prompt in its template.

        Args:
            prompt: The prompt.
            first: Whether a conversation begins with it, so that the tokenizer's
                begin-of-text token, if it has one, comes first.
        """
        text = self.prompt_template.format(prompt=prompt)
        if not first:
            text = self.turn_separator + text
        ids = self.tokenizer(text, add_special_tokens=first).input_ids
        return ids[:-1] if ids[-1] == self.end_token_id else ids

    def encode_answer(self, answer: str) -> list[int]:
        """Return the token ids of an answer, without the end-of-text token."""
        return self.tokenizer(answer, add_special_tokens=False).input_ids

    def tokens_within(
        self, answer: str, ranges: Sequence[tuple[int, int]]
    ) -> frozenset[int]:
        """Return which tokens of an answer lie in ranges of its characters.

        Args:
            answer: The text, of which :meth:`encode_answer` gives the tokens.
            ranges: First character of each range, and the one after its last.

        Returns:
            Places of the tokens that have a character in one of the ranges.
        """
        encoded = self.tokenizer(
            answer, add_special_tokens=False, return_offsets_mapping=True
        )
        return frozenset(
            place
            for place, (start, end) in enumerate(encoded.offset_mapping)
            if any(start < last and end > first for first, last in ranges)
        )

    def decode(self, ids: list[int]) -> str:
        """Return the text of token ids, exactly as it was encoded."""
        return self.tokenizer.decode(
            ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )

    def embed_tokens(self, ids: Tensor) -> Tensor:
        """Embed token ids ``[...]`` as ``[..., C]``."""
        return self.model.get_input_embeddings()(ids)

    def embed_label(self, label: str) -> Tensor:
        """Return the mean embedding ``[C]`` of a label's tokens within a text."""
        ids = torch.tensor(self.encode_answer(f' {label}'))
        return self.embed_tokens(ids.to(next(self.parameters()).device)).mean(0)

    def forward(
        self, embeddings: Tensor, attention_mask: Tensor, num_logits: int
    ) -> tuple[Tensor, Tensor]:
        """Run the model over whole texts.

        Args:
            embeddings: Input embeddings ``[B, S, C]``.
            attention_mask: ``[B, S]``, False on padding.
            num_logits: How many of the last positions need logits, ``n``.

        Returns:
            Last hidden states ``[B, S, C]`` (what the output head sees) and logits
            ``[B, n, V]`` of the last ``n`` positions.

        Raises:
            InputError: The texts are longer than the model's positions reach.
        """
        self.check_length(embeddings.shape[1])
        options = {}
        if self.takes_positions:
            options['position_ids'] = (attention_mask.long().cumsum(1) - 1).clamp(min=0)
        if self.keeps_logits:
            options['logits_to_keep'] = num_logits
        output = self.model(
            inputs_embeds=embeddings,
            attention_mask=attention_mask.long(),
            output_hidden_states=True,
            use_cache=False,
            **options,
        )
        return output.hidden_states[-1], output.logits[:, -num_logits:]

    @torch.no_grad()
    def generate(
        self, embeddings: Tensor, attention_mask: Tensor, **options
    ) -> list[list[int]]:
        """Continue texts, with a cache of keys and values.

        Args:
            embeddings: Input embeddings ``[B, S, C]``, padded on the left.
            attention_mask: ``[B, S]``, False on padding.
            **options: Of :class:`transformers.GenerationConfig`, among them
                ``max_new_tokens``; ``logits_processor`` may hold further processors.

        Returns:
            For each text the ids of its new tokens; the end-of-text token is the last
            one if the model wrote it.
        """
        processors = options.pop('logits_processor', None)
        self.check_length(embeddings.shape[1] + options['max_new_tokens'])
        config = GenerationConfig(
            eos_token_id=self.end_token_id,
            pad_token_id=self.end_token_id,
            suppress_tokens=[self.scene_token_id],
            **options,
        )
        rows = self.model.generate(
            inputs_embeds=embeddings,
            attention_mask=attention_mask.long(),
            generation_config=config,
            logits_processor=processors,
        ).tolist()
        answers = []
        for row in rows:
            if self.end_token_id in row:
                row = row[: row.index(self.end_token_id) + 1]
            answers.append(row)
        return answers

    def check_length(self, length: int) -> None:
        """Refuse texts that are longer than the model's positions reach.

        Args:
            length: Number of tokens.

        Raises:
            InputError: They are too many.
        """
        if self.max_length is not None and length > self.max_length:
            raise InputError(
                f'language model {self.name!r}: scene tokens, prompt and answer make '
                f'{length} tokens, expected at most its {self.max_length} positions; '
                'lower the number of scene tokens or the length of the answer'
            )

    @contextmanager
    def decoding(self, merge: bool = True) -> Iterator[None]:
        """Return a context for generation, in which nothing is as in training.

        Dropout and gradient checkpointing, which forgets the cache, are off, and LoRA
        is part of the weights, see :func:`.merged_adapters.merged_adapters`.

        Args:
            merge: False leaves LoRA beside them.
        """
        training = [module for module in self.modules() if module.training]
        for module in training:
            module.training = False
        try:
            with merged_adapters(self.model) if merge else nullcontext():
                yield
        finally:
            for module in training:
                module.training = True
