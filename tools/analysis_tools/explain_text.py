"""Measure how unlikely the annotated texts are to a language model, as a table.

    python tools/analysis_tools/explain_text.py CONFIG CHECKPOINT
    python tools/analysis_tools/explain_text.py CONFIG none --out text.json \
        --group 'held out=mushroom,hammer,house'

The texts are those of the test data, with objects in the order of the training. Recall
says what a model finds; this is what it would have to know, without the chance of
sampled answers and without masks. Nats are of a whole label, or of both times of a
relation, given all that is before it, and so is how many are the likeliest.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from mmengine.dataset import pseudo_collate
from mmengine.utils import track_iter_progress

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.analysis.explanation import (
    PartLikelihood,
    explanation_parser,
    load_explained,
    part_likelihoods,
    read_label_groups,
    text_dataset,
)
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.utils import atomic_write, exit_on_input_error


def likelihoods(model: torch.nn.Module, dataset: dict) -> Iterator[PartLikelihood]:
    """Yield the parts of all texts."""
    videos = DATASETS.build(dataset)
    for index in track_iter_progress(range(len(videos)), file=sys.stderr):
        batch = model.data_preprocessor(pseudo_collate([videos[index]]))
        with torch.no_grad():
            scene = model.encode_scene(batch['inputs'], batch['data_samples'])
        yield from part_likelihoods(
            model.scene_graph_head, *scene, batch['data_samples']
        )[0]


def summarise(
    parts: Iterable[PartLikelihood], groups: dict[str, str]
) -> dict[str, dict]:
    """Return mean nats and number of each kind of part, and of each label in it.

    ``likeliest`` counts the parts of which no token had a likelier one in its place.
    """
    rows: dict[str, dict] = {}
    for part in parts:
        kind = part.kind
        if part.text in groups:
            kind = f'{kind}, {groups[part.text]}'
        row = rows.setdefault(
            kind, dict(parts=0, tokens=0, nats=0.0, likeliest=0, labels={})
        )
        label = row['labels'].setdefault(
            part.text, dict(parts=0, nats=0.0, likeliest=0)
        )
        for counts in (row, label):
            counts['parts'] += 1
            counts['nats'] += part.nats
            counts['likeliest'] += part.is_likeliest
        row['tokens'] += part.num_tokens
    for row in rows.values():
        if set(row['labels']) == {''}:
            del row['labels']
        else:
            for label in row['labels'].values():
                label['nats'] /= label['parts']
    return dict(sorted(rows.items()))


def print_table(rows: dict[str, dict]) -> None:
    """Print a line a kind; ``rest`` is a mean over tokens, and no label."""
    whole = sum(row['nats'] for row in rows.values())
    width = max(map(len, rows))
    print(f'{"":<{width}}{"number":>9}{"nats":>8}{"share":>8}{"likeliest":>11}')
    for kind, row in rows.items():
        is_label = 'labels' in row
        number = row['parts'] if is_label else row['tokens']
        share = row['nats'] / whole
        best = f'{row["likeliest"] / number:.1%}' if is_label else ''
        print(
            f'{kind:<{width}}{number:>9}{row["nats"] / number:>8.2f}{share:>8.1%}'
            f'{best:>11}'.rstrip()
        )
    tokens = sum(row['tokens'] for row in rows.values())
    print(f'{"all tokens":<{width}}{tokens:>9}{whole / tokens:>8.2f}')


@exit_on_input_error
def main() -> None:
    """Explain."""
    args = explanation_parser(__doc__.splitlines()[0]).parse_args()
    groups = read_label_groups(args.group)
    model, config = load_explained(args, 'scene_graph_head')
    rows = summarise(likelihoods(model, text_dataset(config)), groups)
    print_table(rows)
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(rows, indent=1), encoding='utf-8')


if __name__ == '__main__':
    main()
