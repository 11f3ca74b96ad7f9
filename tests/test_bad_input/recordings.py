"""Bad recordings and own data: their files, their names, and what is asked of them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bad_input import BadInput
from PIL import Image

SIZE = (6, 8)
FRAMES = 3


def _rgb(path: Path, size: tuple[int, int] = SIZE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), 90, np.uint8)).save(path)


def _depth(path: Path, size: tuple[int, int] = SIZE, dtype: type = np.uint16) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, 200, dtype)).save(path)


def _array(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array, allow_pickle=True)


def _recording(folder: Path) -> None:
    for index in range(FRAMES):
        _rgb(folder / f'rgb/{index}.png')
        _depth(folder / f'depth/{index}.png')


def _with(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what makes a good recording and spoils it."""

    def make(folder: Path) -> None:
        _recording(folder)
        change(folder)

    return make


def _renamed(kind: str, pattern: str, *values: object) -> Callable[[Path], None]:
    """Return what gives the files of one kind other names."""

    def change(folder: Path) -> None:
        for index in reversed(range(FRAMES)):
            new = folder / kind / pattern.format(values[index])
            (folder / kind / f'{index}.png').rename(new)

    return _with(change)


def _arrays(*arrays: np.ndarray) -> Callable[[Path], None]:
    """Return what makes a recording whose depth is arrays."""

    def make(folder: Path) -> None:
        for index, array in enumerate(arrays):
            _rgb(folder / f'rgb/{index}.png')
            _array(folder / f'depth/{index}.npy', array)

    return make


def _cut(name: str, keep: int) -> Callable[[Path], None]:
    """Return what cuts a file off."""

    def change(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:keep])

    return _with(change)


def _two_arrays(folder: Path) -> None:
    _rgb(folder / 'rgb/0.png')
    (folder / 'depth').mkdir()
    np.savez(folder / 'depth/0.npz', a=np.ones(SIZE), b=np.ones(SIZE))


def _times(folder: Path) -> None:
    for index in range(FRAMES):
        _rgb(folder / f'rgb/{1305031102.175304 + index / 30:.6f}.png')
        _depth(folder / f'depth/{1305031102.200304 + index / 10:.6f}.png')


def _own(folder: Path, num_frames: int = FRAMES) -> None:
    """Make own data, and a config that reads it."""
    for index in range(FRAMES):
        _rgb(folder / f'rgb/kitchen/{index}.png')
        _depth(folder / f'depth/kitchen/{index}.png')
        _depth(folder / f'masks/kitchen/{index}.png', dtype=np.uint8)
    video = dict(
        video_id='kitchen',
        height=SIZE[0],
        width=SIZE[1],
        num_frames=num_frames,
        objects=[dict(id=200, category='table')],
        relations=[],
    )
    info = dict(format='mmfourdpsg/scene-graph', version=1)
    content = json.dumps(dict(info=info, videos=[video]))
    (folder / 'scene_graphs.json').write_text(content)
    steps = ('LoadRGBFrames', 'LoadDepthFrames', 'LoadPanopticMasks')
    pipeline = [dict(type='SampleFrames', num_frames=2), *(dict(type=s) for s in steps)]
    pipeline.append(dict(type='PackSceneGraphInputs'))
    dataset = dict(
        type='SceneGraphFileDataset', data_root=str(folder), pipeline=pipeline
    )
    (folder / 'config.py').write_text(f'train_dataloader = dict(dataset={dataset})\n')


