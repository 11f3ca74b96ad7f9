"""One-stage PSG4DFormer on scene features: images, pseudo-4D scenes, other names."""

from copy import deepcopy

import pytest
import torch
from mmengine.config import Config
from small_segmentor import NUM_CATEGORIES, small_segmentor
from test_psg4dformer import METAINFO, SIZE, Video, sample_of
from test_psg4dformer_one_stage import RELATIONS, batch, total
from test_psg4dformer_one_stage import config as one_stage

from mmfourdpsg.models.frameworks.clip_targets import fill_boxes, mean_losses
from mmfourdpsg.models.label_names import names_in
from mmfourdpsg.models.transcending.scene_completion import complete_scenes
from mmfourdpsg.registry import MODELS, has_compiled_operators
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

pytestmark = pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)
STILL = dict(num_frames=24, fps=12.0)
SHAPES = ('', 'd0.', 'd1.')


def encoder(kind, channels):
    return dict(
        type=f'ImageBind{kind}Encoder',
        embed_dims=channels,
        num_blocks=1,
        num_heads=2,
        patch_size=4,
        image_size=32,
    )


def config(**options):
    estimator = dict(type='TemporalEstimator', embed_dims=8, num_layers=1, num_heads=2)
    segmentor = small_segmentor(depth=False)
    segmentor['backbone'] = dict(type='SceneFeaturePyramid', out_channels=16)
    segmentor['head']['type'] = 'VideoQueryHead'
    return dict(
        one_stage(),
        type='PSG4DFormerTransfer',
        segmentor=segmentor,
        frame_encoder=dict(
            rgb_encoder=encoder('Vision', 16),
            depth_encoder=encoder('Depth', 8),
            depth_to_disparity=dict(type='DepthToDisparity'),
        ),
        aggregator=dict(type='SAGate'),
        scene_transcender=dict(
            type='SceneTranscender',
            depth_estimator=dict(type='DepthEstimator'),
            rgb_temporal_estimator=estimator,
            depth_temporal_estimator=estimator,
            num_frames=3,
            still_scene=STILL,
        ),
        train_given='image',
        save_frozen=False,
        **options,
    )


def build():
    torch.manual_seed(0)
    model = MODELS.build(Config(config())._cfg_dict)
    model.init_weights()
    # Any mask is there, however little is learned.
    model.query_fusion.register_forward_hook(
        lambda part, args, out: (out[0], torch.ones_like(out[1]))
    )
    return model


@pytest.fixture(scope='module')
def model():
    model = build()
    model.take_labels(METAINFO)
    return model.eval()


def images(model, masks=True):
    """A batch of one image, with the graph of a video's frame 4."""
    data = batch([4])
    (sample,) = data['data_samples']
    graph = sample.gt_scene_graph
    relations = [row for row in graph.relations if row.predicate == 'on']
    for item in graph.objects:
        (mask,) = sample.masks_of([item.id])[:, 0]
        y, x = mask.nonzero().T
        box = x.min(), y.min(), x.max() + 1, y.max() + 1
        item.boxes, item.tube = {0: tuple(map(float, box))}, None
    for row in relations:
        row.span = [(0, 0)]
    sample.gt_scene_graph = SceneGraph('a', *SIZE, 1, graph.objects, relations)
    sample.set_metainfo(dict(num_frames=1, frame_indices=[0]))
    if not masks:
        del sample.gt_masks
    data['inputs']['depth'][0].zero_()
    return model.data_preprocessor(data)


def gradient(part):
    grads = [p.grad for p in part.parameters() if p.grad is not None]
    return sum(float(grad.abs().sum()) for grad in grads)


def test_relations_of_an_image_train_all_that_reads_features_and_no_span(model):
    model.zero_grad()
    losses = model(**images(model), mode='loss')
    assert float(losses['loss_span']) == 0
    assert min(losses['loss_pair'], losses['loss_predicate']) > 0
    total(losses, RELATIONS).backward()
    for part in (model.aggregator.lift, *model.segmentor.backbone.laterals):
        assert gradient(part) > 0
    assert gradient(model.frame_encoder) == gradient(model.scene_transcender) == 0
    assert gradient(model.relation_head.classifier.span_layer) == 0
    assert gradient(model.relation_head.classifier.predicate_layer) > 0


