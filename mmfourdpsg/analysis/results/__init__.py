"""Results page: records of runs, and the tables and figures made of them."""

from .added_rows import score_predictions
from .paired_bootstrap import METRICS as COMPARED
from .paired_bootstrap import Difference, paired_difference
from .power import power_note
from .recorded_test import logged_metrics, make_test_record
from .records import read_foundation_scores, read_study_records, read_test_records
from .results_page import ResultsPage
from .tables import (
    foundation_table,
    parts_table,
    recall_table,
    scores_table,
    study_tables,
)
from .video_hits import VideoHits

__all__ = [
    'COMPARED',
    'Difference',
    'ResultsPage',
    'VideoHits',
    'foundation_table',
    'logged_metrics',
    'make_test_record',
    'paired_difference',
    'parts_table',
    'power_note',
    'read_foundation_scores',
    'read_study_records',
    'read_test_records',
    'recall_table',
    'score_predictions',
    'scores_table',
    'study_tables',
]
