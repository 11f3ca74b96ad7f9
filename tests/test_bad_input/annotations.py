"""Bad annotations, masks and lists, and converters of them."""

import json
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from bad_input import BadInput
from PIL import Image

ROOT = Path(__file__).parents[2]
CHECK = 'tools/analysis_tools/check_dataset.py'
SAILVOS = 'tools/dataset_converters/sailvos3d_to_psg4d_gta.py'
IMAGES = 'tools/dataset_converters/videos_to_rgbd_images.py'


def _write(folder: Path, files: dict[str, object]) -> None:
    """Write texts, bytes and JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding='utf-8')
        else:
            path.write_text(json.dumps(content), encoding='utf-8')


def _files(**files: object) -> Callable[[Path], None]:
    """Return what writes files at the root, whose names end as ``_json`` says."""
    return partial(
        _write, files={name.replace('__', '.'): row for name, row in files.items()}
    )


def _export(name: str, says: str, dataset: str, make: Callable, *more: str) -> BadInput:
    options = more if '--split' in more else ('--split', 'all', *more)
    return BadInput(
        name,
        (
            'tools/export_scene_graphs.py',
            *('--dataset', dataset, '--data-root', '{folder}'),
            *('--out', '{folder}/out.json', *options),
        ),
        says,
        make,
    )


def _gta(*relations: list, objects=((3, 'car'), (4, 'car')), **more: object) -> dict:
    video = dict(
        video_id='a',
        object=[dict(object_id=i, category=name) for i, name in objects],
        relations=list(relations),
        meta=dict(num_frames=2),
    )
    content = dict(
        objects=dict(thing=['car'], stuff=[]), split=dict(train=['a']), data=[video]
    )
    return {**content, **more}


def _pvsg(object_id: int = 1) -> dict:
    video = dict(
        video_id='v',
        meta=dict(height=4, width=6, num_frames=1, fps=5),
        objects=[dict(object_id=object_id, category='ball', is_thing=True)],
        relations=[],
    )
    return dict(
        objects=dict(thing=['ball'], stuff=[]),
        relations=['on'],
        split=dict(vidor=dict(train=['v'], val=[])),
        data=[video],
    )


def _pvsg_with_mask(folder: Path, mask: np.ndarray | bytes) -> None:
    _write(folder, {'pvsg.json': _pvsg()})
    path = folder / 'vidor/masks/v/0000.png'
    path.parent.mkdir(parents=True)
    if isinstance(mask, bytes):
        path.write_bytes(mask)
    else:
        Image.fromarray(mask).save(path)


def _psg(**image: object) -> dict:
    row = dict(
        image_id='1',
        file_name='train2017/1.jpg',
        pan_seg_file_name='panoptic_train2017/1.png',
        height=4,
        width=6,
        segments_info=[dict(id=5, category_id=0), dict(id=6, category_id=0)],
        relations=[],
    )
    return dict(
        data=[{**row, **image}],
        thing_classes=['cat'],
        stuff_classes=[],
        predicate_classes=['on'],
        test_image_ids=[],
    )


def _vg(folder: Path, **lists: object) -> None:
    image = dict(image_id=1, width=6, height=4, url='x/VG_100K/1.jpg')
    thing = dict(object_id=1, x=0, y=0, w=1, h=1, names=['cat'])
    files = dict(
        image_data=[image],
        objects=[dict(image_id=1, objects=[thing])],
        relationships=[dict(image_id=1, relationships=[])],
    )
    _write(folder, {f'{key}.json': row for key, row in files.items()})
    _write(folder, {name.replace('__', '.'): row for name, row in lists.items()})


def _gqa(other: str) -> dict:
    thing = dict(name='cat', x=0, y=0, w=1, h=1)
    relation = dict(name='on', object=other)
    objects = {'1': dict(thing, relations=[relation]), '2': thing}
    return {'7': dict(width=6, height=4, objects=objects)}


def _own(
    folder: Path, graphs: dict | None = None, lists: dict | None = None, frames: int = 2
) -> None:
    """Write own data of one video, and a config that reads it."""
    video = dict(
        video_id='a',
        height=4,
        width=6,
        num_frames=2,
        objects=[dict(id=1, category='cup')],
        relations=[],
    )
    content = dict(
        info=dict(format='mmfourdpsg/scene-graph', version=1),
        videos=[{**video, **(graphs or {})}],
    )
    _write(folder, {'scene_graphs.json': content, **(lists or {})})
    for kind in ('rgb', 'masks'):
        (folder / kind / 'a').mkdir(parents=True)
        for frame in range(frames):
            shape = (4, 6, 3) if kind == 'rgb' else (4, 6)
            image = Image.fromarray(np.zeros(shape, np.uint8))
            image.save(folder / kind / f'a/{frame}.png')
    dataset = (
        f"dict(type='SceneGraphFileDataset', data_root={str(folder)!r}, "
        "pipeline=[dict(type='LoadPanopticMasks')])"
    )
    _write(folder, {'config.py': f'train_dataloader = dict(dataset={dataset})\n'})


def _check(name: str, says: str, make: Callable, *more: str) -> BadInput:
    return BadInput(name, (CHECK, '{folder}/config.py', *more), says, make)


def _cuts(name: str, says: str, cuts: object, *more: str) -> BadInput:
    options = ('--raw', '{folder}/raw', '--background', '{folder}/background')
    return BadInput(
        name,
        (SAILVOS, *options, '--cuts', '{folder}/c.json', '--out', '{folder}/o', *more),
        says,
        _files(c__json=cuts),
    )


def _images(name: str, says: str, make: Callable, *more: str) -> BadInput:
    options = ('--dataset', 'psg4d_gta', '--data-root', '{folder}', '--workers', '1')
    return BadInput(name, (IMAGES, *options, '--out', '{folder}/o', *more), says, make)


CASES = [
    _export('name of no data set', 'imagenet: is not known', 'imagenet', _files()),
    _export('no annotation', 'sailvos3d.json: cannot be read', 'psg4d_gta', _files()),
    _export(
        'annotation that breaks off',
        'sailvos3d.json: is not valid JSON',
        'psg4d_gta',
        _files(sailvos3d__json=json.dumps(_gta())[:-9]),
    ),
    _export(
        'annotation of nested lists',
        'sailvos3d.json: is not valid JSON',
        'psg4d_gta',
        _files(sailvos3d__json='[' * 100_000),
    ),
    _export(
        'annotation in Latin-1',
        'sailvos3d.json: is not valid JSON',
        'psg4d_gta',
        _files(sailvos3d__json='{"objects": "K\xfcche"}'.encode('latin-1')),
    ),
    _export(
        'annotation in UTF-16',
        'pvsg.json: is not valid JSON',
        'pvsg',
        _files(pvsg__json=json.dumps(_pvsg()).encode('utf-16')),
    ),
    _export(
        'empty annotation', 'pvsg.json: is an empty file', 'pvsg', _files(pvsg__json='')
    ),
    _export(
        'split that is not there',
        "split 'test': has no videos",
        'psg4d_gta',
        _files(sailvos3d__json=_gta()),
        *('--split', 'test'),
    ),
    _export(
        'split with a number for a video',
        'split.train[0]: expected a text, found 5',
        'psg4d_gta',
        _files(sailvos3d__json=_gta(split=dict(train=[5]))),
    ),
    _export(
        'span that ends before it starts',
        'relations[0][3]: range [4, 1] ends before it starts',
        'psg4d_gta',
        _files(sailvos3d__json=_gta([3, 'on', 4, [4, 1]])),
    ),
    _export(
        'dangling relation of a strict export',
        "relation (3, 'on', 9) names the unknown object 9",
        'psg4d_gta',
        _files(sailvos3d__json=_gta([3, 'on', 9, [0, 1]])),
        '--strict',
    ),
    _export(
        'dangling relation of GQA in a strict export',
        "relation (1, 'on', 9) names the unknown object 9",
        'gqa',
        _files(train_sceneGraphs__json=_gqa('9')),
        '--strict',
    ),
    _export(
        'object 0 of PSG4D-GTA',
        'object[0]: has the id 0, expected one above 0',
        'psg4d_gta',
        _files(sailvos3d__json=_gta(objects=((0, 'car'),))),
    ),
    _export(
        'object 0 of PVSG',
        'objects[0]: has the id 0, expected one above 0',
        'pvsg',
        _files(pvsg__json=_pvsg(0)),
    ),
    _export(
        'segment 0 of PSG',
        'segments_info[0]: has the id 0, expected one above 0',
        'psg',
        _files(psg__json=_psg(segments_info=[dict(id=0, category_id=0)])),
    ),
    _export(
        'mask id 0 of PSG4D-HOI',
        'object[0]: has the mask_id 0, expected one above 0',
        'psg4d_hoi',
        _files(
            categories__json={'0': 'hand'},
            psg4d_hoi__json=dict(
                data=[dict(video_id='a', object=[dict(object_id=1, mask_id=0)])]
            ),
        ),
    ),
    _export(
        'image outside the data',
        "expected a path below the data root, found '../1.jpg'",
        'psg',
        _files(psg__json=_psg(file_name='../1.jpg')),
    ),
    _export(
        'text for a height',
        "Expected 'int', got 'str' - at '$.height'",
        'psg',
        _files(psg__json=_psg(height='tall')),
    ),
    _export(
        'mask with an unknown id in a strict export',
        '0000.png: has the unknown object ids [38]',
        'pvsg',
        partial(_pvsg_with_mask, mask=np.full((4, 6), 38, np.uint8)),
        '--strict',
    ),
    _export(
        'mask of another size',
        '0000.png: mask has 6 x 4 pixels',
        'pvsg',
        partial(_pvsg_with_mask, mask=np.ones((6, 4), np.uint8)),
    ),
    _export(
        'mask of colours',
        'expected an image of one channel',
        'pvsg',
        partial(_pvsg_with_mask, mask=np.ones((4, 6, 3), np.uint8)),
    ),
    _export(
        'mask that is no image',
        '0000.png: is truncated or damaged',
        'pvsg',
        partial(_pvsg_with_mask, mask=b'\x89PNG\r\n\x1a\n'),
    ),
    _export(
        'list of a split in Latin-1',
        'val.txt: is not UTF-8 (byte 1',
        'vg',
        partial(_vg, val__txt='K\xfcche\n'.encode('latin-1')),
        *('--split', 'val'),
    ),
    _export(
        'list that names an image twice',
        "split 'val': names video '1' twice",
        'vg',
        partial(_vg, val__txt='1\r\n1\r\n'),
        *('--split', 'val'),
    ),
    _export(
        'list with two ids in a line',
        "names the video '1 1', of which there is no record",
        'vg',
        partial(_vg, val__txt='1 1\n'),
        *('--split', 'val'),
    ),
    _export(
        'pickle that breaks off',
        'object_bbox_and_relationship.pkl: is damaged or unsafe',
        'ag',
        _files(object_bbox_and_relationship__pkl=pickle.dumps({'a/1.png': []})[:-4]),
    ),
    _export(
        'archive that is none',
        'VG-SGG.h5: is damaged',
        'vg_sgg',
        partial(
            _write,
            files={
                'VG-SGG.h5': b'no archive',
                'image_data.json': [],
                'VG-SGG-dicts-with-attri.json': dict(
                    idx_to_label={}, idx_to_predicate={}
                ),
            },
        ),
    ),
    _export(
        'scans without a list of the split',
        'has neither relationships_train.json nor train_scans.txt',
        '3dssg',
        _files(relationships__json=dict(scans=[])),
        *('--split', 'train'),
    ),
    _check(
        'own object 0',
        "video 'a': has an object with the id 0, expected ids above 0",
        partial(_own, graphs=dict(objects=[dict(id=0, category='cup')])),
    ),
    _check(
        'own dangling relation, checked strictly',
        'names the unknown object 9',
        partial(
            _own,
            graphs=dict(
                relations=[dict(subject=1, predicate='on', object=9, span=[[0, 1]])]
            ),
        ),
        '--strict',
    ),
    _check(
        'own list of a video that is not there',
        "names the video 'a b', of which there is no record",
        partial(_own, lists={'train.txt': '\ufeffa b\r\n'}),
    ),
    _check(
        'own list in UTF-16',
        'train.txt: is not UTF-8',
        partial(_own, lists={'train.txt': 'a\n'.encode('utf-16')}),
    ),
    _check(
        'own video id outside the data',
        "expected a path below the data root, found '../a'",
        partial(_own, graphs=dict(video_id='../a')),
    ),
    _cuts('cut that ends before it begins', 'expected [first, last]', {'a': [5, 2]}),
    _cuts('cut of texts', "found ['0', '9']", {'a': ['0', '9']}),
    _cuts('list of cuts', 'c.json: top level: expected an object', []),
    _cuts(
        'layout with an unknown field',
        'expected the fields video, kind, frame and suffix',
        {'a': [0, 1]},
        *('--layout', '{{scene}}/{{frame}}'),
    ),
    _images(
        'no frame of a video',
        '--frames is 0, expected 1 or more',
        _files(),
        *('--frames', '0'),
    ),
    _images(
        'images where something is',
        '/o: is there already, expected a folder to make',
        partial(_write, files={'o/a.txt': 'mine'}),
    ),
    _images(
        'images of a split that is not there',
        "split 'val': has no videos",
        _files(sailvos3d__json=_gta()),
    ),
    _images(
        'images of videos without frames',
        '1 of 1 videos failed; the first, a:',
        _files(sailvos3d__json=_gta()),
        *('--splits', 'train'),
    ),
]
