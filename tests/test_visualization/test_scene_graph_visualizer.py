import pytest

from mmfourdpsg.registry import VISUALIZERS
from mmfourdpsg.structures import SceneGraphDataSample


@pytest.fixture
def sample(graph, frames):
    sample = SceneGraphDataSample(metainfo=dict(video_id='clip', fps=None))
    sample.frame_reader = frames
    sample.pred_scene_graph = graph
    return sample


@pytest.fixture
def visualizer(tmp_path):
    return VISUALIZERS.build(
        dict(
            type='SceneGraphVisualizer',
            name=tmp_path.name,
            save_dir=str(tmp_path / 'logs'),
            vis_backends=[dict(type='LocalVisBackend')],
        )
    )


def test_prediction_and_ground_truth_are_written(visualizer, sample, graph, tmp_path):
    out = tmp_path / 'out'
    visualizer.add_datasample('clip', None, sample, out_file=out)
    assert sorted(p.name for p in out.iterdir()) == ['overlay.mp4', 'viewer.html']
    sample.gt_scene_graph = graph
    visualizer.add_datasample(
        'clip', None, sample, draw_pred=False, out_file=tmp_path / 'gt'
    )
    assert sorted(p.name for p in (tmp_path / 'gt').iterdir()) == [
        'ground_truth_overlay.mp4',
        'ground_truth_viewer.html',
    ]


def test_without_a_folder_results_are_written_beside_the_logs(
    visualizer, sample, tmp_path
):
    visualizer.add_datasample('clip', None, sample)
    assert list((tmp_path / 'logs').rglob('clip/viewer.html'))
