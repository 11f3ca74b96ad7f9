"""Runs and scores: configs, options, checkpoints and scene graph files of all kinds."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from bad_input import BadInput

STEP1 = 'configs/4dllm/tabletop/step1.py'
TRAIN, TEST, INFER = (f'tools/{name}.py' for name in ('train', 'test', 'infer'))
EVAL = 'tools/eval_scene_graphs.py'
STUDY = 'tools/analysis_tools/run_study.py'
CONFIG = '{folder}/config.py'
# What a run needs besides the model, but no file.
WHOLE = """
model = dict(type='SceneEncoder')
train_dataloader = test_dataloader = dict(dataset=dict(type='Nothing'))
train_cfg = test_cfg = test_evaluator = optim_wrapper = dict(type='Nothing')
"""


def write(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Return what makes a file of a given content."""
    if isinstance(content, str):
        content = content.encode('utf-8', 'surrogatepass')
    return lambda folder: (folder / name).write_bytes(content) and None


def both(*makers: Callable[[Path], None]) -> Callable[[Path], None]:
    """Return what makes several things."""
    return lambda folder: [make(folder) for make in makers] and None


def options(*settings: str) -> tuple[str, ...]:
    """Return the command line that trains step 1 with some settings."""
    return (TRAIN, STEP1, '--cfg-options', *settings)


def run_folder(folder: Path, pointer: bytes, checkpoint: str = '') -> None:
    """Make the work folder of a training."""
    (folder / 'last_checkpoint').write_bytes(pointer)
    if checkpoint:
        (folder / checkpoint).write_bytes(b'')


def whole_config(settings: str = '') -> Callable[[Path], None]:
    """Return what makes a config that asks for no file."""
    return write('config.py', WHOLE + settings)


def checkpoint(content: object) -> Callable[[Path], None]:
    """Return what makes a checkpoint of something."""
    return lambda folder: torch.save(content, folder / 'bad.pth')


def graph_file(change: Callable[[dict], object], name: str = 'bad.json') -> Callable:
    """Return what makes a file of one scene graph, and its changed copy."""

    def make(folder: Path) -> None:
        tube = {'0': dict(size=[2, 2], counts='04')}
        objects = [dict(id=i, category='cup', score=0.5, tube=tube) for i in (1, 2)]
        row = dict(subject=1, predicate='on', object=2, span=[[0, 0]], score=0.5)
        video = dict(video_id='a', height=2, width=2, num_frames=1)
        content = dict(
            info=dict(format='mmfourdpsg/scene-graph', version=1),
            videos=[dict(video, objects=objects, relations=[row])],
        )
        (folder / 'good.json').write_text(json.dumps(content))
        change(content)
        (folder / name).write_text(json.dumps(content))

    return make


def video(**values: object) -> Callable[[dict], object]:
    """Return what sets something of the video."""
    return lambda content: content['videos'][0].update(values)


def item(**values: object) -> Callable[[dict], object]:
    """Return what sets something of the first object."""
    return lambda content: content['videos'][0]['objects'][0].update(values)


def relation(**values: object) -> Callable[[dict], object]:
    """Return what sets something of the relation."""
    return lambda content: content['videos'][0]['relations'][0].update(values)


def score(*more: str, pred: str = 'bad.json') -> tuple[str, ...]:
    """Return the command line that scores the changed file."""
    files = ('--gt', '{folder}/good.json', '--pred', '{folder}/' + pred)
    return (EVAL, *files, '--out', '{folder}/metrics.json', *more)


