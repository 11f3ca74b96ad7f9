"""Scene graphs as text: what writes them, what reads them back."""

from .chained_text_format import ChainedTextFormat
from .direct_text_format import DirectTextFormat
from .formatted_graph import FormattedGraph, FormattedTurn, TextPart
from .parsed_graph import ParsedGraph, ParsedObject, ParsedRelation
from .scene_graph_text_format import SceneGraphTextFormat

__all__ = [
    'ChainedTextFormat',
    'DirectTextFormat',
    'FormattedGraph',
    'FormattedTurn',
    'ParsedGraph',
    'ParsedObject',
    'ParsedRelation',
    'SceneGraphTextFormat',
    'TextPart',
]
