"""Several recordings at once, and graphs that are handed out while they grow."""

import itertools
import shutil

import numpy as np
import pytest
import torch
from in_process import in_process_runner
from PIL import Image

from mmfourdpsg.apis import Recording, SceneGraphInferencer
from mmfourdpsg.apis.result_files import RESULTS, folder_names
from mmfourdpsg.structures import SceneGraph, load_scene_graphs
from mmfourdpsg.utils import InputError
from mmfourdpsg.visualization import object_names

CONFIG = """
_base_ = ['{repository}/configs/4dllm/tabletop/step1_scratch.py']
model = dict(
    scene_graph_head=dict(
        text_format=dict(
            _delete_=True,
            type='ChainedTextFormat',
            instruction='',
            stages=('a', 'b', 'c', 'd'),
            max_objects=4,
            max_pairs=4,
            max_label_tokens=3,
            max_phrase_tokens=4,
        ),
        max_answer_tokens=40,
        num_samples={num_samples},
    ),
    # Objects of random weights have few pixels.
    assembler=dict(type='SceneGraphAssembler', overlap='keep'),
)
"""


@pytest.fixture(scope='session')
def write_config(repository, tmp_path_factory):
    def write(num_samples):
        path = tmp_path_factory.mktemp('config') / 'chained.py'
        path.write_text(CONFIG.format(repository=repository, num_samples=num_samples))
        return path

    return write


@pytest.fixture(scope='session')
def inferencer(write_config):
    torch.manual_seed(4)
    return SceneGraphInferencer(write_config(1), device='cpu', untrained=True)


def make_recording(folder, num_frames, size, with_depth):
    """Write a bright square that moves; return what the API takes."""
    for index in range(num_frames):
        frame = np.full((*size, 3), 40, np.uint8)
        frame[10:30, 5 * index : 5 * index + 20] = 250
        depth = np.full(size, 1000 + 100 * index, np.uint16)
        depth[10:30, 5 * index : 5 * index + 20] = 800
        for kind, array in (('rgb', frame), ('depth', depth)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(folder / kind / f'{index}.png')
    return dict(
        rgb=folder / 'rgb', **(dict(depth=folder / 'depth') if with_depth else {})
    )


@pytest.fixture
def recordings(tmp_path):
    """Three that differ in length, in size and in whether there is depth."""
    shapes = (3, (48, 64), True), (5, (96, 72), False), (1, (40, 120), True)
    return [
        make_recording(tmp_path / name, *shape)
        for name, shape in zip(('kitchen', 'hall', 'yard'), shapes, strict=True)
    ]


def make_bad(recording):
    (recording['rgb'] / '0.png').write_bytes(b'no image')


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob('*') if p.is_file())


@pytest.mark.parametrize('batch_size', [2, 3])
def test_a_batch_has_the_graphs_that_each_recording_has_alone(
    inferencer, recordings, batch_size
):
    alone = [inferencer(**recording) for recording in recordings]
    assert all(graph.objects and graph.relations for graph in alone)
    together = inferencer(recordings, batch_size=batch_size)
    for graph, other in zip(together, alone, strict=True):
        check_same(graph, other)


def check_same(graph, other):
    """A batch adds up in another order than a recording alone: by rounding at most."""
    assert graph.video_id == other.video_id
    for one, two in zip(graph.objects, other.objects, strict=True):
        assert (one.category, one.description) == (two.category, two.description)
        assert one.score == pytest.approx(two.score, rel=1e-3)
        assert one.tube.area() == pytest.approx(two.tube.area(), rel=0.02, abs=5)
    rows, expected = (
        {
            (r.subject, r.predicate, r.object, tuple(r.span), r.reason): r.score
            for r in g
        }
        for g in (graph.relations, other.relations)
    )
    assert rows == pytest.approx(expected, rel=1e-3)


def test_sampled_answers_in_a_batch_are_those_of_each_recording_alone(
    write_config, recordings
):
    torch.manual_seed(4)
    inferencer = SceneGraphInferencer(write_config(2), device='cpu', untrained=True)
    together = inferencer(recordings[:2], batch_size=2, seed=3)
    for graph, recording in zip(together, recordings[:2], strict=True):
        check_same(graph, inferencer(**recording, seed=3))


def test_each_recording_has_a_folder_of_its_own(
    inferencer, recordings, tmp_path, capsys
):
    out = tmp_path / 'out'
    graphs = inferencer(recordings, out_dir=out, batch_size=2)
    names = ['kitchen_rgb', 'hall_rgb', 'yard_rgb']
    expected = [f'{name}/{file}' for name in sorted(names) for file in RESULTS]
    assert files_below(out) == expected
    said = capsys.readouterr().out
    for name, graph, recording in zip(names, graphs, recordings, strict=True):
        assert load_scene_graphs(out / name / 'graph.json') == [graph]
        assert f'{recording["rgb"]}: {out / name}\n' in said