GOOD = graph_file(lambda content: None)
CONFIGS: Sequence[tuple[str, str | bytes, str]] = (
    ('not_closed', 'a = dict(', 'config.py: cannot be read as a config'),
    ('not_text', b'\xff\xfe\x00\x01', 'config.py: cannot be read as a config'),
    ('of_numbers', 'a = 1 / 0', 'division by zero'),
    ('of_a_missing_base', "_base_ = ['./other.py']", 'cannot be read as a config'),
    ('of_itself', "_base_ = ['./config.py']", 'cannot be read as a config'),
    ('of_a_missing_module', "custom_imports = dict(imports=['nowhere'])", 'nowhere'),
    ('without_anything', '', 'config.py: has no model'),
    ('without_data', "model = dict(type='X')", 'has no train_dataloader'),
)
SETTINGS: Sequence[tuple[str, str, str]] = (
    ('unknown', 'lod_from=x', 'perhaps load_from'),
    ('without_a_value', 'load_from', 'expected key=value'),
    ('not_closed', 'load_from=[1,2', 'expected key=value'),
    ('of_a_group', 'model=3', 'expected model.NAME=value'),
    ('of_no_group', 'load_from.a=3', '--cfg-options load_from.a: does not fit'),
    ('behind_the_list', 'param_scheduler.9.end=3', 'does not fit'),
    ('of_no_index', 'param_scheduler.end=3', 'does not fit'),
    (
        'of_no_data',
        'train_dataloader.dataset.data_root=none/here',
        'none/here: PSG4DGTADataset finds no sailvos3d.json',
    ),
)
GRAPHS: Sequence[tuple[str, Callable, str]] = (
    ('of_another_format', lambda c: c['info'].update(format='coco'), 'info: expected'),
    ('of_a_list', lambda c: c.update(videos={}), 'videos: expected list'),
    ('of_no_size', video(height=0), 'height: expected at least 1'),
    ('of_endless_frames', video(num_frames=10**12), 'num_frames: expected at most'),
    ('of_endless_pixels', video(height=10**6, width=10**6), 'pixels, not 1000000 x'),
    ('of_half_a_letter', video(video_id='\ud800'), 'video_id: expected text'),
    ('of_a_long_name', video(video_id='x' * 9999), 'not in the ground truth'),
    ('of_another_size', lambda c: (item(tube=None)(c), c['videos'][0]['objects'][1]
      .update(tube=None), video(width=3)(c)), '2 x 3 pixels, expected 2 x 2'),
    ('of_no_category', item(category=' '), 'empty category'),
    ('of_equal_ids', item(id=2), 'two objects have the id 2'),
    ('of_a_true_id', item(id=True), 'id: expected int'),
    ('of_a_score_in_words', item(score='high'), 'score: expected float or int'),
    ('of_a_box_of_words', item(boxes={'0': ['a', 0, 1, 1]}), 'pixels, not'),
    ('of_a_frame_of_words', item(tube={'x': {}}), "tube has the frame 'x'"),
    ('of_a_mask_too_large', item(tube={'0': dict(size=[2, 2], counts='09')}), 'encod'),
    ('of_an_unknown_subject', relation(subject=9), 'unknown subject 9'),
    ('of_a_reversed_span', relation(span=[[3, 1]]), 'ends before it starts'),
    ('of_a_far_span', relation(span=[[0, 10**18]]), 'pairs [first, last] of frames'),
)  # fmt: skip

