import os
import shutil
import subprocess

import pytest

RUN = 'tools/analysis_tools/run_study.py'
MAKE = 'tools/analysis_tools/make_results.py'


@pytest.mark.parametrize(
    ('arguments', 'study', 'rest'),
    [
        ([], 'configs/studies/psg4d_gta_transfer.py', '--rows 4D-LLM'),
        (['a.py', '--gpus', '8'], 'a.py', '--rows 4D-LLM --gpus 8'),
        (['a.py', '--seeds', '0', '--rows', 'b'], 'a.py', '--seeds 0 --rows b'),
    ],
)
def test_a_study_is_run_and_its_table_printed(
    repository, tmp_path, arguments, study, rest
):
    environment = dict(os.environ, PYTHON='echo', RECORDS=str(tmp_path))
    result = subprocess.run(
        ['bash', str(repository / 'tools/train_all.sh'), *arguments],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        f'{RUN} {study} --records {tmp_path} {rest}',
        f'{MAKE} --records {tmp_path} --print {study}',
    ]


CLIPS = (
    '--seed 4 --frames 8 --train 450 --test 0 --unseen 0 '
    '--out data/tabletop_foundation_clips'
)
SCENES = '--train 200 --test 20 --unseen 0'
IMAGES = [
    f'--out data/tabletop --layouts diml {SCENES} --images 3 --frames 12',
    f'--out data/tabletop --layouts ag {SCENES}',
    '--out data/tabletop_held_out --layouts vg psg --held-out --seed 3 '
    f'{SCENES} --images 3 --frames 12',
]
CLIPS_FILE = 'data/tabletop_foundation_clips/psg4d_gta/sailvos3d.json'


@pytest.mark.parametrize(
    ('arguments', 'name', 'world', 'rest'),
    [
        ([], 'tabletop_baselines', 'tabletop', ''),
        (['configs/studies/tabletop_videos.py'], 'tabletop_videos', 'tabletop', ''),
        (['configs/studies/mine.py'], 'mine', 'tabletop', ''),
        (['--rows', 'a b'], 'tabletop_baselines', 'tabletop', ' --rows a b'),
        (
            ['--rows', 'a, pretrained'],
            'tabletop_baselines',
            'tabletop',
            ' --rows a, pretrained',
        ),
        (
            ['--rows', 'a + transfer'],
            'tabletop_baselines',
            'tabletop',
            ' --rows a + transfer',
        ),
        (
            ['configs/studies/tabletop_baselines_tiny.py'],
            'tabletop_baselines_tiny',
            'tabletop_tiny --train 4 --test 2 --unseen 1',
            '',
        ),
    ],
)
def test_the_benchmark_begins_with_its_world_and_refuses_another(
    repository, tmp_path, arguments, name, world, rest
):
    script = tmp_path / 'tools/benchmark_all.sh'
    script.parent.mkdir()
    script.write_text((repository / 'tools/benchmark_all.sh').read_text())
    shutil.copytree(repository / 'configs/studies', tmp_path / 'configs/studies')
    shutil.copy(
        tmp_path / 'configs/studies/tabletop_baselines.py',
        tmp_path / 'configs/studies/mine.py',
    )
    # Says what it is called with; what it exports is in GRAPHS.
    python = tmp_path / 'python'
    python.write_text(
        '#!/bin/bash\necho "$@"\n'
        '[[ $1 == *export_scene_graphs.py ]] && echo $GRAPHS > "${@: -1}"\nexit 0\n'
    )
    python.chmod(0o755)

    def run(videos):
        return subprocess.run(
            ['bash', str(script), *arguments],
            env=dict(
                os.environ, PYTHON=str(python), RECORDS=str(tmp_path), GRAPHS=videos
            ),
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    study = f'configs/studies/{name}.py'
    out = 'outputs/benchmark_tiny' if name.endswith('tiny') else 'outputs/benchmark'
    # What is done is not done again, by the tools themselves.
    for _ in range(2):
        result = run('one world')
        assert result.returncode == 0, result.stderr
        made = result.stdout.splitlines()
        assert made[0].strip() == f'tools/make_tabletop.py --out data/{world}'
        assert [line.split()[-1] for line in made[1:5]] == [
            *(f'{out}/{split}.json.new' for split in ('train', 'val', 'unseen')),
            f'{out}/frequency.json',
        ]
        has_all = name in ('tabletop_baselines', 'mine') and not rest
        others = IMAGES if has_all or 'transfer' in rest else []
        if has_all or 'pretrained' in rest:
            others = [*([] if (tmp_path / CLIPS_FILE).is_file() else [CLIPS]), *others]
        assert made[5:] == [
            *(f'tools/make_tabletop.py {options}' for options in others),
            f'{RUN} {study} --records {tmp_path}{rest}',
            f'{MAKE} --records {tmp_path} --print {study}',
        ]
        # The second time the clips are there, too.
        (tmp_path / CLIPS_FILE).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / CLIPS_FILE).touch()
    result = run('another world')
    assert result.returncode == 2
    assert result.stderr.startswith(f'error: {out}/train.json: is of another data/')
    assert (tmp_path / out / 'train.json').read_text() == 'one world\n'
    assert not list((tmp_path / out).glob('*.new'))


def test_what_fails_is_not_followed_by_a_table(repository, tmp_path):
    result = subprocess.run(
        ['bash', str(repository / 'tools/train_all.sh')],
        env=dict(os.environ, PYTHON='false'), cwd=tmp_path, check=False,
    )  # fmt: skip
    assert result.returncode == 1
