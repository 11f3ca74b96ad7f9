"""Label matchers: which labels count as equal."""

from .alias_label_matcher import AliasLabelMatcher
from .embedding_label_matcher import EmbeddingLabelMatcher
from .exact_label_matcher import ExactLabelMatcher
from .label_index import LabelIndex, relation_labels
from .label_matcher import LabelMatcher
from .options import add_label_options, matcher_from_options

__all__ = [
    'AliasLabelMatcher',
    'EmbeddingLabelMatcher',
    'ExactLabelMatcher',
    'LabelIndex',
    'LabelMatcher',
    'add_label_options',
    'matcher_from_options',
    'relation_labels',
]
