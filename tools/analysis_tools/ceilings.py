"""Print what parts of a model reach where all before them is perfect.

    python tools/analysis_tools/ceilings.py text CONFIG
    python tools/analysis_tools/ceilings.py words CONFIG CHECKPOINT
    python tools/analysis_tools/ceilings.py masks CONFIG CHECKPOINT

- ``text``: true tubes, labels and order of objects; graphs are written as the config's
  text formats do, and read again. What is lost is lost to the grid of times, to answers
  that are too long, and in the second row of a format to the frames that are not seen.
- ``words``: CONFIG is one of configs/foundation that describes scenes in the language
  model's own words; it answers greedily, or is searched for relations, and what it
  names has its true tube.
- ``masks``: SAM2 is given the true box in every frame, the true mask in the first frame
  alone, and the ``[Obj]`` of annotated texts.

All are of the test data of CONFIG, strict protocol. CHECKPOINT is a file, or "none" for
the weights that the config begins with.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from mmengine.registry import init_default_scope

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.analysis.ceilings import (
    ceiling_table,
    score_ceiling,
    text_ceilings,
    true_graphs,
    words_ceilings,
    written_samples,
)
from mmfourdpsg.analysis.explanation import (
    PROMPTS,
    load_explained,
    print_tubes,
    summarise_tubes,
    text_dataset,
    tube_fits,
)
from mmfourdpsg.engine.launch import ConfigOptions, read_config
from mmfourdpsg.evaluation.report import recall_table, relations_table, stages_table
from mmfourdpsg.evaluation.scores import SceneGraphScores
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_file,
    exit_on_input_error,
)

MIN_IOU = 0.5


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest='kind', required=True)
    for kind, run in KINDS.items():
        part = kinds.add_parser(kind, description=run.__doc__)
        part.add_argument('config', help='config')
        if kind != 'text':
            part.add_argument(
                'checkpoint', help='checkpoint file, or "none" for the untrained model'
            )
            part.add_argument('--device', help='the GPU where there is one, if not set')
        part.add_argument('--out', help='file for the figures (JSON)')
        part.add_argument('--cfg-options', nargs='+', action=ConfigOptions)
    return parser.parse_args()


def text(args: argparse.Namespace) -> dict[str, dict]:
    """Print the rule-based ceiling of each text format."""
    config = read_config(args.config, args.cfg_options)
    init_default_scope(config.get('default_scope', 'mmdet'))
    head = config.model.get('scene_graph_head')
    if head is None:
        raise InputError(f'{args.config}: expected a model with a scene_graph_head')
    samples = written_samples(text_dataset(config))
    truths = true_graphs(config.test_dataloader.dataset)
    rows = {}
    for row in text_ceilings(head, samples, truths):
        rows[row.name] = score_ceiling(truths, row.predictions)
        if row.num_cut:
            print(f'{row.name}: {row.num_cut} answers were cut, being too long')
    print(ceiling_table(rows))
    return {name: scores.to_dict() for name, scores in rows.items()}


def words(args: argparse.Namespace) -> dict[str, dict]:
    """Print the ceiling of the language model, which is told what is to be seen."""
    model, config = load_explained(args, 'scene_graph_head', 'scene_description')
    dataset = config.test_dataloader.dataset
    truths = true_graphs(dataset)
    rows: dict[str, SceneGraphScores] = {}
    search = config.model.scene_graph_head.get('decoder', {}).get('search')
    for name, graphs in words_ceilings(model, dataset, truths, search=search):
        scores = rows[name] = score_ceiling(truths, graphs)
        print(f'{name}\n\n{recall_table(scores.recall, scores.topk)}\n')
        print(f'{relations_table(scores.relations)}\n')
        print(f'{stages_table(scores.stages)}\n')
    print(ceiling_table(rows))
    return {name: scores.to_dict() for name, scores in rows.items()}


def masks(args: argparse.Namespace) -> dict[str, dict]:
    """Print how well masks fit where objects are pointed at."""
    model, config = load_explained(args, 'scene_graph_head', 'tube_decoder')
    texts, scenes = text_dataset(config), config.test_dataloader.dataset
    found = {}
    for prompt, title in PROMPTS.items():
        fits = tube_fits(model, texts, scenes, prompt)
        found[prompt] = summarise_tubes(fits, {}, MIN_IOU)
        print_tubes(found[prompt], MIN_IOU, title)
        print(flush=True)
    return found


KINDS: dict[str, Callable[[argparse.Namespace], dict]] = dict(
    text=text, words=words, masks=masks
)


@exit_on_input_error
def main() -> None:
    """Print a ceiling."""
    args = parse_args()
    check_output_file(args.out)
    found = KINDS[args.kind](args)
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(found, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
