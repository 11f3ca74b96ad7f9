"""All readers take text files as Windows writes them."""

import warnings
from pathlib import Path

import pytest
from test_gqa_dataset import gqa  # noqa: F401
from test_psg4d_hoi_dataset import PATHS, hoi  # noqa: F401
from test_psg_dataset import psg  # noqa: F401
from test_pvsg_dataset import pvsg  # noqa: F401
from test_scene_graph_file_dataset import own  # noqa: F401
from test_three_dssg_dataset import write_full
from test_visual_genome_dataset import vg  # noqa: F401

from mmfourdpsg.datasets import (
    GQADataset,
    PSG4DGTADataset,
    PSG4DHOIDataset,
    PSGDataset,
    PVSGDataset,
    SceneGraphFileDataset,
    ThreeDSSGDataset,
    VisualGenomeDataset,
)

BOM = b'\xef\xbb\xbf'
CASES = {
    'gta': ('gta', PSG4DGTADataset, {}),
    'hoi': ('hoi', PSG4DHOIDataset, {'val.txt': [PATHS[1]]}),
    'pvsg': ('pvsg', PVSGDataset, {}),
    'psg': ('psg', PSGDataset, {}),
    'vg': (
        'vg',
        VisualGenomeDataset,
        {'val.txt': ['5', '9'], 'names.txt': ['animal,dog', 'carpet, rug']},
    ),
    'gqa': ('gqa', GQADataset, {}),
    'own': ('own', SceneGraphFileDataset, {'val.txt': ['office']}),
    '3dssg': ('tmp_path', ThreeDSSGDataset, {'validation_scans.txt': ['s2']}),
}


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('case', CASES)
def test_a_byte_order_mark_and_other_ends_of_lines_change_nothing(
    case, request, tmp_path
):
    name, kind, lists = CASES[case]
    fixture = request.getfixturevalue(name)
    root = Path(tmp_path)
    if case == '3dssg':
        write_full(root)
    elif case == 'gta':
        root = fixture.root
    elif case != 'own':
        fixture[1]()
    for path, lines in lists.items():
        (root / path).write_text('\n'.join(lines) + '\n')
    options = dict(object_aliases='names.txt') if case == 'vg' else {}

    def graphs():
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            dataset = kind(data_root=str(root), split='val', **options)
        return [row['scene_graph'] for row in dataset]

    expected = graphs()
    assert expected
    changed = 0
    for path in root.rglob('*'):
        if path.suffix in ('.json', '.txt'):
            content = path.read_bytes()
            if path.suffix == '.txt':
                content = content.replace(b'\n', b'\r\n')
            path.write_bytes(BOM + content)
            changed += 1
    assert changed >= len(lists) + 1
    assert graphs() == expected


def test_video_ids_with_spaces_and_of_any_script_are_one_entry(own):  # noqa: F811
    names = {'kitchen': 'Küche 1', 'office': ' 辦公室 2 '}
    path = own / 'scene_graphs.json'
    text = path.read_text()
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
        for folder in ('rgb', 'depth', 'masks'):
            (own / folder / old).rename(own / folder / new)
    path.write_text(text, encoding='utf-8')
    lines = ' Küche 1\t\r\n\r\n 辦公室 2 \r\n'
    (own / 'train.txt').write_bytes(lines.encode())
    dataset = SceneGraphFileDataset(data_root=str(own))
    assert [row['video_id'] for row in dataset] == ['Küche 1', ' 辦公室 2 ']
