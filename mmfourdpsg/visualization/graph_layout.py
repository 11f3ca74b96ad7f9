"""Layout of a scene graph's nodes in a drawing."""

import itertools
import math

import networkx as nx

from mmfourdpsg.structures import SceneGraph

_CHARACTER_WIDTH = 7.0
# A node's disc reaches 14 above its centre, its label 32 beneath.
_ABOVE, _BELOW = 14.0, 32.0
_NODE_HEIGHT = _ABOVE + _BELOW


def graph_layout(
    graph: SceneGraph,
    names: dict[int, str],
    width: float = 420.0,
    height: float = 380.0,
) -> dict[int, tuple[float, float]]:
    """Place the objects so that related ones are near and no two labels overlap.

    Objects with relations follow Kamada and Kawai's springs, started from a circle
    so that the same graph always looks the same; the others stand in a row beneath.

    Args:
        graph: The scene graph.
        names: Object id -> label.
        width: Width of the drawing, in its own units.
        height: Height of the drawing, in its own units.

    Returns:
        Object id -> ``(x, y)`` of the node's centre, within the drawing.
    """
    network = nx.Graph()
    related = {i for r in graph.relations for i in (r.subject, r.object)}
    network.add_nodes_from(item.id for item in graph.objects if item.id in related)
    network.add_edges_from((r.subject, r.object) for r in graph.relations)
    alone = [item.id for item in graph.objects if item.id not in related]

    columns = max(1, int(width // 84))
    rows = math.ceil(len(alone) / columns)
    alone_height = min(rows * _NODE_HEIGHT, height if not related else 0.4 * height)
    sizes = {
        key: (max(44.0, _CHARACTER_WIDTH * len(name) + 10), _NODE_HEIGHT)
        for key, name in names.items()
    }
    positions = _spring_positions(network)
    free = height - alone_height
    positions = {
        key: (
            sizes[key][0] / 2 + (width - sizes[key][0]) * x,
            _ABOVE + (free - _NODE_HEIGHT) * y,
        )
        for key, (x, y) in positions.items()
    }
    _push_apart(positions, sizes, width, free)
    for index, key in enumerate(alone):
        row, column = divmod(index, columns)
        in_row = min(columns, len(alone) - row * columns)
        positions[key] = (
            width * (column + 0.5) / in_row,
            free + alone_height * (row + 0.5) / rows - (_BELOW - _ABOVE) / 2,
        )
    return positions


def _spring_positions(network: nx.Graph) -> dict[int, tuple[float, float]]:
    """Return positions that fill the unit square."""
    if len(network) == 0:
        return {}
    if len(network) == 1:
        return dict.fromkeys(network, (0.5, 0.5))
    # Parts that nothing connects would drift apart without end: tie them loosely.
    tied = network.copy()
    parts = [sorted(part)[0] for part in nx.connected_components(network)]
    tied.add_edges_from(itertools.pairwise(parts))
    found = nx.kamada_kawai_layout(tied, pos=nx.circular_layout(tied))
    axes = []
    for axis in (0, 1):
        values = [float(point[axis]) for point in found.values()]
        low, extent = min(values), max(values) - min(values)
        axes.append([(v - low) / extent if extent > 1e-6 else 0.5 for v in values])
    return dict(zip(found, zip(*axes, strict=True), strict=True))


def _push_apart(
    positions: dict[int, tuple[float, float]],
    sizes: dict[int, tuple[float, float]],
    width: float,
    height: float,
    num_rounds: int = 200,
) -> None:
    """Move overlapping labels apart, along the axis where less is needed."""
    keys = list(positions)
    for _ in range(num_rounds):
        moved = False
        for i, first in enumerate(keys):
            for second in keys[i + 1 :]:
                (x1, y1), (x2, y2) = positions[first], positions[second]
                over_x = (sizes[first][0] + sizes[second][0]) / 2 - abs(x1 - x2)
                over_y = (sizes[first][1] + sizes[second][1]) / 2 - abs(y1 - y2)
                if over_x <= 0.5 or over_y <= 0.5:
                    continue
                moved = True
                if over_x < over_y:
                    step = math.copysign(over_x / 2, x2 - x1)
                    x1, x2 = x1 - step, x2 + step
                else:
                    step = math.copysign(over_y / 2, y2 - y1)
                    y1, y2 = y1 - step, y2 + step
                positions[first], positions[second] = (x1, y1), (x2, y2)
        for key, (x, y) in positions.items():
            half = min(sizes[key][0], width) / 2
            positions[key] = (
                min(max(x, half), width - half),
                min(max(y, _ABOVE), max(height, _NODE_HEIGHT) - _BELOW),
            )
        if not moved:
            break