def test_an_image_becomes_a_scene_of_the_length_it_stands_for(model):
    data = images(model)
    ((features, times),) = model._clips(**data)
    assert [len(row) for row in features] == [3] * 4
    # Thirds of 24 frames.
    torch.testing.assert_close(times, torch.tensor([3.5, 11.5, 19.5]))
    assert data['data_samples'][0].scene_length == (24, 12.0)
    data = model.data_preprocessor(batch([0, 4, 6], [5, 9]))
    for (_, times), frames in zip(
        model._clips(**data), ([0, 4, 6], [5, 9]), strict=True
    ):
        torch.testing.assert_close(times, torch.tensor(frames, dtype=torch.float))


def test_of_a_scene_made_of_an_image_only_frame_0_has_masks(model):
    data = images(model)
    seen = []
    head = model.segmentor.head
    loss_of, model.segmentor.head.loss_of = head.loss_of, lambda found, *rest: (
        seen.append((found, *rest)) or loss_of(found, *rest)
    )  # fmt: skip
    try:
        model(**data, mode='loss')
    finally:
        del head.loss_of
    ((found, categories, masks),) = seen
    assert found.masks.shape[1] == masks.shape[1] == 1
    assert all(row[1].shape[1] == 1 for row in found.earlier)
    assert categories.tolist() == [0, 1, 2]


def test_boxes_teach_names_and_relations_and_no_shapes(model):
    torch.manual_seed(0)
    losses = model(**images(model, masks=False), mode='loss')
    for layer in SHAPES:
        assert losses[f'{layer}loss_mask'] == losses[f'{layer}loss_dice'] == 0
        assert losses[f'{layer}loss_cls'] > 0
    assert min(losses['loss_pair'], losses['loss_predicate']) > 0


@pytest.mark.parametrize(
    ('are_masks', 'shapes'),
    [([True, False], 2.0), ([True, True], 3.0), ([False, False], 0.0)],
)
def test_the_mean_loss_of_shapes_is_that_of_clips_with_masks(are_masks, shapes):
    names = [f'{layer}{part}' for layer in SHAPES for part in
             ('loss_cls', 'loss_mask', 'loss_dice')]  # fmt: skip
    clips = [dict.fromkeys(names, torch.tensor(value)) for value in (2.0, 4.0)]
    means = mean_losses(clips, are_masks)
    assert {name: float(value) for name, value in means.items()} == {
        name: 3.0 if name.endswith('loss_cls') else shapes for name in names
    }


def test_an_image_without_objects_has_losses(model):
    data = images(model, masks=False)
    (sample,) = data['data_samples']
    sample.gt_scene_graph = SceneGraph('a', *SIZE, 1, [], [])
    losses = model(**data, mode='loss')
    assert all(torch.isfinite(value) for value in losses.values())
    assert losses['loss_cls'] > 0


def test_a_box_fills_the_cells_that_it_touches():
    boxes = torch.tensor([[0.0, 0, 4, 4], [5, 3, 9, 5], [8, 9, 8, 9], [9.5, 0, 10, 1]])
    cells = fill_boxes(boxes, (10, 10), (5, 5))
    expected = torch.zeros(4, 5, 5, dtype=torch.bool)
    expected[0, :2, :2] = True
    expected[1, 1:3, 2:5] = True
    expected[2, 4, 4] = True
    expected[3, 0, 4] = True
    assert torch.equal(cells, expected)


def test_a_graph_is_of_real_frames(model):
    video = Video()
    sample = sample_of(video)
    cls = model.segmentor.head.mask2former.cls_embed
    bias = cls.bias.data.clone()
    least = model.segmentor.min_score
    model.segmentor.min_score, cls.bias.data[-1] = 0.0, -20.0
    model.segmentor.min_area_ratio = 0.0
    try:
        model.predict({}, [sample])
    finally:
        model.segmentor.min_score, cls.bias.data = least, bias
    found = sample.pred_scene_graph
    assert sorted(set(video.read)) == list(range(10))
    assert found.objects and found.num_frames == 10


