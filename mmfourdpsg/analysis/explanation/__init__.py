"""What the tools that explain a model's results have in common."""

from .arguments import explanation_parser, load_explained
from .label_groups import read_label_groups
from .part_likelihood import PartLikelihood, part_likelihoods
from .text_dataset import text_dataset

__all__ = [
    'PartLikelihood',
    'explanation_parser',
    'load_explained',
    'part_likelihoods',
    'read_label_groups',
    'text_dataset',
]
