"""What results come from: studies, errors, likelihoods. It stands above the models."""

from .part_likelihood import PartLikelihood, part_likelihoods

__all__ = ['PartLikelihood', 'part_likelihoods']
