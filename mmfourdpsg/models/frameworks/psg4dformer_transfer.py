"""One-stage PSG4DFormer on features of scenes, which may be made of 2D data."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from ..label_names import LabelNames, names_in
from ..transcending.scene_completion import STILLS, check_given, complete_scenes
from .frozen_weights import drop_frozen
from .psg4dformer_one_stage import PSG4DFormerOneStage

NAMES = ('thing_classes', 'stuff_classes', 'predicates')
WEIGHTS = ('weight', 'bias')
CATEGORY_LAYERS = ('segmentor.head.mask2former.cls_embed',)
PREDICATE_LAYERS = (
    'relation_head.classifier.span_layer',
    'relation_head.classifier.predicate_layer',
)


@MODELS.register_module()
class PSG4DFormerTransfer(PSG4DFormerOneStage):
    """One-stage PSG4DFormer with 2D-to-4D visual scene transfer.

    The row "+ V2->4-VST" of the 4D-LLM paper's Table 11, of which that says no more.
    What 4D-LLM's language model reads stands in place of ResNets: patch features of a
    frame encoder, of real RGB-D frames or completed by a scene transcender, joined by
    an aggregator. A pyramid makes scales of them, and all else is the one-stage model.
    So it learns from images with graphs as step 4 of 4D-LLM does; in use it reads real
    frames, with or without depth.

    Names are those of what it is trained on. It can begin with a checkpoint of other
    names, as that of images when it goes on with 4D scenes, see :meth:`relabel`.

    An image does not tell when a relation begins or ends, so nothing would train the
    layer of spans: for stills it begins such that a relation holds wherever both of its
    objects are there, and 4D scenes teach it from there.

    Args:
        frame_encoder: Config of :class:`FrameEncoder`, or its options.
        aggregator: Config of what joins RGB and depth, such as :class:`SAGate`; it is
            told the encoder's channels.
        segmentor: Config of the segmentor, with a :class:`VideoQueryHead`; its
            backbone, such as :class:`SceneFeaturePyramid`, is told the encoder's
            channels.
        relation_head: Config of the relation head, which is told the width of a query.
        scene_transcender: Config of the scene transcender, which does not train; it is
            told the sizes of the encoder's features. None reads scenes as they are.
        train_given: What of a training scene is given, see
            :meth:`SceneTranscender.complete`.
        query_fusion: Config of what makes features of a frame, told the same.
        num_frames: Frames in which the queries of a video are found.
        chunk_size: Frames that are masked at once.
        save_frozen: Whether checkpoints hold the encoder's weights, which do not train.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        held_parts: Parts that checkpoints hold whether they train or not.

    Raises:
        ValueError: Without a scene transcender something is to be estimated, or
            ``train_given`` has an unknown name.
    """

    held_parts = ('scene_transcender',)

    def __init__(
        self,
        frame_encoder: dict,
        aggregator: dict,
        segmentor: dict,
        relation_head: dict,
        scene_transcender: dict | None = None,
        train_given: str = '4d',
        query_fusion: dict | None = None,
        num_frames: int = 16,
        chunk_size: int = 8,
        save_frozen: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        check_given(scene_transcender, train_given=train_given)
        encoder = MODELS.build({'type': 'FrameEncoder', **frame_encoder})
        sizes = encoder.feature_sizes
        backbone = {'in_channels': encoder.embed_dims, **segmentor['backbone']}
        super().__init__(
            {**segmentor, 'backbone': backbone},
            relation_head,
            query_fusion,
            num_frames,
            chunk_size,
            data_preprocessor,
            init_cfg,
        )
        self.frame_encoder = encoder
        channels = {k: v for k, v in sizes.items() if k != 'grid_size'}
        self.aggregator = MODELS.build({**channels, **aggregator})
        self.scene_transcender = None
        if scene_transcender is not None:
            self.scene_transcender = MODELS.build(
                {**sizes, 'trains': [], **scene_transcender}
            )
        self.train_given = train_given
        if train_given in STILLS:
            self.relation_head.classifier.begin_with_whole_spans()
        self.save_frozen = save_frozen
        self._register_state_dict_hook(drop_frozen)

    def take_labels(self, metainfo: Mapping[str, Sequence[str]]) -> None:
        """Take over the names of what is trained on, unless all of them are known.

        Args:
            metainfo: Of the data set: ``thing_classes``, ``stuff_classes`` and
                ``predicates``.

        Raises:
            InputError: They do not fit the config, or the model has others.
        """
        categories = {*metainfo['thing_classes'], *metainfo['stuff_classes']}
        if not categories <= set(self.categories.names):
            self.categories.take_categories(metainfo)
        if not set(metainfo['predicates']) <= set(self.predicates.names):
            self.predicates.take(list(metainfo['predicates']))

    def relabel(
        self, state: dict[str, Tensor], metainfo: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Fit the classifiers of a checkpoint to the names of other training data.

        The output of a name stays its output; one of a new name begins as it is here.
        Names that the data lacks stay as far as there are outputs for them, since few
        videos do not show all that images have taught.

        Args:
            state: The checkpoint's weights, which are changed.
            metainfo: Of the data set: ``thing_classes``, ``stuff_classes`` and
                ``predicates``.

        Returns:
            list[str]: What was taken over, for the log.

        Raises:
            InputError: The data has more names than there are outputs.
        """
        own = self.state_dict()
        things, stuff, predicates = (list(metainfo[key]) for key in NAMES)
        told = []
        for part, names, count, layers in (
            ('categories', things + stuff, len(things), CATEGORY_LAYERS),
            ('predicates', predicates, len(predicates), PREDICATE_LAYERS),
        ):
            if f'{part}.encoded' not in state:
                continue
            labels, before = getattr(self, part), names_in(state, part)
            known = set(names)
            kept = {k: v for k, v in before.items() if k not in known}
            room = max(len(labels.encoded) - len(names), 0)
            united = [*names, *list(kept)[:room]]
            fresh = LabelNames(labels.what, labels.setting, len(labels.encoded))
            is_thing = state[f'{part}.is_thing'].tolist()
            fresh.take(
                united,
                [place < count for place in range(len(names))]
                + [is_thing[before[name]] for name in united[len(names) :]],
            )
            state.update({f'{part}.{k}': v for k, v in fresh.state_dict().items()})
            rows = {new: before[n] for new, n in enumerate(united) if n in before}
            if part == 'categories':
                # The last output is of no object.
                rows[-1] = -1
            for key in (f'{row}.{kind}' for row in layers for kind in WEIGHTS):
                moved = own[key].clone()
                for new, old in rows.items():
                    moved[new] = state[key][old]
                state[key] = moved
            taken = sum(name in before for name in united)
            told.append(
                f'{part}: {taken} outputs taken over by name, {len(united) - taken} new'
            )
        return told

    def _clips(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> Iterator[tuple[list[Tensor], Tensor]]:
        """Yield of each scene the pyramid of its frames and their numbers.

        A scene's number of frames ``T`` is that of its clip, or that of the scene which
        is made of its image.

        Args:
            inputs: ``rgb`` ``[B, T_0, 3, H, W]``, ``depth`` ``[B, T_0, H, W]`` in
                metres, and bool ``frame_mask`` ``[B, T_0]``.
            data_samples: ``B`` of them.

        Yields:
            tuple[list[Tensor], Tensor]: Four scales ``[T, C, h, w]`` of the scene, the
            finest first, and float numbers ``[T]`` of its frames in its video, which
            lie between two frames where an image stands for a video of more.
        """
        with record_function('frame_encoder'):
            frames = self.frame_encoder.encode_frames(
                inputs['rgb'],
                inputs['depth'],
                inputs['frame_mask'],
                [sample.img_shape for sample in data_samples],
            )
        scenes = complete_scenes(
            frames,
            inputs['frame_mask'],
            data_samples,
            self.train_given,
            self.scene_transcender,
        )
        fused = self.aggregator(*scenes.frames)  # [B, T, gh, gw, C]
        for row, sample in enumerate(data_samples):
            real = scenes.frame_mask[row]
            with record_function('segmentor'):
                features = self.segmentor.backbone(fused[row, real])
            length, _ = sample.get('scene_length', (sample.num_frames, None))
            # A moment is the middle of a frame.
            yield features, scenes.times[row, real] * length - 0.5

    def _features(self, reader: Sequence, indices: Sequence[int]) -> list[Tensor]:
        """Return the pyramid of some frames.

        Args:
            reader: Frames of a video, with ``rgb`` and ``depth``.
            indices: Numbers of the ``F`` frames.

        Returns:
            list[Tensor]: Four scales ``[F, C, h, w]``, the finest first.
        """
        device = self.categories.encoded.device
        shown = [reader[index] for index in indices]
        rgb, depth = (
            torch.from_numpy(np.stack([getattr(frame, name) for frame in shown]))
            for name in ('rgb', 'depth')
        )
        rgb, depth = rgb.permute(0, 3, 1, 2)[None].to(device), depth[None].to(device)
        frame_mask = torch.ones(rgb.shape[:2], dtype=torch.bool, device=device)
        frames = self.frame_encoder.encode_frames(rgb, depth, frame_mask)
        return self.segmentor.backbone(self.aggregator(*frames)[0])
