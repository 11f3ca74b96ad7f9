"""A trained language model as a folder that ``transformers`` reads."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from mmfourdpsg.utils import atomic_write
from mmfourdpsg.utils.weight_files import save_weights

from .causal_language_model import CausalLanguageModel


def export_language_model(
    language_model: CausalLanguageModel,
    folder: str | Path,
    dtype: torch.dtype = torch.float16,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write configuration, tokenizer and weights.

    The new tokens become ordinary rows of both matrices, which
    :class:`CausalLanguageModel` finds again.

    Args:
        language_model: A model that was tuned as a whole.
        folder: Where to write; other files there are kept.
        dtype: Type of the stored weights.
        metadata: What is to be known of the weights, as text.

    Raises:
        ValueError: The model has LoRA adapters, which are no weights of its own.
        InputError: The folder cannot be written to.
    """
    model, folder = language_model.model, Path(folder)
    state, embedding = model.state_dict(), model.get_input_embeddings()
    if any('lora_' in key for key in state):
        raise ValueError('the model has LoRA adapters, expected them to be merged')
    prefixes = {
        name: module
        for name, module in model.named_modules()
        if module in (embedding, model.get_output_embeddings())
    }
    tied = model.get_output_embeddings().rows is embedding.rows
    for prefix, module in prefixes.items():
        rows = state.pop(f'{prefix}.rows')
        base = state.pop(f'{prefix}.base.weight')
        if module is embedding or not tied:
            state[f'{prefix}.weight'] = _with_rows(base, rows, module.token_ids)
    config = model.config.to_dict()
    # Where the weights came from, and how they were packed there, holds no more.
    for key in ('_name_or_path', 'quantization_config'):
        config.pop(key, None)
    size = state[_weight_of(prefixes, embedding)].shape[0]
    config.update(vocab_size=size, dtype=str(dtype).removeprefix('torch.'))
    save_weights(
        folder / 'model.safetensors', state, dict(metadata or {}, format='pt'), dtype
    )
    with tempfile.TemporaryDirectory() as scratch:
        language_model.tokenizer.save_pretrained(scratch)
        for source in sorted(Path(scratch).iterdir()):
            with atomic_write(folder / source.name) as path:
                path.write_bytes(source.read_bytes())
    with atomic_write(folder / 'config.json') as path:
        path.write_text(
            json.dumps(config, indent=2, sort_keys=True) + '\n', encoding='utf-8'
        )


def _weight_of(prefixes: Mapping[str, object], module: object) -> str:
    (prefix,) = (name for name, item in prefixes.items() if item is module)
    return f'{prefix}.weight'


def _with_rows(base: Tensor, rows: Tensor, token_ids: Tensor) -> Tensor:
    """Return a matrix ``[V, C]`` with the rows of the new tokens in their places."""
    size = max(len(base), int(token_ids.max()) + 1)
    matrix = base.new_zeros(size, base.shape[1])
    matrix[: len(base)] = base
    matrix[token_ids] = rows.to(matrix.dtype)
    return matrix
