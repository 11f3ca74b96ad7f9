"""Causal language models of any make."""

from .causal_language_model import CausalLanguageModel
from .export_language_model import export_language_model
from .new_token_embedding import NewTokenEmbedding
from .new_token_head import NewTokenHead
from .trainable_state import trainable_state_dict

__all__ = [
    'CausalLanguageModel',
    'NewTokenEmbedding',
    'NewTokenHead',
    'export_language_model',
    'trainable_state_dict',
]
