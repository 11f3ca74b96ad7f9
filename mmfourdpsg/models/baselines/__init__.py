"""What 4D-LLM is compared with."""

from .frequency_baseline import FrequencyBaseline

__all__ = ['FrequencyBaseline']
