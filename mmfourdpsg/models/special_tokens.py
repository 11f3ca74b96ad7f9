"""Special tokens that 4D-LLM adds to the vocabulary of a language model."""

OBJECT_TOKEN = '[Obj]'
"""Triggers the segmentation of an object (paper, section 3.1)."""

SCENE_TOKEN = '<scene>'
"""Stands where the scene tokens go."""
