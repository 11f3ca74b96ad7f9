"""Studies: trainings and tests that are compared with each other."""

from .recipe_digest import metrics_digest, recipe_digest, row_digest
from .run_rows import run_rows
from .scored_files import ScoredFiles
from .side_by_side import run_side_by_side
from .study_row import StudyRow
from .tool_runner import ToolRunner
from .training_chain import TrainingChain

__all__ = [
    'ScoredFiles',
    'StudyRow',
    'ToolRunner',
    'TrainingChain',
    'metrics_digest',
    'recipe_digest',
    'row_digest',
    'run_rows',
    'run_side_by_side',
]
