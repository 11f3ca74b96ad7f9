"""What can be said of a scene from its annotation: words for objects and relations.

The paper has each object described before it is named and each pair explained before
it is related (section 3.2), but its data sets hold no such text. These phrases are
made from what they hold: masks, boxes, depth, attributes and captions.
"""

from .measure_scene import measure_scene
from .object_phrases import ObjectPhrases
from .relation_phrases import RelationPhrases
from .scene_measures import SceneMeasures
from .text_cleaning import clean_text
from .words import DESCRIPTION_WORDS

__all__ = [
    'DESCRIPTION_WORDS',
    'ObjectPhrases',
    'RelationPhrases',
    'SceneMeasures',
    'clean_text',
    'measure_scene',
]
