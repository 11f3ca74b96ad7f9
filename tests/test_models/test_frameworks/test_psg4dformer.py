"""PSG4DFormer: what trains, what is kept, and graphs of whole videos."""

import copy

import numpy as np
import pytest
import torch
from mmengine.config import Config
from small_segmentor import NUM_CATEGORIES, small_segmentor
from torch import nn

from mmfourdpsg.datasets.frame_readers import RGBDFrame
from mmfourdpsg.evaluation.functional import evaluate_scene_graphs
from mmfourdpsg.models.relation_heads import FoundRelations
from mmfourdpsg.models.segmentors import SegmentQueries
from mmfourdpsg.models.trackers import (
    FeatureTubes,
    QueryTracker,
    TrainingTubes,
    TubeBuilder,
)
from mmfourdpsg.registry import MODELS, has_compiled_operators
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.utils import InputError

compiled = pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)
SIZE = (32, 40)
METAINFO = dict(
    thing_classes=['cup', 'hand'], stuff_classes=['table'], predicates=['on', 'holds']
)
ENCODER = dict(type='SpatialTemporalEncoder', num_heads=2, feedforward_channels=16)
HEAD = dict(
    type='RelationHead', num_predicates=3, subject_encoder=ENCODER,
    object_encoder=ENCODER, pair_proposal=dict(type='PairProposal', hidden_channels=8),
)  # fmt: skip


def build(**options):
    torch.manual_seed(0)
    config = dict(
        type='PSG4DFormer',
        data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
        segmentor=small_segmentor(),
        tracker=dict(type='QueryTracker'),
        **options,
    )
    model = MODELS.build(Config(config)._cfg_dict)
    model.take_labels(METAINFO)
    return model


def square(x, y, side=10):
    mask = np.zeros(SIZE, dtype=bool)
    mask[y : y + side, x : x + side] = True
    return mask


class Video:
    """A cup (1) that moves right, a hand (2) from frame 3 on, and a table (1000)."""

    num_frames = 10

    def __init__(self):
        self.read = []
        self.transforms = []
        self.first = self.frame(0)

    def __len__(self):
        return self.num_frames

    def frame(self, t):
        ids = np.zeros(SIZE, np.int32)
        ids[22:] = 1000
        ids[square(2 * t, 8)] = 1
        if t >= 3:
            ids[square(28, 0)] = 2
        rgb = np.zeros((*SIZE, 3), np.uint8)
        for place, key in enumerate((1, 2, 1000)):
            rgb[ids == key, place] = 250
        return RGBDFrame(rgb, np.ones(SIZE, np.float32), ids)

    def __getitem__(self, t):
        self.read.append(t)
        return self.frame(t)


def graph_of(video):
    objects = [
        SceneObject(key, name, name != 'table')
        for key, name in ((1, 'cup'), (2, 'hand'), (1000, 'table'))
    ]
    for item in objects:
        masks = {t: video.frame(t).ids == item.id for t in range(len(video))}
        item.tube = MaskTube.from_masks(masks, *SIZE)
    relations = [
        Relation(1, 'on', 1000, [(0, 9)]),
        Relation(2, 'holds', 1, [(4, 6), (9, 9)]),
    ]
    return SceneGraph('a', *SIZE, len(video), objects, relations)


def sample_of(video, frames=()):
    sample = SceneGraphDataSample(
        metainfo=dict(
            video_id='a', num_frames=len(video), frame_indices=list(frames),
            ori_shape=SIZE, img_shape=SIZE,
        )
    )  # fmt: skip
    sample.rgbd_reader = video
    sample.gt_scene_graph = graph_of(video)
    return sample


class Perfect(nn.Module):
    """Segmentor that reads what is there off the colours of a :class:`Video`."""

    embed_dims = 16

    def __init__(self, segmentor):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.segmentor = segmentor
        self.most = 0

    def __getattr__(self, name):
        if name in ('frame_segments', 'object_queries'):
            return getattr(self.segmentor, name)
        return super().__getattr__(name)

    def forward(self, rgb, depth):
        count = len(rgb)
        self.most = max(self.most, count)
        categories = torch.zeros(count, 8, NUM_CATEGORIES + 1)
        categories[..., -1] = 9.0
        masks = torch.full((count, 8, *SIZE), -9.0)
        for place in range(3):
            there = rgb[:, place] > 0
            masks[:, 2 * place] = torch.where(there, 9.0, -9.0)
            categories[:, 2 * place, -1] = 0
            shown = there.flatten(1).any(dim=1)
            categories[shown, 2 * place, place] = 9.0
            categories[~shown, 2 * place, -1] = 9.0
        queries = torch.eye(8, 16).expand(count, 8, 16)
        return SegmentQueries(categories, masks, queries)


@pytest.fixture(scope='module')
def perfect():
    segmentor = MODELS.build(small_segmentor()).eval()
    return lambda: TubeBuilder(Perfect(segmentor), QueryTracker(), 4)


