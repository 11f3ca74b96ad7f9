"""Results page: records of runs, and the tables and figures made of them."""

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

__all__ = [
    'ResultsPage',
    'foundation_table',
    'logged_metrics',
    'make_test_record',
    'parts_table',
    'read_foundation_scores',
    'read_study_records',
    'read_test_records',
    'recall_table',
    'scores_table',
    'study_tables',
]
