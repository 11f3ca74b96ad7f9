"""Causal language models of any make."""

from .causal_language_model import CausalLanguageModel
from .conversation_cache import ConversationCache, TokenRun
from .export_language_model import export_language_model
from .new_token_embedding import NewTokenEmbedding
from .new_token_head import NewTokenHead
from .trainable_state import trainable_state_dict

__all__ = [
    'CausalLanguageModel',
    'ConversationCache',
    'NewTokenEmbedding',
    'NewTokenHead',
    'TokenRun',
    'export_language_model',
    'trainable_state_dict',
]
