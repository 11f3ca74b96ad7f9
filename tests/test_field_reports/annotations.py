"""Reports on annotations: ids, boxes, masks and lists of splits."""

import json
from pathlib import Path

import numpy as np
from small_inputs import (
    ROOT,
    SIZE,
    mask_frame,
    rgb_frame,
    run,
    write_image,
    write_own_data,
)

from mmfourdpsg.evaluation.functional import evaluate_sgdet
from mmfourdpsg.structures import load_scene_graphs

OWN = ROOT / 'configs/4dllm/own_data.py'


def _check_own(report: Path, tmp_path: Path, *options: str) -> tuple[int, str, str]:
    """Run ``check_dataset.py`` on own data as the report says."""
    config = tmp_path / 'own.py'
    dataset = f'dict(data_root={str(report / "data") + "/"!r})'
    loaders = ''.join(
        f'{part}_dataloader = dict(dataset={dataset})\n'
        for part in ('train', 'val', 'test')
    )
    config.write_text(f'_base_ = [{str(OWN)!r}]\n{loaders}', encoding='utf-8')
    tool = 'tools/analysis_tools/check_dataset.py'
    return run(tool, config, '--workers', '1', *options)


def _export(dataset: str, root: Path, out: Path, *more: str) -> tuple[int, str, str]:
    options = ('--dataset', dataset, '--data-root', root, '--split', 'all')
    return run('tools/export_scene_graphs.py', *options, '--out', out, *more)


def make_object_id_zero(report: Path) -> None:
    """The ids of objects count from 0, which the masks have where nothing is."""
    write_own_data(report / 'data', ids=(0, 1))


def check_object_id_zero(report: Path, tmp_path: Path) -> None:
    status, _, error = _check_own(report, tmp_path)
    assert status == 2
    (line,) = [row for row in error.splitlines() if row.startswith('error: ')]
    assert "scene_graphs.json: video 'kitchen': has an object with the id 0" in line


def make_pvsg_mask_without_object(report: Path) -> None:
    """A mask of video b holds the id 38, which the annotation does not know."""
    root = report / 'pvsg'
    videos = [
        dict(
            video_id=name,
            meta=dict(height=SIZE[0], width=SIZE[1], num_frames=6, fps=5),
            objects=[
                dict(object_id=1, category='ball', is_thing=True, status=[]),
                dict(object_id=2, category='floor', is_thing=False, status=[]),
            ],
            relations=[[1, 2, 'on', [[0, 3]]]],
            captions=[],
            qa_pairs=[],
            summary='',
        )
        for name in ('a', 'b')
    ]
    for name in ('a', 'b'):
        for index in range(6):
            ids = mask_frame(1, 2)
            if (name, index) == ('b', 3):
                ids[:4, :4] = 38
            folder = root / 'vidor'
            write_image(folder / f'frames/{name}/{index:04d}.png', rgb_frame(index))
            write_image(folder / f'masks/{name}/{index:04d}.png', ids, palette=True)
    content = dict(
        objects=dict(thing=['ball'], stuff=['floor']),
        relations=['on'],
        split=dict(vidor=dict(train=['a', 'b'], val=['a'])),
        data=videos,
    )
    (root / 'pvsg.json').write_text(json.dumps(content), encoding='utf-8')