CASES: list[BadInput] = [
    BadInput('a_missing_config', (TRAIN, '{folder}/none.py'), 'no such config file'),
    BadInput('a_folder_as_a_config', (TEST, '{folder}', 'none'), 'no such config file'),
    *(
        BadInput(f'a_config_{name}', (TRAIN, CONFIG), says, write('config.py', content))
        for name, content, says in CONFIGS
    ),
    *(
        BadInput(f'a_setting_{name}', options(setting), says)
        for name, setting, says in SETTINGS
    ),
    BadInput(
        'a_config_that_cannot_scale_its_rate',
        (TRAIN, CONFIG, '--auto-scale-lr'),
        '--auto-scale-lr needs',
        whole_config(),
    ),
    BadInput(
        'a_config_without_augmentation_of_tests',
        (TEST, CONFIG, 'none', '--tta'),
        '--tta needs tta_model',
        whole_config(),
    ),
    BadInput(
        'predictions_that_are_no_json',
        (TEST, CONFIG, 'none', '--out', '{folder}/out.pkl'),
        'expected a file that ends in .json',
        whole_config(),
    ),
    BadInput(
        'a_config_that_has_no_test',
        (TEST, CONFIG, 'none'),
        'has no test_dataloader',
        write('config.py', "model = dict(type='SceneEncoder')"),
    ),
    BadInput(
        'a_run_without_a_checkpoint',
        (INFER, '--config', CONFIG, '--rgb', '{folder}', '--out', '{folder}/out'),
        'has no checkpoint, expected the one',
        write(
            'config.py',
            "model = dict(type='SceneEncoder')\ninference_pipeline = []\n"
            "work_dir = 'work_dirs/nothing_here'\n",
        ),
    ),
    BadInput(
        'a_run_that_notes_nothing',
        (TRAIN, CONFIG, '--work-dir', '{folder}', '--resume'),
        'last_checkpoint: is empty',
        both(whole_config(), partial(run_folder, pointer=b'')),
    ),
    BadInput(
        'a_run_that_notes_what_is_gone',
        (TRAIN, CONFIG, '--work-dir', '{folder}', '--resume'),
        'names /gone/epoch_3.pth, which is neither there nor beside it',
        both(whole_config(), partial(run_folder, pointer=b'/gone/epoch_3.pth')),
    ),
    BadInput(
        'a_run_whose_note_is_damaged',
        (TRAIN, CONFIG, '--work-dir', '{folder}', '--resume'),
        'last_checkpoint: cannot be read',
        both(whole_config(), partial(run_folder, pointer=b'\xff\xfe')),
    ),
    BadInput(
        'a_moved_run_of_an_empty_checkpoint',
        (TRAIN, CONFIG, '--work-dir', '{folder}', '--resume'),
        'epoch_3.pth: cannot be read as a checkpoint',
        both(
            whole_config(),
            partial(
                run_folder, pointer=b'/gone/epoch_3.pth', checkpoint='epoch_3.pth'
            ),
        ),
    ),
    BadInput(
        'a_missing_checkpoint_to_resume',
        (TRAIN, CONFIG, '--resume', '{folder}/none.pth'),
        'none.pth: no such checkpoint file',
        whole_config(),
    ),
    BadInput(
        'a_missing_checkpoint_to_test',
        (TEST, CONFIG, '{folder}/none.pth'),
        'none.pth: no such checkpoint file',
        whole_config(),
    ),
    BadInput(
        'a_checkpoint_of_text',
        (TEST, CONFIG, '{folder}/bad.pth'),
        'bad.pth: is no checkpoint of tensors',
        both(whole_config(), write('bad.pth', 'no checkpoint')),
    ),
    BadInput(
        'a_checkpoint_of_unknown_types',
        (TEST, CONFIG, '{folder}/bad.pth'),
        'so it is not loaded',
        both(whole_config(), checkpoint(dict(state_dict={}, extra=Path('x')))),
    ),
    BadInput(
        'a_checkpoint_of_a_list',
        (TEST, CONFIG, '{folder}/bad.pth'),
        'holds a list, expected a checkpoint',
        both(whole_config(), checkpoint([1, 2])),
    ),
    BadInput(
        'weights_cut_short',
        (TEST, CONFIG, '{folder}/bad.safetensors'),
        'bad.safetensors: cannot be read as safetensors',
        both(whole_config(), write('bad.safetensors', b'\x08\0\0\0\0\0\0\0{"a":')),
    ),
    BadInput(
        'a_model_of_missing_weights',
        (TRAIN, CONFIG),
        'none/weights.pth: no such file of weights',
        whole_config("model.update(checkpoint='none/weights.pth')"),
    ),
    BadInput(
        'a_missing_study', (STUDY, '{folder}/none.py'), 'none.py: no such config file'
    ),
    BadInput(
        'a_row_that_the_study_has_not',
        (STUDY, CONFIG, '--rows', 'none'),
        "expected one of 'first'",
        write('config.py', "ground_truth = 'a.json'\nrows = [dict(name='first')]\n"),
    ),
    BadInput('a_study_on_no_gpu', (STUDY, CONFIG, '--gpus', '0'), '--gpus is 0'),
    BadInput('a_missing_ground_truth', score(), 'good.json: cannot be read'),
    BadInput(
        'a_folder_as_predictions', score(pred=''), 'cannot be read (Is a dir', GOOD
    ),
    BadInput(
        'predictions_cut_short', score(), 'bad.json: is not valid JSON',
        both(GOOD, write('bad.json', '{"info": {"format": "mmfour')),
    ),
    BadInput(
        'predictions_too_deep', score(), 'bad.json: ',
        both(GOOD, write('bad.json', '[' * 100_000)),
    ),
    *(
        BadInput(f'predictions_{name}', score(), says, graph_file(change))
        for name, change, says in GRAPHS
    ),
    BadInput('scores_of_no_predictions', score('--topk', '0'), 'topk is [0]', GOOD),
    BadInput(
        'groups_without_training_data',
        score('--groups', 'a=0'), '--groups without --train', GOOD,
    ),
    BadInput(
        'a_group_without_a_number',
        score('--groups', 'head'), 'expected NAME=LEAST', GOOD,
    ),
    BadInput(
        'stages_of_single_frames',
        score('--protocol', 'sgdet', '--stages'), 'not for sgdet', GOOD,
    ),
    BadInput(
        'missing_synonyms',
        score('--labels', 'alias', '--synonyms', '{folder}/none.json'), 'none.json',
        GOOD,
    ),
]  # fmt: skip
