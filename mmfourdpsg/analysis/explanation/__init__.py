"""Explanation of a model's results: likelihood of text parts, options of the tools."""

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
