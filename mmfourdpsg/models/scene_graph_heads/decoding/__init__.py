"""From scene tokens to generated graphs: the conversation with the language model."""

from .conversation import Conversation, ConversationBatch
from .conversation_decoder import ConversationDecoder
from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation

__all__ = [
    'Conversation',
    'ConversationBatch',
    'ConversationDecoder',
    'GeneratedGraph',
    'GeneratedObject',
    'GeneratedRelation',
]
