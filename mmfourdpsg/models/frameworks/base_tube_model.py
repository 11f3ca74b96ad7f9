"""Base class of models that segment objects and may relate them, by closed names."""

from collections.abc import Mapping, Sequence

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import InputError

from ..label_names import LabelNames
from .base_scene_graph_model import BaseSceneGraphModel


class BaseTubeModel(BaseSceneGraphModel):
    """Has a segmentor, perhaps a relation head, and the names of what both tell.

    Args:
        segmentor: Config of the segmentor.
        relation_head: Config of the relation head, which is told the width of a query;
            None relates nothing.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        categories: Names of the segmentor's categories.
        predicates: Names of the relation head's predicates, if there is one.
        needs_compiled_operators: Whether it takes mmcv's compiled operators.
    """

    needs_compiled_operators = True

    def __init__(
        self,
        segmentor: dict,
        relation_head: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.segmentor = MODELS.build(segmentor)
        self.categories = LabelNames(
            'category', 'model.segmentor.num_categories', self.segmentor.num_categories
        )
        self.relation_head = None
        if relation_head is not None:
            self.relation_head = MODELS.build(
                dict(embed_dims=self.segmentor.embed_dims, **relation_head)
            )
            self.predicates = LabelNames(
                'predicate',
                'model.relation_head.num_predicates',
                self.relation_head.num_predicates,
            )

    def take_labels(self, metainfo: Mapping[str, Sequence[str]]) -> None:
        """Take over the names of what is trained on.

        Args:
            metainfo: Of the data set: ``thing_classes``, ``stuff_classes`` and
                ``predicates``.

        Raises:
            InputError: They do not fit the config, or the checkpoint that the training
                begins with has others.
        """
        self.categories.take_categories(metainfo)
        if self.relation_head is not None:
            self.predicates.take(list(metainfo['predicates']))

    def category_indices(self, sample: SceneGraphDataSample) -> list[int]:
        """Return the index of the category of each annotated object.

        Raises:
            InputError: One is none of the names.
        """
        indices = {name: index for index, name in enumerate(self.categories.names)}
        graph = sample.gt_scene_graph
        unknown = {item.category for item in graph.objects} - set(indices)
        if unknown:
            raise InputError(
                f'video {graph.video_id!r}: has the categories {sorted(unknown)[:8]}, '
                'expected those of the training data alone'
            )
        return [indices[item.category] for item in graph.objects]
