"""Filter of a data set's videos, objects and relations."""

from collections.abc import Iterable, Iterator

from mmfourdpsg.structures import Relation, SceneGraph

from .packed_scene_graph import PackedSceneGraph


class SceneGraphFilter:
    """Filters the entries of a data set by their scene graphs.

    Held-out labels make the seen and unseen splits of Table 7: with ``keep='seen'``
    objects of held-out categories, and relations that have a held-out label, are taken
    out, as for training; with ``keep='unseen'`` all objects stay and of the relations
    only those with a held-out label.

    Args:
        min_relations: Videos with fewer relations, after the rest, are dropped.
        unseen_categories: Categories that are held out.
        unseen_predicates: Predicates that are held out.
        keep: ``seen`` or ``unseen``.

    Raises:
        ValueError: ``keep`` is neither.
    """

    def __init__(
        self,
        min_relations: int = 0,
        unseen_categories: Iterable[str] = (),
        unseen_predicates: Iterable[str] = (),
        keep: str = 'seen',
    ) -> None:
        if keep not in ('seen', 'unseen'):
            raise ValueError(f"keep is {keep!r}, expected 'seen' or 'unseen'")
        self.min_relations = min_relations
        self.unseen_categories = frozenset(unseen_categories)
        self.unseen_predicates = frozenset(unseen_predicates)
        self.keep = keep

    def __call__(self, entries: Iterable[dict]) -> Iterator[dict]:
        """Yield what is left of entries whose ``scene_graph`` is packed."""
        for entry in entries:
            if self.unseen_categories or self.unseen_predicates:
                entry = self._filter(entry)
            packed = entry.get('scene_graph')
            if (packed.num_relations if packed else 0) >= self.min_relations:
                yield entry

    def _filter(self, entry: dict) -> dict:
        graph = entry['scene_graph'].unpack()
        unseen = {
            item.id for item in graph.objects if item.category in self.unseen_categories
        }

        def held_out(row: Relation) -> bool:
            ends = {row.subject, row.object}
            return row.predicate in self.unseen_predicates or not ends.isdisjoint(
                unseen
            )

        wanted = self.keep == 'unseen'
        removed = set() if wanted else unseen
        filtered = SceneGraph(
            graph.video_id,
            graph.height,
            graph.width,
            graph.num_frames,
            [item for item in graph.objects if item.id not in removed],
            [row for row in graph.relations if held_out(row) == wanted],
        )
        return dict(
            entry,
            scene_graph=PackedSceneGraph(filtered),
            void_ids=[*entry.get('void_ids', ()), *sorted(removed)],
        )