@compiled
def test_assigned_tubes_of_a_perfect_segmentor_are_the_annotation(perfect):
    video = Video()
    objects = graph_of(video).objects
    tubes = perfect().assigned(video, objects, [0, 1, 2])
    assert tubes.object_ids == [1, 2, 1000]
    assert tubes.present.int().tolist() == [[1] * 10, [0] * 3 + [1] * 7, [1] * 10]
    for row, query in enumerate((0, 2, 4)):
        shown = tubes.features[row][tubes.present[row]]
        assert (shown.argmax(dim=1) == query).all()
    # One that is found nowhere is left out.
    other = [*objects[:2], SceneObject(7, 'table')]
    assert perfect().assigned(video, other, [0, 1, 2]).object_ids == [1, 2]


@compiled
def test_tracked_tubes_are_followed_and_known_by_what_they_show(perfect):
    video = Video()
    builder = perfect()
    tubes = builder.tracked(video, SIZE)
    # A video is read once, in order, some frames at a time.
    assert video.read == list(range(10)) and builder.segmentor.most == 4
    expected = {item.category: item.tube for item in graph_of(video).objects}
    names = ('cup', 'hand', 'table')
    assert sorted(tubes.categories) == [0, 1, 2]
    for category, tube in zip(tubes.categories, tubes.tubes, strict=True):
        assert tube == expected[names[category]]
    shown = builder.tracked_objects(video, graph_of(video).objects, [0, 1, 2])
    assert dict(zip(shown.categories, shown.object_ids, strict=True)) == {
        0: 1, 1: 2, 2: 1000,
    }  # fmt: skip
    # The hand is there in seven frames, and nothing is of another category.
    objects = graph_of(video).objects
    shown = builder.tracked_objects(video, objects, [0, 1, 0], min_frames=8)
    assert dict(zip(shown.categories, shown.object_ids, strict=True)) == {
        0: 1, 1: 0, 2: 0,
    }  # fmt: skip
    builder.max_tubes = 2
    assert sorted(builder.tracked(video, SIZE).categories) == [0, 2]


@compiled
def test_perfect_tubes_and_logits_have_full_recall(perfect):
    model = build(relation_head=HEAD).eval()
    model.builder = perfect()
    video = Video()
    sample = sample_of(video)
    expected = sample.gt_scene_graph

    def relate(tubes):
        place = {c: row for row, c in enumerate(tubes.categories)}
        ends = torch.tensor([[place[0], place[2]], [place[1], place[0]]])
        spans = torch.zeros(2, 10, dtype=torch.bool)
        spans[0] = spans[1, 4:7] = spans[1, 9] = True
        kinds, scores = torch.tensor([0, 1]), torch.tensor([0.9, 0.8])
        return FoundRelations(ends, kinds, scores, spans)

    model.relate = relate
    model.predict({}, [sample])
    found = sample.pred_scene_graph
    metrics = evaluate_scene_graphs([expected], [found]).metrics
    assert {metrics[f'R@{k}'] for k in (20, 50, 100)} == {100}
    assert [row.span for row in found.relations] == [[(0, 9)], [(4, 6), (9, 9)]]
    by_name = {item.category: item for item in found.objects}
    assert [by_name[n].is_thing for n in ('cup', 'hand', 'table')] == [1, 1, 0]


@compiled
def test_a_video_that_shows_nothing_has_an_empty_graph(perfect):
    model = build(relation_head=HEAD).eval()
    model.builder = perfect()
    video = Video()
    video.frame = lambda t: RGBDFrame(
        np.zeros((*SIZE, 3), np.uint8), np.ones(SIZE, np.float32)
    )
    sample = SceneGraphDataSample(
        metainfo=dict(video_id='a', num_frames=10, ori_shape=SIZE, img_shape=SIZE)
    )
    sample.rgbd_reader = video
    model.predict({}, [sample])
    found = sample.pred_scene_graph
    assert (found.objects, found.relations, found.num_frames) == ([], [], 10)


@compiled
def test_relations_teach_the_relation_head_alone():
    model = build(relation_head=HEAD)
    model.train()
    assert not model.segmentor.training and model.relation_head.training
    video = Video()
    before = copy.deepcopy(model.segmentor.state_dict())
    # Whatever the segmentor finds.
    sample = sample_of(video)
    model.training_tubes.min_iou = 0.0
    losses = model.loss({}, [sample])
    assert set(losses) == {'loss_pair', 'loss_predicate', 'loss_span'}
    assert min(losses.values()) > 0
    sum(losses.values()).backward()
    assert all(p.grad is None for p in model.segmentor.parameters())
    assert all(p.grad is not None for p in model.relation_head.parameters())
    for key, value in model.segmentor.state_dict().items():
        assert torch.equal(value, before[key]), key