def test_folders_have_the_recordings_names_and_no_two_the_same(tmp_path):
    paths = ['a/rgb', 'b/rgb', 'b/RGB', 'b/hall', 'c/b/hall', 'yard.png', '.hidden.png']
    for path in paths:
        place = tmp_path / path
        if place.suffix:
            Image.new('RGB', (8, 6)).save(place)
        else:
            place.mkdir(parents=True)
            Image.new('RGB', (8, 6)).save(place / '0.png')
    recordings = [Recording(tmp_path / path) for path in [*paths, 'yard.png']]
    names = folder_names(recordings)
    assert names[:3] == ['a_rgb', 'b_rgb', 'b_RGB_2']
    assert names[3] == f'{tmp_path.name}_b_hall'[-100:]
    assert names[4:] == ['c_b_hall', 'yard', 'hidden', 'yard_2']
    folded = {name.casefold() for name in names}
    assert len(folded) == len(names)
    assert all('/' not in name and not name.startswith('.') for name in names)


def test_a_bad_recording_is_told_and_loses_no_other(
    inferencer, recordings, tmp_path, capsys
):
    make_bad(recordings[1])
    out = tmp_path / 'out'
    found = inferencer(recordings, out_dir=out, batch_size=3, keep_errors=True)
    assert [type(item) for item in found] == [SceneGraph, InputError, SceneGraph]
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f'left out: {found[1]}'
    assert str(recordings[1]['rgb'] / '0.png') in line
    assert {path.split('/')[0] for path in files_below(out)} == {
        'kitchen_rgb',
        'yard_rgb',
    }


