import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.registry import DATASETS, MODELS
from mmfourdpsg.structures import MaskTube, SceneGraph

CONFIG = 'configs/4dllm/tabletop/step1_scratch.py'


@pytest.fixture(scope='module')
def config(repository, tiny_world):
    config = Config.fromfile(repository / CONFIG)
    config.train_dataloader.dataset.data_root = str(tiny_world)
    config.test_dataloader.dataset.data_root = str(tiny_world)
    return config


@pytest.fixture(scope='module')
def model(config):
    torch.manual_seed(0)
    return MODELS.build(config.model)


def _batch(model, dataset, count):
    dataset = DATASETS.build(dataset)
    items = [dataset[index] for index in range(count)]
    return model.data_preprocessor(pseudo_collate(items))


def test_loss_has_the_terms_of_equation_1_and_reaches_every_part(config, model):
    batch = _batch(model, config.train_dataloader.dataset, 2)
    losses = model(**batch, mode='loss')
    names = {'txt', 'iou', 'dice', 'focal', 'object_score'}
    assert set(losses) == {f'loss_{name}' for name in names}
    total, _log = model.parse_losses(losses)
    assert torch.isfinite(total)
    model.zero_grad()
    total.backward()
    for part in (
        model.scene_encoder.rgb_encoder,
        model.scene_encoder.depth_encoder,
        model.scene_encoder.aggregator,
        model.scene_graph_head.projector,
        model.scene_graph_head.language_model,
        model.tube_decoder,
    ):
        gradients = [p.grad for p in part.parameters() if p.grad is not None]
        assert sum(g.abs().sum() for g in gradients) > 0, type(part).__name__


def test_the_tubes_train_the_language_model(config, model):
    batch = _batch(model, config.train_dataloader.dataset, 1)
    losses = model(**batch, mode='loss')
    model.zero_grad()
    (losses['loss_dice'] + losses['loss_focal']).backward()
    rows = model.scene_graph_head.language_model.parameters()
    assert sum(p.grad.abs().sum() for p in rows if p.grad is not None) > 0


def test_a_sample_without_masks_has_its_text_alone(config, model):
    batch = _batch(model, config.train_dataloader.dataset, 2)
    torch.manual_seed(0)
    both = model(**batch, mode='loss')
    del batch['data_samples'][1].gt_masks
    model.zero_grad()
    torch.manual_seed(0)
    one = model(**batch, mode='loss')
    assert torch.isclose(one['loss_txt'], both['loss_txt'])
    assert 0 < one['loss_focal'] != both['loss_focal']
    del batch['data_samples'][0].gt_masks
    none = model(**batch, mode='loss')
    assert all(none[f'loss_{name}'] == 0 for name in ('iou', 'dice', 'focal'))
    # Every process has to have every gradient.
    model.parse_losses(none)[0].backward()
    assert all(
        p.grad is not None for p in model.tube_decoder.parameters() if p.requires_grad
    )


def test_predict_fills_in_a_valid_graph_of_the_whole_video(config, model):
    model.eval()
    model.scene_graph_head.max_answer_tokens, kept = 24, 512
    batch = _batch(model, config.test_dataloader.dataset, 1)
    (sample,) = model(**batch, mode='predict')
    model.scene_graph_head.max_answer_tokens = kept
    graph = sample.pred_scene_graph
    assert isinstance(graph, SceneGraph)
    assert (graph.height, graph.width, graph.num_frames) == (144, 192, 24)
    assert all(isinstance(item.tube, MaskTube) for item in graph.objects)


def test_an_unknown_mode_is_an_error(model):
    with pytest.raises(ValueError, match='loss, predict or tensor'):
        model({}, [], mode='train')


def test_checkpoints_without_frozen_weights_still_fit(config):
    cfg = Config(dict(model=config.model)).model
    cfg.save_frozen = False
    cfg.scene_encoder.frozen_encoders = True
    model = MODELS.build(cfg)
    state = model.state_dict()
    frozen = {n for n, p in model.named_parameters() if not p.requires_grad}
    assert frozen
    assert not frozen & set(state)
    check_state_dict(state, model, 'a.pth')
