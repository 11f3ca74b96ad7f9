"""Bad inputs of configs, of the tests that they describe, and of their results."""

import json
from pathlib import Path

from bad_input import BadInput

GQA, AG = (f'configs/4dllm/zero_shot/{name}.py' for name in ('gqa', 'ag'))
OWN = Path('configs/4dllm/own_data.py').resolve()
CAMERAS = Path('configs/_base_/models/frame_encoders').resolve()
TWICE = ('imagebind_huge.py',) * 2
TEST = 'tools/test.py'
ANALYSIS = 'tools/analysis_tools'
EXPORT = (
    'tools/export_scene_graphs.py', '--dataset', 'gqa200', '--data-root', '{folder}',
    '--out', '{folder}/out.json', '--split',
)  # fmt: skip
GRAPH = dict(
    info=dict(format='mmfourdpsg/scene-graph', version=1),
    videos=[
        dict(
            video_id='v', height=4, width=4, num_frames=1, objects=[], relations=[]
        )
    ],
)  # fmt: skip


def _text(name, text):
    """Return what writes a file."""

    def make(folder):
        (folder / name).write_text(text, encoding='utf-8')

    return make


def _gqa200(**changed):
    """Return what writes GQA200 with one image, and changes the test's lists."""

    def make(folder):
        words = dict(
            ind_to_classes=['__background__', 'man', 'horse'],
            ind_to_predicates=['__background__', 'riding'],
        )
        rows = dict(
            filenames_all=['1.jpg'],
            img_info_all=[dict(width=9, height=9)],
            gt_boxes_all=[[[0, 0, 5, 5], [1, 1, 8, 8]]],
            gt_classes_all=[[1, 2]],
            relationships_all=[[[0, 1, 1]]],
        )
        (folder / 'GQA_200_ID_Info.json').write_text(json.dumps(words))
        path = folder / 'GQA_200_Test.json'
        path.write_text(json.dumps(dict(rows, **changed)))

    return make


def _own(**camera):
    """Return what writes a config whose camera is changed."""
    model = dict(scene_encoder=dict(depth_to_disparity=camera))
    return _text('own.py', f'_base_ = [{str(OWN)!r}]\nmodel = {model!r}\n')


def _graphs(folder):
    for name in ('gt', 'pred'):
        (folder / f'{name}.json').write_text(json.dumps(GRAPH))


EVAL = (
    'tools/eval_scene_graphs.py', '--gt', '{folder}/gt.json', '--pred',
    '{folder}/pred.json',
)  # fmt: skip
MAKE = (
    f'{ANALYSIS}/make_results.py', '--page', '{folder}/page.md', '--records',
    '{folder}',
)  # fmt: skip
CHECK = (f'{ANALYSIS}/check_dataset.py', '{folder}/own.py')

