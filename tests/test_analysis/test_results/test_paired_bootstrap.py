"""Differences of recall and their intervals, against closed forms and scipy."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from mmfourdpsg.analysis.results import VideoHits, paired_difference, power_note
from mmfourdpsg.analysis.results.paired_bootstrap import recall_interval
from mmfourdpsg.analysis.results.power import needed_videos, seen_difference
from mmfourdpsg.analysis.results.tables import RECALLS, study_table
from mmfourdpsg.utils import InputError


def a_record(hits, **more):
    """A record of videos 0, 1, ..., each with hits and relations by predicate."""
    return dict(row='it', hits={str(i): row for i, row in enumerate(hits)}, **more)


def some_hits(*seeds):
    return VideoHits.from_records([a_record(hits) for hits in seeds])


def of_one_predicate(found, total):
    return some_hits([{'on': [int(n), total]} for n in found])


def test_equal_differences_leave_no_doubt():
    row, reference = (of_one_predicate([n] * 20, 4) for n in (3, 2))
    for metric in ('R@20', 'mR@20'):
        found = paired_difference(row, reference, metric)
        assert (found.value, found.low, found.high) == (25, 25, 25)
        assert found.error == pytest.approx(0, abs=1e-9)
    assert str(found) == '+25.0 [+25.0, +25.0]'
    # As pairs, since the videos themselves differ as much as can be.
    one, other = (of_one_predicate([n, n + 2] * 10, 4) for n in (1, 0))
    assert paired_difference(one, other).low == 25


def test_a_row_has_the_interval_of_its_difference_from_nothing():
    row = of_one_predicate([0, 1, 2, 4] * 5, 4)
    found = recall_interval(row)
    against = paired_difference(row, of_one_predicate([0] * 20, 4))
    assert (found.low, found.high) == (against.low, against.high)
    assert found.low < 43.75 < found.high
    assert str(recall_interval(of_one_predicate([1] * 9, 4))) == '[25.0, 25.0]'


def test_the_interval_is_that_of_scipy_for_a_mean():
    generator = np.random.default_rng(3)
    first, second = generator.integers(0, 11, (2, 60))
    found = paired_difference(of_one_predicate(first, 10), of_one_predicate(second, 10))
    differences = 10.0 * (first - second)
    expected = bootstrap(
        (differences,), np.mean, n_resamples=9999, method='percentile', rng=generator
    )
    assert found.value == pytest.approx(differences.mean())
    # Ends of 10,000 resamples differ by some hundredths of the standard error.
    close = dict(abs=0.1 * expected.standard_error)
    assert found.low == pytest.approx(expected.confidence_interval.low, **close)
    assert found.high == pytest.approx(expected.confidence_interval.high, **close)
    assert found.error == pytest.approx(expected.standard_error, rel=0.05)


def test_recall_is_over_relations_and_mean_recall_over_predicates():
    hits = [{'on': [3, 9], 'in': [1, 1]}, {'on': [0, 1]}]
    nothing = [{'on': [0, 9], 'in': [0, 1]}, {'on': [0, 1]}]
    row, reference = some_hits(hits), some_hits(nothing)
    found = paired_difference(row, reference)
    assert found.value == pytest.approx(100 * 4 / 11)
    # A quarter of the resamples has the second video alone, a quarter the first.
    assert (found.low, found.high) == (0, pytest.approx(40))
    found = paired_difference(row, reference, 'mR@20')
    assert found.value == pytest.approx((30 + 100) / 2)
    # Where no "in" is left, it does not count.
    assert (found.low, found.high) == (0, pytest.approx((100 / 3 + 100) / 2))


def test_seeds_are_averaged():
    seeds = [[{'on': [n, 4]} for n in row] for row in ([0, 2, 4], [4, 2, 0])]
    mean = [{'on': [2, 4]}] * 3
    found = paired_difference(some_hits(*seeds), some_hits(mean))
    assert (found.value, found.low, found.high) == (0, 0, 0)


@pytest.mark.parametrize('other', [[{'on': [1, 3]}], [{'in': [1, 2]}], [{}, {}]])
def test_seeds_are_of_the_same_relations(other):
    with pytest.raises(InputError, match='different videos or relations'):
        some_hits([{'on': [1, 2]}], other)


def test_rows_of_a_table_are_compared_with_the_first_one_where_hits_are_known():
    def a_row(*found):
        hits = [{'on': [n, 4]} for n in found]
        return [a_record(hits, metrics=dict.fromkeys(RECALLS, 1.0))]

    unknown = [dict(row='old', metrics=dict.fromkeys(RECALLS, 1.0))]
    others = dict(better=a_row(3, 3), shorter=a_row(1), old=unknown)
    text = study_table('recall', dict(first=a_row(2, 2), **others))
    assert text.endswith('95 % bootstrap interval over paired videos')
    table = text.splitlines()
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in table]
    assert rows[0][-2:] == [f'{m} against the first row' for m in ('R@20', 'mR@20')]
    assert rows[2][-2:] == ['-', '-']
    assert rows[3][-2:] == ['+25.0 [+25.0, +25.0]'] * 2
    # Of other videos, or of nobody knows which.
    assert rows[4][-2:] == rows[5][-2:] == ['-', '-']
    # Without hits of the first row there is nothing to compare with.
    assert 'gainst' not in study_table('recall', dict(first=unknown, **others))
    assert study_table('power', dict(first=a_row(2, 2))) == '-'


def test_the_difference_that_is_seen_falls_with_the_root_of_the_videos():
    # 1.96 + 0.84 standard errors.
    assert seen_difference(1.0) == pytest.approx(2.8016, abs=1e-4)
    assert needed_videos(2.0, 60, seen_difference(2.0)) == 60
    assert needed_videos(2.0, 60, seen_difference(1.0)) == 240


def test_the_note_tells_what_rows_like_these_can_show():
    generator = np.random.default_rng(0)
    rows = {name: of_one_predicate(generator.integers(0, 11, 50), 10) for name in 'ab'}
    error = paired_difference(rows['b'], rows['a']).error
    note = power_note(rows)
    assert note.startswith('With 50 videos and 500 relations')
    assert f'{seen_difference(error):.1f} points of R@20' in note
    assert f'take {needed_videos(error, 50, 2.0)} videos for R@20' in note
    assert power_note({'a': rows['a']}) == power_note({}) == '-'
    # Rows that are the same do not tell how much others would differ.
    assert power_note({'a': rows['a'], 'b': rows['a']}) == '-'
