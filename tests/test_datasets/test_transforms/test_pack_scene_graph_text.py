import shutil
import sys

from mmfourdpsg.datasets import PSG4DGTADataset

_opened: list[str] = []
_watching = False


def _record(event: str, arguments: tuple) -> None:
    if _watching and event == 'open' and isinstance(arguments[0], str):
        _opened.append(arguments[0])


sys.addaudithook(_record)


def test_texts_are_packed_without_opening_a_frame(tiny_world):
    global _watching
    pipeline = [dict(type='PackSceneGraphText')]
    dataset = PSG4DGTADataset(
        data_root=str(tiny_world), split='train', pipeline=pipeline
    )
    _watching = True
    packed = [dataset[i] for i in range(len(dataset))]
    _watching = False
    assert not [path for path in _opened if str(tiny_world) in path]
    assert all(item['inputs'] == {} for item in packed)
    graph = packed[0]['data_samples'].gt_scene_graph
    assert graph.relations
    assert packed[0]['data_samples'].num_frames == graph.num_frames == 24


def test_the_annotation_alone_is_enough(tiny_world, tmp_path):
    # Images are read by code that the hook above need not see.
    shutil.copy(tiny_world / 'sailvos3d.json', tmp_path)
    dataset = PSG4DGTADataset(
        data_root=str(tmp_path),
        split='train',
        pipeline=[dict(type='PackSceneGraphText')],
    )
    names = [item['data_samples'].video_id for item in dataset]
    assert names == ['train_0', 'train_1']
