"""PSG4DFormer's recipes: sizes, stages, and ablations that change one part."""

from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmfourdpsg.registry import MODELS, has_compiled_operators
from mmfourdpsg.simulation import CATEGORIES, PREDICATES

ROOT = Path(__file__).resolve().parents[2] / 'configs/psg4dformer'
DATA = ('psg4d-gta', 'psg4d-hoi', 'tabletop')


@cache
def load(stage, data, ablation=''):
    name = f'{stage}_{data}{ablation}'
    if data == 'tabletop':
        name = f'tabletop/{stage}{ablation}'
    return Config.fromfile(ROOT / f'{name}.py')


def settings(value, path=''):
    """Return each setting below a config by its dotted path."""
    if isinstance(value, dict):
        found = {}
        for key, item in value.items():
            found |= settings(item, f'{path}.{key}'.lstrip('.'))
        return found
    return {path: value}


def changed(one, other):
    one, other = (settings(config.to_dict()) for config in (one, other))
    return {key for key in one | other if one.get(key, 0) != other.get(key, 0)}


@pytest.mark.parametrize('data', DATA)
@pytest.mark.parametrize('ablation', ['', '_wo_d'])
def test_the_second_stage_begins_where_the_first_ended(data, ablation):
    first, second = (load(stage, data, ablation) for stage in (
        'segmentation', 'relation'
    ))  # fmt: skip
    folder = first.get('work_dir') or f'work_dirs/segmentation_{data}{ablation}'
    last = f'{folder}/epoch_{first.train_cfg.max_epochs}.pth'
    assert second.load_from == last
    assert second.model.training_tubes.folder == f'{folder}/tubes'
    assert second.model.segmentor == first.model.segmentor
    assert second.model.tracker == first.model.tracker
    assert 'relation_head' not in first.model


@pytest.mark.parametrize('data', DATA)
def test_an_ablation_changes_one_part(data):
    without_time = changed(load('relation', data), load('relation', data, '_wo_t'))
    head = 'model.relation_head'
    assert without_time - {'work_dir', 'without_time.temporal_layers'} - {
        key for key in without_time if key.startswith('without_time.')
    } == {f'{head}.{name}_encoder.temporal_layers' for name in ('subject', 'object')}
    for stage in ('segmentation', 'relation'):
        without_depth = changed(load(stage, data), load(stage, data, '_wo_d'))
        parts = ('backbone.depth_stream', 'depth_to_disparity')
        assert without_depth
        assert all(
            key.startswith(tuple(f'model.segmentor.{part}' for part in parts))
            or key.startswith(('disparity.', 'cameras.'))
            or key in ('work_dir', 'load_from', 'model.training_tubes.folder')
            for key in without_depth
        ), without_depth


@pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)
@pytest.mark.parametrize('data', ['psg4d-gta', 'psg4d-hoi'])
def test_full_size_is_that_of_the_paper(data):
    config = load('relation', data)
    with torch.device('meta'):
        model = MODELS.build(config.model)
    segmentor = model.segmentor
    assert segmentor.backbone.out_channels == [256, 512, 1024, 2048]
    for stream in (segmentor.backbone.rgb_stream, segmentor.backbone.depth_stream):
        assert (stream.depth, stream.deep_stem) == (101, True)
    head = segmentor.head.mask2former
    assert (head.num_queries, segmentor.embed_dims) == (100, 256)
    layers = head.transformer_decoder.layers, head.pixel_decoder.encoder.layers
    assert [len(row) for row in layers] == [9, 6]
    assert head.class_weight == [1.0] * segmentor.num_categories + [0.1]
    weights = [head.loss_cls.loss_weight, head.loss_mask.loss_weight]
    assert [*weights, head.loss_dice.loss_weight] == [2, 5, 5]
    expected = {'psg4d-gta': (35, 43), 'psg4d-hoi': (46, 15)}[data]
    found = segmentor.num_categories, model.relation_head.num_predicates
    assert found == expected
    encoder = model.relation_head.subject_encoder
    assert [len(encoder.spatial), len(encoder.temporal)] == [2, 2]


@pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)
@pytest.mark.parametrize('data', DATA[1:])
def test_one_stage_has_the_segmentation_of_two(data):
    one, two = load('one_stage', data).model, load('segmentation', data).model
    with torch.device('meta'):
        model = MODELS.build(one)
    assert type(model.segmentor.head).__name__ == 'VideoQueryHead'
    assert one.segmentor.head.pop('type') != two.segmentor.head.type
    kept = {key: value for key, value in two.segmentor.head.items() if key != 'type'}
    assert one.segmentor.pop('head') == kept
    assert one.segmentor == {k: v for k, v in two.segmentor.items() if k != 'head'}