CASES = [
    # GQA200, the zero-shot test of images.
    BadInput(
        'GQA200 without its names',
        (*EXPORT, 'test'),
        'GQA_200_ID_Info.json: cannot be read',
        _text('GQA_200_Test.json', '{}'),
    ),
    BadInput(
        'GQA200 without its train file',
        (*EXPORT, 'train'),
        'GQA_200_Train.json: cannot be read',
        _gqa200(),
    ),
    BadInput(
        'GQA200 of a split that it lacks',
        (*EXPORT, 'validation'),
        "has no 'validation', expected ['train', 'test', 'val', 'all']",
        _gqa200(),
    ),
    BadInput(
        'GQA200 with lists of several lengths',
        (*EXPORT, 'test'),
        'has lists of [1, 2] rows',
        _gqa200(gt_classes_all=[[1, 2], [1]]),
    ),
    BadInput(
        'GQA200 with an index beyond its names',
        (*EXPORT, 'test'),
        'row 0: has the index 3, expected 1 to 2',
        _gqa200(gt_classes_all=[[1, 3]]),
    ),
    BadInput(
        'GQA200 with the background as an object',
        (*EXPORT, 'test'),
        'row 0: has the index 0, expected 1 to 2',
        _gqa200(gt_classes_all=[[1, 0]]),
    ),
    BadInput(
        'GQA200 with a box of three numbers',
        (*EXPORT, 'test'),
        'gt_boxes_all',
        _gqa200(gt_boxes_all=[[[0, 0, 5], [1, 1, 8, 8]]]),
    ),
    BadInput(
        'GQA200 with an image beyond its folder',
        (*EXPORT, 'test'),
        'expected a path below the data root',
        _gqa200(filenames_all=['../1.jpg']),
    ),
    # Configs and the tests that they describe.
    BadInput(
        'zero-shot predictions into no JSON file',
        (TEST, GQA, 'none', '--out', '{folder}/out.txt'),
        'expected a file that ends in .json',
    ),
    BadInput(
        'zero-shot test-time augmentation',
        (TEST, AG, 'none', '--tta'),
        'needs tta_model and tta_pipeline',
    ),
    BadInput(
        'a test of no config',
        (TEST, '{folder}/none.py', 'none'),
        'none.py: no such config file',
    ),
    BadInput(
        'a config that is no Python',
        (TEST, '{folder}/a.py', 'none'),
        'a.py: cannot be read as a config',
        _text('a.py', 'model = dict(\n'),
    ),
    BadInput(
        'a config that inherits from nothing',
        (TEST, '{folder}/a.py', 'none'),
        'a.py: cannot be read as a config',
        _text('a.py', "_base_ = ['./b.py']\n"),
    ),
    BadInput(
        'a config that takes two cameras',
        (f'{ANALYSIS}/record_test.py', 'x', '{folder}/a.py', 'none', '--out',
         '{folder}/x.json'),
        "Duplicate key is not allowed among bases",
        _text('a.py', f'_base_ = {[str(CAMERAS / name) for name in TWICE]}\n'),
    ),
    BadInput(
        'a camera without a focal length',
        CHECK,
        'own.py: depth_to_disparity: ',
        _own(fx=0.0),
    ),
    BadInput(
        'a camera that sees depth from behind',
        CHECK,
        'clip ascending and positive',
        _own(clip=(50.0, 0.01)),
    ),
    BadInput(
        'a depth preprocessing that there is not',
        CHECK,
        'DepthToNothing',
        _own(type='DepthToNothing'),
    ),
    BadInput(
        'a depth preprocessing of an unknown setting',
        CHECK,
        'focal',
        _own(focal=3.0),
    ),
    # Groups of labels.
    BadInput(
        'groups of labels that begin nowhere',
        (*EVAL, '--train', '{folder}/gt.json', '--groups', 'head=5', 'body=2'),
        'expected distinct numbers from 0 on',
        _graphs,
    ),
    BadInput(
        'groups of labels that begin at the same number',
        (*EVAL, '--train', '{folder}/gt.json', '--groups', 'a=0', 'b=5', 'c=5'),
        'expected distinct numbers from 0 on',
        _graphs,
    ),
    BadInput(
        'a group of labels without a number',
        (*EVAL, '--train', '{folder}/gt.json', '--groups', 'head=many'),
        '--groups head=many: expected NAME=LEAST',
        _graphs,
    ),
    BadInput(
        'groups of labels of frames',
        (*EVAL, '--protocol', 'sgdet', '--train', '{folder}/gt.json'),
        'not for sgdet',
        _graphs,
    ),
    BadInput(
        'labels that were trained on nowhere',
        (*EVAL, '--train', '{folder}/none.json'),
        'none.json',
        _graphs,
    ),
    # Results.
    BadInput(
        'a page of results that is not there',
        MAKE,
        'page.md: cannot be read',
    ),
    BadInput(
        'a page whose block does not end',
        MAKE,
        '1 blocks begin and 0 end',
        _text('page.md', '<!-- foundation -->\n'),
    ),
    BadInput(
        'a page of a study that there is not',
        MAKE,
        'nothing.py: no such config file',
        _text('page.md', '<!-- study nothing all recall -->\n<!-- end -->\n'),
    ),
    BadInput(
        'a page of a group that the study lacks',
        MAKE,
        "group 'everything' of study tabletop_step1",
        _text(
            'page.md', '<!-- study tabletop_step1 everything recall -->\n<!-- end -->\n'
        ),
    ),
    BadInput(
        'a table of no records',
        MAKE,
        'holds no records',
        _text('page.md', '<!-- tests nothing -->\n<!-- end -->\n'),
    ),
    BadInput(
        'metrics that are none',
        (f'{ANALYSIS}/compare_metrics.py', 'a={folder}/a.json'),
        'holds no recall',
        _text('a.json', '{"loss": 1}'),
    ),
    BadInput(
        'metrics without a name',
        (f'{ANALYSIS}/compare_metrics.py', '{folder}/a.json'),
        'expected NAME=METRICS.json',
        _text('a.json', '{"R@20": 1}'),
    ),
    BadInput(
        'similarities of no kind of features',
        (f'{ANALYSIS}/plot_feature_similarity.py', 'a={folder}/a.json', '--out',
         '{folder}/a.png'),
        'a.json: no kinds of features',
        _text('a.json', '{}'),
    ),
    BadInput(
        'a study of a row that it lacks',
        (f'{ANALYSIS}/run_study.py', 'configs/studies/tabletop_step1.py', '--rows',
         'everything', '--records', '{folder}/r', '--work-dir', '{folder}/w'),
        'expected one of',
    ),
]  # fmt: skip
