import numpy as np
import pytest

from mmfourdpsg.simulation.camera import Camera
from mmfourdpsg.simulation.settings import StageSettings
from mmfourdpsg.simulation.world import connect

pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('place', [(0.0, 0.0), (-0.12, 0.1), (0.07, -0.08)])
def test_the_highest_visible_point_is_on_the_upper_edge(seed, place):
    camera = Camera.random(np.random.default_rng(seed), StageSettings())
    client = connect()
    try:
        view = client.computeViewMatrix(
            camera.eye(0.7).tolist(), camera.target, (0, 0, 1)
        )
        projection = client.computeProjectionMatrixFOV(42.0, 4 / 3, 0.05, 6.0)
    finally:
        client.disconnect()
    # OpenGL's matrices are stored by columns; y = 1 is the upper edge.
    matrix = np.reshape(projection, (4, 4)).T @ np.reshape(view, (4, 4)).T
    point = matrix @ [*place, camera.highest(np.array(place), 0.7, 42.0), 1]
    assert point[1] / point[3] == pytest.approx(1, abs=1e-5)
    assert abs(point[0] / point[3]) < 1


def test_an_orbit_keeps_distance_and_height():
    camera = Camera((0.01, 0.02, 0.05), 0.6, 0.5, 0.1, orbit=0.3)
    eyes = np.array([camera.eye(time) for time in (0.0, 1.0, 2.0)])
    assert np.linalg.norm(eyes - camera.target, axis=1) == pytest.approx([0.6] * 3)
    assert np.ptp(eyes[:, 2]) < 1e-12
    flat = eyes[:, :2] - camera.target[:2]
    angles = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0]))
    assert np.diff(angles) == pytest.approx([0.3, 0.3])