# Images and what they are tested on, 4D scenes after them, the one-stage model of those
# scenes, and the estimators.
TRANSFERS = {
    'psg4d-gta': (
        'one_stage_transfer_vg_psg',
        'one_stage_transfer_psg4d-gta',
        'one_stage_psg4d-gta',
        ['../4dllm/ablations/step3_psg4d-gta_zero_shot'] * 3,
    ),
    'psg4d-hoi': (
        'one_stage_transfer_vg_psg_hoi',
        'one_stage_transfer_psg4d-hoi',
        'one_stage_psg4d-hoi',
        ['../4dllm/ablations/step3_psg4d-hoi_zero_shot'] * 3,
    ),
    'tabletop': (
        'tabletop/one_stage_transfer_vg_psg',
        'tabletop/one_stage_transfer',
        'tabletop/one_stage',
        [f'../4dllm/tabletop/step2{part}' for part in 'abc'],
    ),
}


read = cache(lambda name: Config.fromfile(ROOT / f'{name}.py'))


TESTED = ('type', 'split', 'test_mode')


def end_of(name):
    """Return the last checkpoint of a config's training."""
    config = read(name)
    folder = config.get('work_dir') or f'work_dirs/{Path(name).name}'
    return f'{folder}/epoch_{config.train_cfg.max_epochs}.pth'


@pytest.mark.parametrize('data', DATA)
def test_transfer_is_the_one_stage_model_on_other_features(data):
    images, scenes, plain, estimators = TRANSFERS[data]
    first, second, plain = map(read, (images, scenes, plain))
    assert second.load_from == end_of(images)
    found = first.model.scene_transcender.checkpoints
    assert list(found.values()) == [end_of(name) for name in estimators]
    assert first.model.train_given == 'image'
    assert 'scene_transcender' not in second.model
    for config in (first, second):
        ours, theirs = (row.test_dataloader.dataset for row in (config, plain))
        assert [ours[k] for k in TESTED] == [theirs[k] for k in TESTED]
        head, other = config.model.segmentor.head, plain.model.segmentor.head
        assert head == other
        assert {**config.model.relation_head, 'num_predicates': 0} == {
            **plain.model.relation_head, 'num_predicates': 0
        }  # fmt: skip
        assert config.model.num_frames == plain.model.num_frames
    assert second.model.segmentor.num_categories == plain.model.segmentor.num_categories
    if data != 'tabletop':
        # Those of Visual Genome and of PSG.
        assert first.model.segmentor.num_categories == 5996 + 133
        assert first.model.relation_head.num_predicates == 1014 + 56
        genome = first.train_dataloader.dataset.datasets[0].dataset
        assert (genome.num_categories, genome.num_predicates) == (5996, 1014)
    encoders = [config.model.frame_encoder for config in (first, second)]
    assert encoders[0] == encoders[1]


@pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)
def test_transfer_at_full_size_reads_imagebinds_features():
    config = read('one_stage_transfer_vg_psg')
    with torch.device('meta'):
        model = MODELS.build(config.model)
    assert model.frame_encoder.feature_sizes == dict(
        rgb_channels=1280, depth_channels=384, grid_size=(16, 16)
    )
    assert model.segmentor.backbone.out_channels == [256] * 4
    trained = {
        name.partition('.')[0]
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    assert trained == {'segmentor', 'query_fusion', 'relation_head', 'aggregator'}
    assert model.scene_transcender.still_length == (413, 5.0)


def test_the_segmentation_of_the_foundations_scenes_differs_in_data_alone():
    plain, foundation = (load(f'segmentation{name}', 'tabletop') for name in (
        '', '_foundation'
    ))  # fmt: skip
    different = {
        key for key in changed(plain, foundation) if not key.startswith('clips.')
    }
    data = 'train_dataloader.dataset'
    assert different == {
        'work_dir',
        f'{data}.times',
        f'{data}.dataset.indices',
        f'{data}.dataset.data_root',
    }
    clips = foundation.train_dataloader.dataset.dataset
    assert clips.data_root == 'data/tabletop_foundation_clips/psg4d_gta/'


def test_the_mini_recipe_has_room_for_the_worlds_vocabulary():
    model = load('relation', 'tabletop').model
    assert model.segmentor.num_categories >= len(CATEGORIES)
    assert model.relation_head.num_predicates >= len(PREDICATES)


def test_full_and_mini_have_the_same_losses():
    full, mini = load('relation', 'psg4d-gta').model, load('relation', 'tabletop').model
    heads = [row.segmentor.head.mask2former for row in (full, mini)]
    for key in ('loss_cls', 'loss_mask', 'loss_dice'):
        assert heads[0][key] == heads[1][key]
    assert heads[0].train_cfg.assigner == heads[1].train_cfg.assigner
    assert full.relation_head.loss_pair == mini.relation_head.loss_pair
    assert full.relation_head.predicate_weight == 5
