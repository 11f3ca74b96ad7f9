"""Names and colours of objects, the same in every image."""

import math
from collections import Counter

from mmfourdpsg.structures import SceneGraph

Colour = tuple[int, int, int]

# The golden angle: any number of hues in a row stay far apart.
_HUE_STEP = 360 * (3 - math.sqrt(5)) / 2
_FIRST_HUE = 30.0
_LIGHTNESS = (0.76, 0.84, 0.70)


def object_colours(graph: SceneGraph) -> dict[int, Colour]:
    """Return a colour for each object, the same in every frame and every image.

    Colours are equally light in steps of the OKLCH colour space, so that black text
    is readable on each of them and each is readable on a dark ground. Stuff is
    paler than things.

    Args:
        graph: The scene graph; its order of objects decides.

    Returns:
        Object id -> ``(red, green, blue)``, each 0 to 255.
    """
    colours = {}
    for index, item in enumerate(graph.objects):
        hue = (_FIRST_HUE + index * _HUE_STEP) % 360
        chroma = 0.17 if item.is_thing else 0.05
        colours[item.id] = _oklch_to_rgb(_LIGHTNESS[index % 3], chroma, hue)
    return colours


def object_names(graph: SceneGraph) -> dict[int, str]:
    """Return object id -> category and number within it, such as ``'cup 2'``."""
    seen: Counter[str] = Counter()
    names = {}
    for item in graph.objects:
        seen[item.category] += 1
        names[item.id] = f'{item.category} {seen[item.category]}'
    return names


def hex_colour(colour: Colour) -> str:
    """Return a colour as ``'#rrggbb'``."""
    return '#{:02x}{:02x}{:02x}'.format(*colour)


def _oklch_to_rgb(lightness: float, chroma: float, hue: float) -> Colour:
    """Convert from OKLCH, with less chroma where sRGB cannot show as much."""
    a = math.cos(math.radians(hue))
    b = math.sin(math.radians(hue))
    while True:
        linear = _oklab_to_linear(lightness, chroma * a, chroma * b)
        if chroma <= 0 or all(0 <= value <= 1 for value in linear):
            break
        chroma -= 0.005
    return tuple(round(255 * _gamma(min(max(value, 0), 1))) for value in linear)


def _oklab_to_linear(lightness: float, a: float, b: float) -> list[float]:
    """Convert OKLab to linear sRGB (B. Ottosson, 2020)."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    ]


def _gamma(value: float) -> float:
    if value <= 0.0031308:
        return 12.92 * value
    return 1.055 * value ** (1 / 2.4) - 0.055
