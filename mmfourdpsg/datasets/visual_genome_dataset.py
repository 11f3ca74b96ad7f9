"""Data set Visual Genome (Krishna et al., IJCV 2017), as published in JSON."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject
from mmfourdpsg.utils.text_files import read_entries

from .attribute_words import attribute_words
from .image_records import ImageRecords
from .label_aliases import read_aliases
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Image(msgspec.Struct):
    image_id: int
    width: int
    height: int
    url: str


class _Object(msgspec.Struct):
    object_id: int
    x: float
    y: float
    w: float
    h: float
    names: list[str] = []
    name: str | None = None
    merged_object_ids: list[int] = []
    attributes: list[str | None] | None = None
    # Among the image's objects, from 1; not in the file.
    place: int = 0


class _Objects(msgspec.Struct):
    image_id: int
    objects: list[_Object]


class _Attributed(msgspec.Struct):
    object_id: int
    attributes: list[str | None] | None = None


class _Attributes(msgspec.Struct):
    image_id: int
    attributes: list[_Attributed]


class _End(msgspec.Struct):
    object_id: int


class _Relationship(msgspec.Struct):
    predicate: str
    subject: _End
    object: _End


class _Relationships(msgspec.Struct):
    image_id: int
    relationships: list[_Relationship]


@DATASETS.register_module()
class VisualGenomeDataset(SceneGraphVideoDataset):
    """Visual Genome: images with boxes and relations in free words.

    ``image_data.json`` has the size and url of each image, whose last two parts name
    its file (``VG_100K/2.jpg``); ``objects.json`` its boxes ``x, y, w, h`` in pixels;
    ``relationships.json`` its relations, whose ends are found by ``object_id``, also
    among the ``merged_object_ids`` of an object. Names are lower-cased and stripped.
    ``attributes.json``, where it lies beside them, says what objects are like.

    Skipped, and counted in the warning: relations with an end that is not among the
    image's objects, objects without a box in the image, objects and relations without
    a name, and the images in ``corrupt_images``. The paper's vocabulary is nowhere
    published; ``num_categories`` and ``num_predicates`` cut by frequency over all
    images of the split.

    Pseudo masks, which ``tools/dataset_converters/vg_boxes_to_masks.py`` makes, are
    ``masks/<image id>.png``, whose pixels count the image's objects from 1.

    There is no published split: ``train`` and ``all`` are all images, unless
    ``<split>.txt``, one image id a line, lies beside the annotation.

    Args:
        object_aliases: File of alias lines, ``canonical,alias,...``, relative to the
            data root.
        predicate_aliases: The same for predicates.
        num_categories: Keep the most frequent categories, and objects of them.
        num_predicates: Keep the most frequent predicates, and relations of them.
        corrupt_images: Ids of images whose files are damaged.
        **kwargs: As for :class:`SceneGraphVideoDataset`.
    """

    source = 'https://homes.cs.washington.edu/~ranjay/visualgenome'
    companions = ('objects.json', 'relationships.json')
    ann_files = ('image_data.json', 'annotations/image_data.json')
    needs_boxes = True
    prefixes = dict(rgb=('VG_100K*', 'images/VG_100K*', ''), mask=('masks',))
    readers = dict(mask_decoder=dict(type='PaletteMaskDecoder'))

    def __init__(
        self,
        *args: Any,
        object_aliases: str | None = None,
        predicate_aliases: str | None = None,
        num_categories: int | None = None,
        num_predicates: int | None = None,
        corrupt_images: tuple[int, ...] = (1592, 1722, 4616, 4617),
        **kwargs: Any,
    ) -> None:
        self.alias_files = object_aliases, predicate_aliases
        self.vocabulary_sizes = num_categories, num_predicates
        self.corrupt_images = frozenset(corrupt_images)
        super().__init__(*args, **kwargs)

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one an image."""
        root = Path(self.data_root)
        names, predicates = (
            read_aliases(root / path) if path else {} for path in self.alias_files
        )
        images = RecordFile(self.ann_file, list[_Image])
        wanted = self._wanted(images)
        objects = self._records(wanted, 'objects.json')
        relations = self._records(wanted, 'relationships.json')
        kept = self._vocabularies(objects, relations, names, predicates)
        attributes = None
        if Path(self.ann_file).with_name('attributes.json').is_file():
            attributes = self._records(wanted, 'attributes.json')
        for index, image in enumerate(images.content):
            if image.image_id in wanted:
                yield self._entry(
                    images,
                    f'[{index}] (image {image.image_id})',
                    image,
                    list(self._objects(objects, image.image_id, names, kept[0])),
                    list(
                        self._relations(relations, image.image_id, predicates, kept[1])
                    ),
                    self._attributes(attributes, image.image_id),
                )
            if index % 4096 == 4095:
                for records in (objects, relations, attributes):
                    if records is not None:
                        records.file.forget()

    def _wanted(self, images: RecordFile) -> set[int]:
        image_ids = [str(image.image_id) for image in images.content]
        splits = dict(train=image_ids)
        listed = Path(self.ann_file).with_name(f'{self.split}.txt')
        if listed.is_file():
            splits[self.split] = read_entries(listed, 'image ids')
        chosen = images.videos_of_split(self.split, splits, dict.fromkeys(image_ids))
        wanted = {int(image_id) for image_id in chosen}
        self.count(
            'images with damaged files left out', len(wanted & self.corrupt_images)
        )
        return wanted - self.corrupt_images

    def _records(self, wanted: set[int], name: str) -> ImageRecords:
        return ImageRecords(Path(self.ann_file).with_name(name), wanted)

    def _objects(
        self,
        records: ImageRecords,
        image_id: int,
        aliases: dict[str, str],
        kept: frozenset[str] | None,
    ) -> Iterator[tuple[_Object, str | None]]:
        """Yield an image's objects, each with its category, None if it is left out."""
        for place, item in enumerate(records.get(image_id, _Objects).objects, start=1):
            item.place = place
            name = clean(item.names[0] if item.names else item.name or '', aliases)
            if not name:
                self.count('objects without a name left out')
            yield item, name if name and (kept is None or name in kept) else None

    def _relations(
        self,
        records: ImageRecords,
        image_id: int,
        aliases: dict[str, str],
        kept: frozenset[str] | None,
    ) -> Iterator[tuple[_Relationship, str]]:
        for row in records.get(image_id, _Relationships).relationships:
            name = clean(row.predicate, aliases)
            if not name:
                self.count('relations without a predicate left out')
            elif kept is None or name in kept:
                yield row, name

    @staticmethod
    def _attributes(
        records: ImageRecords | None, image_id: int
    ) -> dict[int, list[str | None]]:
        """Return what a file of their own says of an image's objects."""
        found: dict[int, list[str | None]] = {}
        if records is None:
            return found
        for row in records.get(image_id, _Attributes).attributes:
            found.setdefault(row.object_id, []).extend(row.attributes or ())
        return found

    def _vocabularies(
        self, objects: ImageRecords, relations: ImageRecords, *aliases: dict[str, str]
    ) -> list[frozenset[str] | None]:
        """Return the most frequent categories and predicates, where there is a cut."""
        kept: list[frozenset[str] | None] = []
        sources = ((objects, self._objects), (relations, self._relations))
        for (records, read), names, size in zip(
            sources, aliases, self.vocabulary_sizes, strict=True
        ):
            if size is None:
                kept.append(None)
                continue
            counts = Counter(
                name for key in records for _, name in read(records, key, names, None)
            )
            counts.pop(None, None)
            kept.append(frozenset(name for name, _ in counts.most_common(size)))
        # Only the second reading counts what is left out.
        for what in [key for key in self._counts if 'without a' in key]:
            del self._counts[what]
        return kept

    def _entry(
        self,
        file: RecordFile,
        where: str,
        image: _Image,
        objects: list[tuple[_Object, str | None]],
        relations: list[tuple[_Relationship, str]],
        attributes: dict[int, list[str | None]],
    ) -> dict:
        folder, _, name = '/'.join(re.split(r'[/\\]', image.url)[-2:]).rpartition('/')
        file.file_name(f'{folder}/{name}', f'{where}.url')
        kept = [(item, category) for item, category in objects if category is not None]
        owners = {}
        for item, _ in kept:
            owners.update(dict.fromkeys(item.merged_object_ids, item.object_id))
        # An object's own id is stronger than another's claim to it.
        owners.update({item.object_id: item.object_id for item, _ in kept})
        listed = {
            key
            for item, _ in objects
            for key in (item.object_id, *item.merged_object_ids)
        }
        rows = []
        for row, predicate in relations:
            ends = row.subject.object_id, row.object.object_id
            if not listed.issuperset(ends):
                lacking = f'object {[end for end in ends if end not in listed]}'
                self.builder.leave_out(
                    file, where, f'relation {predicate!r:.60}', lacking
                )
            elif not owners.keys() >= {*ends}:
                self.count('relations of an object that is left out')
            else:
                rows.append(
                    Relation(owners[ends[0]], predicate, owners[ends[1]], [(0, 0)])
                )
        found = {
            item.object_id: SceneObject(
                item.object_id,
                category,
                boxes={0: (item.x, item.y, item.x + item.w, item.y + item.h)},
                attributes=attribute_words(
                    [
                        *(item.attributes or ()),
                        *(
                            value
                            for key in (item.object_id, *item.merged_object_ids)
                            for value in attributes.get(key, ())
                        ),
                    ]
                ),
            )
            for item, category in kept
        }
        self.count('objects that repeat another left out', len(kept) - len(found))
        video_id, size = str(image.image_id), (image.height, image.width)
        graph = self.build_scene_graph(
            file, where, video_id, 1, list(found.values()), rows, size
        )
        shown = {item.id for item in graph.objects}
        return dict(
            video_id=video_id,
            num_frames=1,
            fps=None,
            scene_graph=graph,
            rgb_path=self.directory('rgb', folder),
            rgb_names=[name],
            mask_path=self.directory('mask'),
            mask_names=[f'{video_id}.png'],
            mask_ids={
                item.place: item.object_id if item.object_id in shown else 0
                for item, _ in objects
            },
        )


def clean(name: str, aliases: dict[str, str]) -> str:
    """Return a name lower-cased, stripped and by its canonical alias."""
    name = name.strip().lower()
    return aliases.get(name, name)
