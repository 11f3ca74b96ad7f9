import pytest

from mmfourdpsg.datasets.pvsg_captions import (
    caption_of_object,
    caption_of_relation,
    read_captions,
)


def _captions(*texts):
    rows = [
        dict(time=f'{10 * i:04d}-{10 * i + 9:04d}', description=text)
        for i, text in enumerate(texts)
    ]
    captions, unread = read_captions(rows)
    assert unread == 0
    return captions


@pytest.mark.parametrize(
    'text, says',
    [
        ('The tall woman (7) rocks a child (8).', 'it rocks a child'),
        ('A man feeds the old dog (7), happily.', 'a man feeds it'),
        ("It is the girl's (7) birthday.", 'it is its birthday'),
        ("All praise the girl (7)'s cake.", 'all praise its cake'),
        ('Two men (8) (7) are dancing.', 'it are dancing'),
        ('The adult (8) pulls the rope (7).', ''),
        ('Nobody (8) is here.', ''),
        ('The woman (7).', ''),
    ],
)
def test_what_an_object_does_is_said_without_its_name(text, says):
    assert caption_of_object(_captions(text), 7, 'adult') == says


def test_a_sentence_that_begins_with_the_object_is_taken_first():
    captions = _captions('A man sees the dog (7).', 'The dog (7) barks.')
    assert caption_of_object(captions, 7, 'animal') == 'it barks'
    assert caption_of_object(captions, 7, 'dog') == 'it barks'


def test_long_sentences_are_cut_around_the_object_and_end_with_a_whole_word():
    text = (
        'A man walks along the wide road to the left from behind a woman (7) at home.'
    )
    found = caption_of_object(_captions(text), 7, 'adult')
    assert found == 'left from behind it at home'
    text = 'The woman (7) gives one two three four five six to the child.'
    assert caption_of_object(_captions(text), 7, 'adult') == (
        'it gives one two three four five six'
    )


def test_a_reason_is_the_sentence_of_both_at_that_time():
    captions = _captions(
        'The woman (7) holds the child (8).',
        'The woman (7) smiles; she feeds the child (8). A dog (9) sleeps.',
    )
    assert caption_of_relation(captions, 8, 7, [(0, 4)]) == 'the woman holds the child'
    assert caption_of_relation(captions, 7, 8, [(8, 14)]) == (
        'the woman smiles she feeds the child'
    )
    assert caption_of_relation(captions, 7, 9, [(0, 19)]) == ''
    assert caption_of_relation(captions, 7, 8, [(20, 30)]) == ''
    assert caption_of_relation(captions, 7, 8, [(0, 4)], max_words=4) == (
        'the woman holds'
    )
