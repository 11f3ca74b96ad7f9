"""What the tools that explain a model's results have in common."""

from .label_groups import read_label_groups
from .text_dataset import text_dataset

__all__ = ['read_label_groups', 'text_dataset']
