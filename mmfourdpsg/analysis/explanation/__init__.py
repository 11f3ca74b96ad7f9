"""Explanation of a model's results: how likely its texts are, how well masks fit."""

from .arguments import explanation_parser, load_explained
from .label_groups import read_label_groups
from .part_likelihood import PartLikelihood, part_likelihoods
from .text_dataset import text_dataset
from .tube_fits import PROMPTS, TubeFit, tube_fits
from .tube_summary import print_tubes, summarise_tubes

__all__ = [
    'PROMPTS',
    'PartLikelihood',
    'TubeFit',
    'explanation_parser',
    'load_explained',
    'part_likelihoods',
    'print_tubes',
    'read_label_groups',
    'summarise_tubes',
    'text_dataset',
    'tube_fits',
]
