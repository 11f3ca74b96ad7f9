"""Measure how well the annotated texts prompt the tube decoder, as a table.

    python tools/analysis_tools/explain_tubes.py CONFIG CHECKPOINT
    python tools/analysis_tools/explain_tubes.py CONFIG none --out tubes.json \
        --group 'held out=mushroom,hammer,house'

The texts are those of the test data, with objects in the order of the training. Each
object's ``[Obj]`` prompts the tube decoder, and its tube is compared with the annotated
one: how well masks fit where every name is right, so that objects that a model names at
last do not make those that it named before look worse.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import torch
from mmengine.dataset import pseudo_collate
from mmengine.utils import track_iter_progress

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.analysis.explanation import (
    explanation_parser,
    load_explained,
    read_label_groups,
    text_dataset,
)
from mmfourdpsg.evaluation.functional import tube_iou
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.utils import atomic_write, exit_on_input_error


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = explanation_parser(__doc__.splitlines()[0])
    parser.add_argument(
        '--min-iou', type=float, default=0.5, help='from where on a tube fits'
    )
    return parser.parse_args()


def ious(
    model: torch.nn.Module, texts: dict, scenes: dict
) -> Iterator[tuple[str, bool, float]]:
    """Yield category, whether it is stuff, and volume IoU of each object.

    Args:
        model: A 4D-LLM.
        texts: Config of the data that prompts are made of.
        scenes: Config of the same data with all masks.
    """
    told, shown = DATASETS.build(texts), DATASETS.build(scenes)
    stuff = set(shown.metainfo.get('stuff_classes', ()))
    for index in track_iter_progress(range(len(told)), file=sys.stderr):
        batch = model.data_preprocessor(pseudo_collate([told[index]]))
        with torch.no_grad():
            scene = model.encode_scene(batch['inputs'], batch['data_samples'])
            _, (prompts,) = model.scene_graph_head.loss(*scene, batch['data_samples'])
        (sample,) = batch['data_samples']
        found = model.tube_decoder.predict(sample.frame_reader, prompts.states)
        graph = shown[index]['data_samples'].gt_scene_graph
        objects = {item.id: item for item in graph.objects}
        for object_id, tube in zip(prompts.object_ids, found.tubes, strict=True):
            item = objects[object_id]
            yield item.category, item.category in stuff, tube_iou(tube, item.tube)


def summarise(
    rows: Iterable[tuple[str, bool, float]], groups: Mapping[str, str], min_iou: float
) -> dict[str, dict]:
    """Return number, mean IoU and share of tubes that fit, of groups and categories."""
    kinds: dict[str, dict[str, list[float]]] = {}
    for category, is_stuff, iou in rows:
        kind = groups.get(category, 'stuff' if is_stuff else 'things')
        kinds.setdefault(kind, {}).setdefault(category, []).append(iou)
    return {
        kind: dict(
            _means([iou for found in labels.values() for iou in found], min_iou),
            labels={
                label: _means(found, min_iou) for label, found in sorted(labels.items())
            },
        )
        for kind, labels in sorted(kinds.items())
    }


def _means(found: list[float], min_iou: float) -> dict[str, float]:
    fit = sum(iou >= min_iou for iou in found) / len(found)
    return dict(objects=len(found), iou=sum(found) / len(found), fit=fit)


def print_table(rows: Mapping[str, Mapping], min_iou: float) -> None:
    """Print a line a group."""
    width = max(map(len, rows), default=0)
    print(f'{"":<{width}}{"objects":>9}{"IoU":>8}{f"IoU >= {min_iou:g}":>13}')
    for kind, row in rows.items():
        print(
            f'{kind:<{width}}{row["objects"]:>9}{row["iou"]:>8.3f}{row["fit"]:>13.1%}'
        )


@exit_on_input_error
def main() -> None:
    """Explain."""
    args = parse_args()
    groups = read_label_groups(args.group)
    model, config = load_explained(args, 'scene_graph_head', 'tube_decoder')
    scenes = config.test_dataloader.dataset
    found = ious(model, text_dataset(config), scenes)
    rows = summarise(found, groups, args.min_iou)
    print_table(rows, args.min_iou)
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(rows, indent=1), encoding='utf-8')


if __name__ == '__main__':
    main()