def test_a_bad_recording_raises_before_any_work_if_errors_are_not_kept(
    inferencer, recordings, tmp_path, monkeypatch
):
    make_bad(recordings[2])
    monkeypatch.setattr(inferencer, 'predict', None)
    with pytest.raises(InputError, match=r'yard/rgb/0\.png'):
        inferencer(recordings, out_dir=tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_a_fault_that_shows_in_a_batch_loses_no_other(
    inferencer, recordings, tmp_path, monkeypatch, capsys
):
    predict, sizes = inferencer.predict, []

    def predict_or_raise(batch, seed):
        sizes.append(len(batch))
        if any('hall' in recording.rgb_path for recording in batch):
            raise InputError('hall: is damaged')
        return predict(batch, seed)

    monkeypatch.setattr(inferencer, 'predict', predict_or_raise)
    found = inferencer(recordings, batch_size=3, keep_errors=True)
    assert sizes == [3, 1, 1, 1]
    assert [type(item) for item in found] == [SceneGraph, InputError, SceneGraph]
    assert capsys.readouterr().err == 'left out: hall: is damaged\n'
    with pytest.raises(InputError, match='hall: is damaged'):
        inferencer(recordings, batch_size=3)


def test_results_that_cannot_be_written_are_those_of_one_recording(
    inferencer, recordings, tmp_path
):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out/hall_rgb').write_text('a file')
    found = inferencer(recordings, out_dir=tmp_path / 'out', keep_errors=True)
    assert [type(item) for item in found] == [SceneGraph, InputError, SceneGraph]
    assert 'hall_rgb: is a file' in str(found[1])


@pytest.mark.parametrize(
    ('requests', 'options', 'says'),
    [
        ([dict(rgb='a', colour='b')], {}, "has 'colour', expected rgb, depth"),
        ([dict(depth='a')], {}, "has no 'rgb'"),
        (['a'], dict(depth='b'), 'b: is given beside a list'),
        ([], dict(batch_size=0), 'batch size 0: expected at least 1'),
        (['a'], dict(seed=2**64), 'seed 18446744073709551616'),
        (['a'], dict(out_dir=''), 'the path of the folder for the results is empty'),
    ],
)
def test_what_makes_no_sense_is_told(inferencer, requests, options, says):
    with pytest.raises(InputError) as error:
        inferencer(requests, **options)
    assert says in str(error.value)


def test_nothing_is_found_in_no_recordings(inferencer):
    assert inferencer([]) == []


def test_what_a_recording_does_not_say_is_as_the_call_says(inferencer, recordings):
    requests = [recordings[0] | dict(fps=5), recordings[1]]
    seen = []
    predict = inferencer.predict

    def keep(batch, seed):
        seen.extend(recording.fps for recording in batch)
        return predict(batch, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inferencer, 'predict', keep)
        inferencer(requests, fps=20)
    assert seen == [5, 20]


def test_a_stream_grows_to_the_graph_that_a_call_finds(
    write_config, recordings, tmp_path
):
    torch.manual_seed(4)
    inferencer = SceneGraphInferencer(write_config(3), device='cpu', untrained=True)
    out = tmp_path / 'out'
    before = torch.get_rng_state()
    stages, states = [], []
    for stage in inferencer.stream(**recordings[0], out_dir=out, seed=7):
        assert not out.exists()
        assert torch.is_grad_enabled()
        stages.append(stage)
        states.append(torch.get_rng_state())
        torch.rand(3)  # what a caller draws changes nothing
        torch.set_rng_state(before)
    assert all(torch.equal(state, before) for state in states)
    assert files_below(out) == list(RESULTS)
    assert [stage.name for stage in stages] == [
        'objects',
        'pairs',
        'relations',
        'times',
    ]
    assert stages[-1].graph == inferencer(**recordings[0], seed=7)
    assert load_scene_graphs(out / 'graph.json') == [stages[-1].graph]
    first, second, third, last = stages
    assert first.graph.objects == last.graph.objects
    assert all(item.tube is not None for item in first.graph.objects)
    assert not first.graph.relations and third.graph.relations
    assert not first.pairs and second.pairs
    for one, other in itertools.pairwise(stages):
        assert len(one.text) < len(other.text)


def test_a_stream_of_a_bad_recording_raises_at_once(inferencer, recordings):
    make_bad(recordings[0])
    with pytest.raises(InputError, match=r'kitchen/rgb/0\.png'):
        inferencer.stream(**recordings[0])


def test_news_are_what_was_not_known_before(inferencer, recordings):
    stages = list(inferencer.stream(**recordings[0]))
    before, counts = None, []
    for stage in stages:
        counts.append(len(stage.news(before)))
        before = stage
    graph = stages[-1].graph
    assert counts[0] == len(graph.objects) > 0
    assert counts[1] == len(stages[1].pairs) > 0
    assert counts[2] == len(stages[2].graph.relations) > 0
    names = object_names(graph)
    (line, *_), item = stages[0].news(), graph.objects[0]
    said = (
        f'{names[item.id]}, in {len(item.tube.frames)} of 3 frames ({item.score:.2f})'
    )
    assert line == said + (f': {item.description}' if item.description else '')


def test_the_tool_takes_several_recordings_and_ends_with_2_if_one_is_bad(
    repository, write_config, recordings, tmp_path, monkeypatch, capsys
):
    run = in_process_runner(repository, monkeypatch, capsys)
    rgb = [recording['rgb'] for recording in recordings]
    out = tmp_path / 'out'
    shutil.copytree(rgb[1], tmp_path / 'good')
    make_bad(recordings[1])
    fixed = ['--config', write_config(1), '--untrained', '--device', 'cpu']
    done = run('tools/infer.py', '--rgb', *rgb, '--out', out, '--batch-size', 2, *fixed)
    assert done.returncode == 2
    left_out, error = done.stderr.splitlines()[-2:]
    assert left_out.startswith('left out: ') and 'hall/rgb/0.png' in left_out
    assert error.startswith('error: 1 of 3 recordings were left out: ')
    assert f'{out / "kitchen_rgb"}: ' in done.stdout
    assert {path.split('/')[0] for path in files_below(out)} == {
        'kitchen_rgb',
        'yard_rgb',
    }
    done = run(
        'tools/infer.py', '--rgb', rgb[0], tmp_path / 'good', '--out', out, *fixed
    )
    assert done.returncode == 0
    assert len(files_below(out / 'good')) == 3


def test_the_tool_prints_stages_as_they_are_known(
    repository, write_config, recordings, tmp_path, monkeypatch, capsys
):
    run = in_process_runner(repository, monkeypatch, capsys)
    out = tmp_path / 'out'
    files = ['--rgb', recordings[0]['rgb'], '--out', out]
    fixed = ['--config', write_config(1), '--untrained', '--device', 'cpu', '--stream']
    done = run('tools/infer.py', *files, *fixed)
    assert done.returncode == 0
    heads = [line for line in done.stdout.splitlines() if ' of 4: ' in line]
    times = [float(line.split(' s ')[0]) for line in heads]
    assert times == sorted(times) and times[0] > 0
    assert [line.split(' of 4: ')[1] for line in heads] == [
        'objects',
        'pairs',
        'relations',
        'times',
    ]
    (graph,) = load_scene_graphs(out / 'graph.json')
    for name in object_names(graph).values():
        assert f'           {name}, in ' in done.stdout
    assert done.stdout.index('of 4: times') < done.stdout.index('graph.json')
