from itertools import pairwise

from mmfourdpsg.structures import SceneGraph, SceneObject
from mmfourdpsg.visualization import hex_colour, object_colours, object_names


def _luminance(colour):
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first, second):
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _graph(count):
    objects = [SceneObject(3 * i, 'cup', is_thing=i % 5 > 0) for i in range(count)]
    return SceneGraph('v', 4, 4, 1, objects)


def test_colours_are_readable_on_dark_and_under_black_text():
    for colour in object_colours(_graph(60)).values():
        assert _contrast(colour, (20, 22, 27)) >= 4.5  # WCAG 2, level AA
        assert _contrast(colour, (12, 13, 16)) >= 4.5


def test_colours_of_neighbours_differ_and_do_not_depend_on_later_objects():
    colours = object_colours(_graph(30))
    assert len(set(colours.values())) == 30
    values = list(colours.values())
    for first, second in pairwise(values):
        assert sum(abs(a - b) for a, b in zip(first, second, strict=True)) > 60
    few = object_colours(_graph(5))
    assert few == {key: colours[key] for key in few}


def test_a_colour_is_written_in_hexadecimal():
    assert hex_colour((255, 0, 16)) == '#ff0010'


def test_names_are_numbered_within_the_category():
    objects = [SceneObject(4, 'cup'), SceneObject(2, 'adult'), SceneObject(9, 'Cup')]
    names = object_names(SceneGraph('v', 4, 4, 1, objects))
    assert names == {4: 'cup 1', 2: 'adult 1', 9: 'cup 2'}