@compiled
def test_frames_teach_the_segmentor_and_padding_is_left_out():
    model = build()
    model.train()
    video = Video()
    batch = []
    for frames in ([0, 5], [4]):
        sample = sample_of(video, frames)
        shown = [video.frame(t) for t in frames]
        ids = torch.from_numpy(np.stack([frame.ids for frame in shown]))
        keys = torch.tensor([1, 2, 1000])
        sample.gt_masks = ids == keys[:, None, None, None]
        rgb = torch.from_numpy(np.stack([frame.rgb for frame in shown]))
        depth = torch.from_numpy(np.stack([frame.depth for frame in shown]))
        batch.append((rgb.permute(0, 3, 1, 2), depth, sample))
    rgb, depth, samples = map(list, zip(*batch, strict=True))
    data = model.data_preprocessor(
        dict(inputs=dict(rgb=rgb, depth=depth), data_samples=samples), True
    )
    seen = {}

    def loss(rgb, depth, categories, masks):
        seen.update(rgb=rgb, categories=categories, masks=masks)
        return dict(loss_cls=rgb.sum() * 0.0)

    real, model.segmentor.loss = model.segmentor.loss, loss
    model(**data, mode='loss')
    assert [row.tolist() for row in seen['categories']] == [
        [0, 2],
        [0, 1, 2],
        [0, 1, 2],
    ]
    assert seen['rgb'].shape == (3, 3, *SIZE)
    assert all(mask.flatten(1).any(dim=1).all() for mask in seen['masks'])
    model.segmentor.loss = real
    losses = model(**data, mode='loss')
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in model.segmentor.parameters())
    data['data_samples'][0].set_metainfo(dict(img_shape=(16, 40)))
    with pytest.raises(ValueError, match='expected one size'):
        model(**data, mode='loss')


@compiled
def test_names_of_labels_are_in_the_checkpoint_and_another_order_is_refused():
    model = build(relation_head=HEAD)
    state = model.state_dict()
    other = build(relation_head=HEAD)
    fresh = build(relation_head=HEAD)
    for part in (fresh.categories, fresh.predicates):
        part.encoded.zero_()
    fresh.load_state_dict(state)
    assert fresh.categories.names[:3] == ['cup', 'hand', 'table']
    assert fresh.predicates.names == ['on', 'holds', 'predicate 2']
    assert fresh.categories.is_thing.tolist() == [True, True, False, True, True]
    other.take_labels(METAINFO)
    swapped = dict(METAINFO, thing_classes=['hand', 'cup'])
    with pytest.raises(InputError, match="'hand' as category 0, expected 'cup'"):
        other.take_labels(swapped)
    many = dict(METAINFO, predicates=list('abcd'))
    with pytest.raises(
        InputError, match='4 names of predicate, expected at most the 3'
    ):
        other.take_labels(many)


@compiled
def test_tubes_are_made_once_for_the_same_weights_and_video(perfect, tmp_path):
    builder, video = perfect(), Video()
    sample = sample_of(video)
    made = []
    assigned = builder.assigned
    builder.assigned = lambda *args: made.append(1) or assigned(*args)
    tubes = TrainingTubes(str(tmp_path))
    first, frames = tubes(builder, sample, [0, 1, 2])
    again, _ = TrainingTubes(str(tmp_path))(builder, sample, [0, 1, 2])
    assert len(made) == 1 and frames == list(range(10))
    assert torch.equal(again.features, first.features)
    assert torch.equal(again.present, first.present)
    assert again.object_ids == first.object_ids == [1, 2, 1000]
    with torch.no_grad():
        builder.segmentor.weight += 1
    tubes(builder, sample, [0, 1, 2])
    assert len(made) == 2
    # Another video of the same name.
    video.first = video.frame(1)
    tubes(builder, sample, [0, 1, 2])
    assert len(made) == 3
    (*_, path) = sorted(tmp_path.rglob('a.tubes'), key=lambda p: p.stat().st_mtime)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match=r'a\.tubes: cannot be read'):
        tubes(builder, sample, [0, 1, 2])


@compiled
def test_a_long_video_is_learned_from_in_parts(perfect):
    torch.manual_seed(0)
    tubes = TrainingTubes(None, max_frames=3)
    starts = set()
    for _ in range(12):
        found, frames = tubes(perfect(), sample_of(Video()), [0, 1, 2])
        starts.add(frames[0])
        assert frames == list(range(frames[0], frames[0] + 3))
        assert found.present.shape[1] == 3
        assert found.present.any(dim=1).all()
        assert (2 in found.object_ids) == (frames[-1] >= 3)
    assert len(starts) > 3


def test_what_tubes_are_learned_from_is_one_of_two():
    with pytest.raises(ValueError, match="kind is 'all', expected one of"):
        TrainingTubes(None, kind='all')
    video = Video()
    video.first = RGBDFrame(video.first.rgb, video.first.depth)
    with pytest.raises(ValueError, match='expected LoadPanopticMasks'):
        TrainingTubes(None)(None, sample_of(video), [0, 1, 2])


def test_a_window_of_tubes_drops_what_is_not_there():
    present = torch.tensor([[1, 1, 0], [0, 0, 1]]).bool()
    tubes = FeatureTubes(
        torch.ones(2, 3, 4), present, [3, 5], torch.tensor([0.5, 0.6]), [7, 8]
    )
    found = tubes.window(2, 3)
    assert (found.categories, found.object_ids) == ([5], [8])
    assert found.features.shape == (1, 1, 4) and len(found) == 1