@pytest.mark.parametrize('given', ['image', '3d', '4d'])
def test_spans_begin_as_all_common_frames_where_stills_teach_none(given):
    torch.manual_seed(0)
    head = MODELS.build(Config(dict(config(), train_given=given))._cfg_dict)
    head.init_weights()
    head = head.relation_head.eval()
    x, present = torch.randn(5, 6, head.embed_dims), torch.rand(5, 6) > 0.3
    found = head.predict(x, present, torch.arange(6), torch.ones(5))
    first, second = found.ends.unbind(dim=1)
    common = present[first] & present[second]
    assert len(common) == 20 * head.num_predicates
    assert torch.equal(found.spans, common) == (given != '4d')


def test_4d_scenes_teach_spans_that_began_as_all_common_frames(model):
    model = deepcopy(model)
    layer = model.relation_head.classifier.span_layer
    optimizer = torch.optim.SGD(model.relation_head.parameters(), lr=0.1)
    found = []
    for _ in range(2):
        torch.manual_seed(0)
        model.zero_grad()
        data = model.data_preprocessor(batch([0, 4, 6], [5, 9]))
        loss = model(**data, mode='loss')['loss_span']
        loss.backward()
        optimizer.step()
        found.append((float(loss), gradient(model.relation_head.classifier.layers)))
    assert gradient(layer) > 0 and layer.weight.any()
    (first, _), (second, deeper) = found
    assert second < first
    # From the second step on what is below learns, too.
    assert deeper > 0


def test_checkpoints_hold_what_trains_and_the_estimators(model):
    parts = {key.partition('.')[0] for key in model.state_dict()}
    assert {'scene_transcender', 'aggregator', 'segmentor'} < parts
    assert not any('encoder.blocks' in key for key in model.state_dict())


def biases(model):
    head, classifier = model.segmentor.head, model.relation_head.classifier
    return head.mask2former.cls_embed.bias.data, classifier.predicate_layer.bias.data


def test_outputs_are_taken_over_by_name_and_others_stay_where_there_is_room(model):
    other = build()
    names = dict(
        thing_classes=['hand', 'ball'],
        stuff_classes=['table'],
        predicates=['near', 'on'],
    )
    fresh = [bias.clone() for bias in biases(other)]
    state = model.state_dict()
    told = other.relabel(state, names)
    assert told == [
        'categories: 3 outputs taken over by name, 1 new',
        'predicates: 2 outputs taken over by name, 1 new',
    ]
    other.load_state_dict(state, strict=False)
    other.take_labels(names)
    assert other.categories.names[:4] == ['hand', 'ball', 'table', 'cup']
    assert other.categories.is_thing[:4].tolist() == [True, True, False, True]
    assert other.predicates.names == ['near', 'on', 'holds']
    (old, before), (new, after) = biases(model), biases(other)
    assert torch.equal(new[[0, 2, 3, -1]], old[[1, 2, 0, -1]])
    assert torch.equal(new[[1, 4]], fresh[0][[1, 4]])
    assert torch.equal(after, torch.stack([fresh[1][0], before[0], before[1]]))


def test_of_names_without_room_those_of_the_data_stay(model):
    state, things = model.state_dict(), ['ball', 'bowl', 'book']
    build().relabel(state, dict(METAINFO, thing_classes=things))
    assert list(names_in(state, 'categories')) == [*things, 'table', 'cup']
    things = [f'thing {number}' for number in range(NUM_CATEGORIES)]
    with pytest.raises(InputError, match='has 6 names of category'):
        build().relabel(model.state_dict(), dict(METAINFO, thing_classes=things))


@pytest.mark.parametrize('given', ['video', '3d', 'image'])
def test_scenes_are_not_completed_without_a_scene_transcender(given):
    with pytest.raises(ValueError, match=f'given is {given}; expected a scene tr'):
        complete_scenes(None, None, [], given)
    with pytest.raises(ValueError, match='given has'):
        complete_scenes(None, None, [], 'photo')


def test_what_is_not_given_takes_a_scene_transcender():
    changed = dict(config(), scene_transcender=None)
    with pytest.raises(ValueError, match='train_given is image; expected a scene_tr'):
        MODELS.build(Config(changed)._cfg_dict)
    changed = dict(config(), train_given='photo')
    with pytest.raises(ValueError, match='train_given has'):
        MODELS.build(Config(changed)._cfg_dict)
