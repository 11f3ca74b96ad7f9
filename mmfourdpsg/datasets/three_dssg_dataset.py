"""Data set 3DSSG (Wald et al., CVPR 2020)."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.text_files import read_entries

from .attribute_words import attribute_words
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Object(msgspec.Struct):
    id: int
    label: str
    # Kind of attribute -> words.
    attributes: dict[str, list[str]] | None = None


class _ObjectScan(msgspec.Struct):
    scan: str
    objects: list[_Object]


class _Objects(msgspec.Struct):
    scans: list[_ObjectScan]


class _RelationScan(msgspec.Struct):
    scan: str
    relationships: list[tuple[int, int, int, str]]
    objects: dict[str, str] | None = None
    split: int | None = None


class _Relations(msgspec.Struct):
    scans: list[_RelationScan]


@DATASETS.register_module()
class ThreeDSSGDataset(SceneGraphVideoDataset):
    """3DSSG: scene graphs of the scans of 3RScan, without images.

    The full form has ``objects.json`` and ``relationships.json``. The subset form has
    ``relationships_<split>.json`` whose scans are cut in parts, each with the
    ``objects`` of its own; there a graph is called ``<scan>_<part>``.

    Splits are ``train``, ``val`` (also ``validation``) and ``all``: of the subset form
    its files, of the full form ``<split>_scans.txt`` (3RScan), one scan a line. Where
    both forms are there, the subset is taken, but for ``all``.
    """

    source = 'https://3dssg.github.io'
    ann_files = ('',)

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one a scan or a part of one."""
        root = Path(self.ann_file or self.data_root)
        names = [self.split]
        if self.split in ('val', 'validation'):
            names = ['validation', 'val']
        if self.split == 'all':
            names = ['train', 'validation', 'val', 'test']
        subset = [root / f'relationships_{name}.json' for name in names]
        subset = [path for path in subset if path.is_file()]
        full = root / 'relationships.json'
        if subset and not (self.split == 'all' and full.is_file()):
            for path in subset:
                yield from self._read(path, None)
            return
        wanted = None
        if self.split != 'all':
            lists = [root / f'{name}_scans.txt' for name in names]
            lists = [path for path in lists if path.is_file()]
            if not lists:
                raise InputError(
                    f'{root}: has neither relationships_{names[0]}.json nor '
                    f'{names[0]}_scans.txt, expected one of them for split '
                    f'{self.split!r}'
                )
            wanted = set(read_entries(lists[0], 'scans'))
        yield from self._read(full, wanted)

    def _read(self, path: Path, wanted: set[str] | None) -> Iterator[dict]:
        file = RecordFile(path, _Relations)
        scans = file.content.scans
        if wanted is not None:
            scans = [scan for scan in scans if scan.scan in wanted]
        known: dict[str, dict[int, SceneObject]] = {}
        if any(scan.objects is None for scan in scans):
            objects = RecordFile(path.with_name('objects.json'), _Objects).content
            known = {
                scan.scan: {item.id: _object(item) for item in scan.objects}
                for scan in objects.scans
            }
        seen = set()
        for index, scan in enumerate(scans):
            where = f'scans[{index}] ({scan.scan})'
            video_id = scan.scan if scan.split is None else f'{scan.scan}_{scan.split}'
            if video_id in seen:
                file.fail(where, f'{video_id!r} occurs twice')
            seen.add(video_id)
            found = known.get(scan.scan, {})
            if scan.objects is not None:
                if not all(key.isdecimal() for key in scan.objects):
                    file.fail(where, 'has objects whose ids are no numbers')
                found = {
                    int(key): SceneObject(int(key), label)
                    for key, label in scan.objects.items()
                }
            relations = [
                Relation(subject, name, other, [(0, 0)])
                for subject, other, _, name in scan.relationships
            ]
            yield dict(
                video_id=video_id,
                num_frames=1,
                fps=None,
                scene_graph=self.build_scene_graph(
                    file,
                    where,
                    video_id,
                    1,
                    list(found.values()),
                    relations,
                ),
            )


def _object(item: _Object) -> SceneObject:
    rows = [word for words in (item.attributes or {}).values() for word in words]
    return SceneObject(item.id, item.label, attributes=attribute_words(rows))