def check_pvsg_mask_without_object(report: Path, tmp_path: Path) -> None:
    root, out = report / 'pvsg', tmp_path / 'pvsg.json'
    status, _, error = _export('pvsg', root, out)
    assert status == 0, error
    (line,) = [row for row in error.splitlines() if row.startswith('warning: ')]
    assert '1 masks have ids that the annotation lacks, taken as void' in line
    assert 'masks/b/0003.png [38]' in line
    graphs = {graph.video_id: graph for graph in load_scene_graphs(out)}
    assert [item.id for item in graphs['b'].objects] == [1, 2]
    assert all(len(item.tube) for item in graphs['b'].objects)
    # A switch refuses such data, and nothing is written.
    status, _, error = _export('pvsg', root, tmp_path / 'strict.json', '--strict')
    assert status == 2
    assert 'has the unknown object ids [38]' in error.splitlines()[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ['pvsg.json']
    # All such masks are listed.
    config, found = tmp_path / 'config.py', tmp_path / 'found.json'
    row = f"dict(type='PVSGDataset', data_root={str(root)!r}, pipeline=masks)"
    config.write_text(
        "masks = [dict(type='LoadRGBFrames'), dict(type='LoadPanopticMasks')]\n"
        f'train_dataloader = dict(dataset={row})\n',
        encoding='utf-8',
    )
    options = (config, '--workers', '1', '--out', found)
    status, text, error = run('tools/analysis_tools/check_dataset.py', *options)
    assert status == 0, error
    assert 'masks/b/0003.png: [38]' in text
    (listed,) = json.loads(found.read_bytes())[0]['masks_with_unknown_ids']
    assert listed == dict(file=str(root / 'vidor/masks/b/0003.png'), ids=[38])
    status, _, error = run(
        'tools/analysis_tools/check_dataset.py', *options, '--strict'
    )
    assert status == 1, error


def make_split_list_with_spaces(report: Path) -> None:
    """Ids of videos, one a line, have a space in them."""
    write_own_data(report / 'data', videos=('kitchen 1', 'kitchen 2'))


def check_split_list_with_spaces(report: Path, tmp_path: Path) -> None:
    found = tmp_path / 'found.json'
    status, text, error = _check_own(report, tmp_path, '--out', str(found))
    assert status == 0, error + text
    train = json.loads(found.read_bytes())[0]
    assert (train['counts']['videos'], train['problems']) == (1, [])


BOXES = {
    7: [
        ('man', (-2, -1, 40, 50)),
        ('cloud', (90, -904, 25, 24)),
        ('pole', (60, 10, 0, 70)),
        ('hill', (100, 60, 60, 60)),
        ('dog', (10, 60, 30, 30)),
    ],
    8: [('man', (0, 0, 20, 20)), ('hat', (5, 0, 10, 0))],
}
"""Of each image: names, and x, y, width and height in pixels."""

RELATIONS = {
    7: [(0, 'near', 4), (1, 'above', 3), (2, 'behind', 0), (4, 'on', 3)],
    8: [(0, 'wears', 1)],
}


def make_vg_boxes_beyond_the_image(report: Path) -> None:
    """Boxes lie across the edge or outside of the image, or have no area.

    The prediction is the ground truth with its boxes cut to the image.
    """
    height, width = SIZE
    sizes, objects, relations, graphs = [], [], [], []
    for image, boxes in BOXES.items():
        write_image(report / f'vg/VG_100K/{image}.jpg', rgb_frame())
        first = 10 * image
        url = f'https://x/VG_100K/{image}.jpg'
        sizes.append(dict(image_id=image, width=width, height=height, url=url))
        rows, cut = [], []
        for number, (name, (x, y, w, h)) in enumerate(boxes, first):
            rows.append(dict(object_id=number, x=x, y=y, w=w, h=h, names=[name]))
            xs, ys = np.clip([x, x + w], 0, width), np.clip([y, y + h], 0, height)
            box = [int(value) for value in (xs[0], ys[0], xs[1], ys[1])]
            cut.append(dict(id=number, category=name, boxes={'0': box}))
        objects.append(dict(image_id=image, objects=rows))
        triplets = [
            dict(
                relationship_id=100 * image + number,
                predicate=predicate,
                subject=dict(object_id=first + subject),
                object=dict(object_id=first + other),
            )
            for number, (subject, predicate, other) in enumerate(RELATIONS[image])
        ]
        relations.append(dict(image_id=image, relationships=triplets))
        graphs.append(
            dict(
                video_id=str(image),
                height=height,
                width=width,
                num_frames=1,
                objects=cut,
                relations=[
                    dict(
                        subject=first + subject,
                        predicate=predicate,
                        object=first + other,
                        span=[[0, 0]],
                    )
                    for subject, predicate, other in RELATIONS[image]
                ],
            )
        )
    info = dict(format='mmfourdpsg/scene-graph', version=1)
    for name, content in (
        ('vg/image_data.json', sizes),
        ('vg/objects.json', objects),
        ('vg/relationships.json', relations),
        ('pred.json', dict(info=info, videos=graphs)),
    ):
        (report / name).write_text(json.dumps(content), encoding='utf-8')


def check_vg_boxes_beyond_the_image(report: Path, tmp_path: Path) -> None:
    out = tmp_path / 'gt.json'
    status, _, error = _export('vg', report / 'vg', out)
    assert status == 0, error
    assert '3 boxes without area in the image left out' in error
    assert '3 relations of an object without a box left out' in error
    graphs = load_scene_graphs(out)
    for graph in graphs:
        for item in graph.objects:
            x1, y1, x2, y2 = item.boxes[0]
            assert 0 <= x1 < x2 <= graph.width
            assert 0 <= y1 < y2 <= graph.height
    for prediction in (graphs, load_scene_graphs(report / 'pred.json')):
        result = evaluate_sgdet(graphs, prediction, (20,), region='box')
        assert result.metrics['R@20'] == 100
