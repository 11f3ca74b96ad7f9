"""Object sources: where a model that relates objects has their mask tubes from.

Each is called with the inputs of a batch and its data samples, and returns a list of
:class:`SceneObject` for each video: with a tube in frames and pixels of the original
video, a category and, if predicted, a score.
"""

from .file_objects import FileObjects
from .ground_truth_objects import GroundTruthObjects
from .predicted_objects import PredictedObjects

__all__ = ['FileObjects', 'GroundTruthObjects', 'PredictedObjects']
