import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfourdpsg.models.text_formats.labels import escape_label, unescape_label


@pytest.mark.parametrize(
    ('label', 'written'),
    [
        ('dining table', 'dining table'),
        ('cup/glass/bottle', 'cup/glass/bottle'),
        ('a;b', r'a\u{3b}b'),
        ('[obj]', r'\u{5b}obj]'),
        ('a  b', r'a \u{20}b'),
        ('a\nb', r'a\u{a}b'),
        ('\\u{3b}', r'\u{5c}u{3b}'),
    ],
)
def test_escape(label, written):
    assert escape_label(label) == written
    assert unescape_label(written) == label


@given(st.text(min_size=1))
def test_round_trip_of_any_label(label):
    label = label.strip().lower()
    written = escape_label(label)
    assert unescape_label(written) == label
    assert not set(written) & set(';|[<')
    assert written.split() == ([] if not written else written.split(' '))


def test_an_escape_of_no_character_stays():
    assert unescape_label(r'a\u{ffffff}') == r'a\u{ffffff}'