def _own_with(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _own(folder)
        change(folder)

    return make


def _infer(
    name: str,
    says: str,
    make: Callable[[Path], None] = _recording,
    rgb: str = 'rgb',
    depth: str | None = 'depth',
    out: str = 'out',
    options: tuple[str, ...] = ('--untrained',),
) -> BadInput:
    arguments = ['tools/infer.py', '--rgb', f'{{folder}}/{rgb}']
    if depth is not None:
        arguments += ['--depth', f'{{folder}}/{depth}']
    arguments += ['--out', f'{{folder}}/{out}', *options]
    return BadInput(name, tuple(arguments), says, make)


def _option(name: str, says: str, *options: str) -> BadInput:
    return _infer(name, says, options=('--untrained', *options))


def _several(name: str, says: str, *options: str) -> BadInput:
    arguments = ('tools/infer.py', *options, '--untrained', '--out', '{folder}/out')
    return BadInput(name, arguments, says, _recording)


def _browse(name: str, says: str, make: Callable[[Path], None]) -> BadInput:
    tool = 'tools/analysis_tools/browse_dataset.py'
    arguments = (tool, '{folder}/config.py', '--out', '{folder}/out')
    return BadInput(name, arguments, says, make)


def _out(tool: str, *arguments: str, out: str = '--out', suffix: str = '') -> BadInput:
    """Return the case of a tool whose results would lie below a file."""
    place = f'{{folder}}/config.py/new{suffix}'
    return BadInput(
        f'results of {tool} below a file',
        (f'tools/{tool}', *arguments, out, place),
        'config.py: is a file, expected a folder for the results',
        _own,
    )


CASES = [
    # What the RGB frames are
    _infer('frames that are missing', 'none: is missing, expected', rgb='none'),
    _infer(
        'frames in an empty folder',
        'rgb: is empty, expected files ending in',
        lambda folder: (folder / 'rgb').mkdir(),
        depth=None,
    ),
    _infer(
        'frames that are no images',
        'rgb: holds none among 1 entries',
        lambda folder: _array(folder / 'rgb/0.npy', np.ones(SIZE)),
        depth=None,
    ),
    _infer(
        'a frame of 16 bits',
        'rgb/0.png: has pixels of mode I;16, expected an RGB image',
        lambda folder: _depth(folder / 'rgb/0.png'),
        depth=None,
    ),
    _infer(
        'a video that is text',
        'clip.mp4: is truncated or no video',
        lambda folder: (folder / 'clip.mp4').write_text('hello'),
        rgb='clip.mp4',
        depth=None,
    ),
    _infer(
        'a last frame that is cut off',
        'rgb/2.png: is truncated or damaged',
        _cut('rgb/2.png', 50),
        depth=None,
    ),
    _infer(
        'a last frame of another size',
        'rgb/2.png: has 8 x 6 pixels',
        _with(lambda folder: _rgb(folder / 'rgb/2.png', (8, 6))),
    ),
    # Which depth belongs to which frame
    _infer(
        'depth that lacks a frame',
        'no depth map for 1.png;',
        _with(lambda folder: (folder / 'depth/1.png').unlink()),
    ),
    _infer(
        'frames that lack one of depth',
        'no RGB frame for 1.png;',
        _with(lambda folder: (folder / 'rgb/1.png').unlink()),
    ),
    _infer(
        'as much depth of other numbers',
        'no depth map for 2.png and no RGB frame for d_3.png',
        _renamed('depth', 'd_{}.png', 0, 1, 3),
    ),
    _infer(
        'depth numbered from 1',
        'numbered from 0, these from 1: rename one of the two',
        _renamed('depth', '{:04d}.png', 1, 2, 3),
    ),
    _infer(
        'depth of other names without numbers',
        'no depth map for a.png, b.png, c.png and no RGB frame for 0.png',
        _renamed('rgb', '{}.png', 'a', 'b', 'c'),
    ),
    _infer('depth of other times', 'times within 0.02 s', _times),
    # What depth is
    _infer('depth that is missing', 'none: is no directory, expected', depth='none'),
    _infer(
        'depth of 8 bits',
        'depth/0.png: has pixels of mode L, expected a depth image',
        _with(lambda folder: _depth(folder / 'depth/0.png', dtype=np.uint8)),
    ),
    _infer(
        'a last depth map of another size',
        'depth/2.png: has 4 x 8 pixels',
        _with(lambda folder: _depth(folder / 'depth/2.png', (4, 8))),
    ),
    _infer(
        'depth of another size than the frames',
        'depth/0.npy: depth has 8 x 6 pixels',
        _arrays(np.ones((8, 6))),
    ),
    _infer(
        'depth of images and arrays',
        'depth: holds 1 arrays and 2 images',
        _with(
            lambda folder: (
                (folder / 'depth/0.png').unlink(),
                _array(folder / 'depth/0.npy', np.ones(SIZE)),
            )
        ),
    ),
    _infer(
        'an array of more than one channel',
        'depth/1.npy: holds float64 of shape [6, 8, 3]',
        _arrays(np.ones(SIZE), np.ones((*SIZE, 3))),
    ),
    _infer(
        'an array of truths',
        'depth/0.npy: holds bool of shape [6, 8]',
        _arrays(np.ones(SIZE, bool)),
    ),
    _infer(
        'an array of Python objects',
        'depth/0.npy: is truncated or no array file',
        _arrays(np.array([[dict(a=1)]], object)),
    ),
    _infer(
        'an archive of two arrays', "0.npz: holds the arrays ['a', 'b']", _two_arrays
    ),
    # What is asked for
    _option('a frame rate of zero', '0.0 frames a second: expected', '--fps', '0'),
    _option('a frame rate that is no number', 'nan frames a second', '--fps', 'nan'),
    _option('an endless frame rate', 'inf frames a second', '--fps', 'inf'),
    _option('a seed of 65 bits', f'seed {2**64}: expected', '--seed', str(2**64)),
    _option('a depth scale of zero', 'depth scale 0.0', '--depth-scale', '0'),
    _option('a depth scale that is no number', 'scale nan', '--depth-scale', 'nan'),
    _option('an endless tolerance', 'tolerance inf', '--time-tolerance', 'inf'),
    _option('a device that is not there', 'device quantum', '--device', 'quantum'),
    _option('a config that is not there', 'no such config file', '--config', 'none.py'),
    _infer(
        'a checkpoint that is not there',
        'none.pth: no such checkpoint file',
        options=('--checkpoint', 'none.pth'),
    ),
    _infer(
        'a checkpoint and none',
        'expected one of the two',
        options=('--untrained', '--checkpoint', 'none.pth'),
    ),
    # Several recordings
    _several(
        'several recordings, all bad',
        'error: 2 of 2 recordings were left out: ',
        *('--rgb', '{folder}/none', '{folder}/depth'),
    ),
    _several(
        'fewer depth than recordings',
        '--depth has 1 paths, expected 2 as --rgb',
        *('--rgb', '{folder}/rgb', '{folder}/rgb', '--depth', '{folder}/depth'),
    ),
    _several(
        'more depth than recordings',
        '--depth has 2 paths, expected 1 as --rgb',
        *('--rgb', '{folder}/rgb', '--depth', '{folder}/depth', '{folder}/depth'),
    ),
    _several(
        'a stream of several recordings',
        '--stream: 2 recordings, expected one',
        *('--rgb', '{folder}/rgb', '{folder}/rgb', '--stream'),
    ),
    _several(
        'batches of nothing',
        '--batch-size 0: expected at least 1',
        *('--rgb', '{folder}/rgb', '{folder}/rgb', '--batch-size', '0'),
    ),
    _option('one recording in batches of nothing', 'size -1', '--batch-size', '-1'),
    # Where the results go
    _infer('a file for a folder', 'rgb/0.png: is a file, expected', out='rgb/0.png'),
    _infer('a folder below a file', 'rgb/0.png: is a file', out='rgb/0.png/a/b'),
    _infer(
        'a folder in the way of a file',
        'out/graph.json: is a folder, expected a file to write',
        _with(lambda folder: (folder / 'out/graph.json').mkdir(parents=True)),
    ),
    _infer('a folder of too long a name', 'File name too long', out='x' * 300),
    # Own data
    _browse(
        'own data without depth of a frame',
        'no depth map for 1.png',
        _own_with(lambda folder: (folder / 'depth/kitchen/1.png').unlink()),
    ),
    _browse(
        'own data with a mask of another number',
        'no mask for 1.png and no RGB frame for 7.png',
        _own_with(
            lambda folder: (folder / 'masks/kitchen/1.png').rename(
                folder / 'masks/kitchen/7.png'
            )
        ),
    ),
    _browse(
        'own data with fewer frames than the graph says',
        'rgb/kitchen: holds 3 frames, expected 4 as the scene graph says',
        lambda folder: _own(folder, 4),
    ),
    _browse(
        'own data without frames',
        'rgb/kitchen: is no directory',
        _own_with(lambda folder: (folder / 'rgb').rename(folder / 'frames')),
    ),
    # Where results of other tools go
    _out('analysis_tools/check_dataset.py', '{folder}/config.py', suffix='.json'),
    _out('analysis_tools/browse_dataset.py', '{folder}/config.py'),
    _out(
        'eval_scene_graphs.py',
        *('--gt', '{folder}/scene_graphs.json', '--pred', '{folder}/scene_graphs.json'),
        suffix='.json',
    ),
    _out(
        'export_scene_graphs.py',
        *('--dataset', 'psg', '--data-root', '{folder}', '--split', 'all'),
        suffix='.json',
    ),
    _out('test.py', 'configs/4dllm/tabletop/step1.py', 'none', suffix='.json'),
    _out('train.py', 'configs/4dllm/tabletop/step1.py', out='--work-dir'),
    _out('make_recording.py'),
    _out('make_tabletop.py'),
    _out('make_tiny_llama.py'),
]
