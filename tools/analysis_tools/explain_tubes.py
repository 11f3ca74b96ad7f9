"""Measure how well masks fit where the tube decoder is told of every object.

    python tools/analysis_tools/explain_tubes.py CONFIG CHECKPOINT
    python tools/analysis_tools/explain_tubes.py CONFIG none --out tubes.json \
        --group 'held out=mushroom,hammer,house'
    python tools/analysis_tools/explain_tubes.py CONFIG CHECKPOINT --prompt boxes

The texts are those of the test data, with objects in the order of the training. Each
object's ``[Obj]`` prompts the tube decoder, and its tube is compared with the annotated
one: how well masks fit where every name is right, so that objects that a model names at
last do not make those that it named before look worse. ``--prompt boxes`` gives SAM2
the true box in every frame in its place, ``mask`` the true mask in the first frame that
shows the object, of which the later frames are compared.
"""

import json
from pathlib import Path

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.analysis.explanation import (
    PROMPTS,
    explanation_parser,
    load_explained,
    print_tubes,
    read_label_groups,
    summarise_tubes,
    text_dataset,
    tube_fits,
)
from mmfourdpsg.utils import atomic_write, exit_on_input_error


@exit_on_input_error
def main() -> None:
    """Explain."""
    parser = explanation_parser(__doc__.splitlines()[0])
    parser.add_argument(
        '--min-iou', type=float, default=0.5, help='from where on a tube fits'
    )
    parser.add_argument(
        '--prompt', choices=PROMPTS, default='text', help='what tells of the objects'
    )
    args = parser.parse_args()
    groups = read_label_groups(args.group)
    model, config = load_explained(args, 'scene_graph_head', 'tube_decoder')
    scenes = config.test_dataloader.dataset
    fits = tube_fits(model, text_dataset(config), scenes, args.prompt)
    rows = summarise_tubes(fits, groups, args.min_iou)
    print_tubes(rows, args.min_iou, PROMPTS[args.prompt])
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(rows, indent=1), encoding='utf-8')


if __name__ == '__main__':
    main()
