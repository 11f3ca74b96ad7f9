"""Write the model card of a folder of foundation weights, from their metadata.

Example:
python tools/model_converters/make_model_card.py checkpoints/tabletop
"""

import argparse
import json
from pathlib import Path

from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.weight_files import load_metadata, load_weights

TEXT = """# Foundation weights for Tabletop-4D

What 4D-LLM begins with on the simulated world, in the place of ImageBind, SAM2 and
LLaMA-2: small models, pretrained from random weights on simulated scenes that no
training or evaluation split has ({data}; seeds of the two never meet, and held-out
categories and predicates do not occur). Half precision, Apache-2.0. They know this
simulated world and nothing else.

| weights | parameters | size | trained by | epochs | date | scores on unseen scenes |
|---|---|---|---|---|---|---|
{rows}

`bash tools/pretrain_all.sh` runs the pretrainings below in order; these weights were
not made by one run of it, see the end of the list. This card was written by
`python tools/model_converters/make_model_card.py {folder}`. The corpus is made by
`python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0
--out data/tabletop_foundation`, and short videos of more scenes by
`python tools/make_tabletop.py --seed 4 --frames 8 --train 1600 --test 0 --unseen 0
--out data/tabletop_foundation_clips`.

- **ImageBind** (`imagebind_mini.py`): patches of RGB and depth of the same place are
  matched against others (retrieval, in percent); RGB patches give depth and slope;
  patches of one object are alike; and the mean over an object's patches, and each of
  them alone, is classified among the names of categories, as ImageBind's own training
  ties images to text. So object names of the corpus are used as labels here, beside
  simulated geometry.
- **SAM2**, without categories: pixels of one object are to be alike and those of
  different objects unlike (`sam2_mini_features.py`); then it segments what a click, a
  box or a mask in a frame points at, and what an embedding of the object (its looks and
  place in some frame) does (`sam2_mini_image.py`); then it follows that by memory
  (`sam2_mini.py`).
- **LLaMA** learns scene graphs from text alone (`tiny_llama_words.py`): it writes the
  graphs of scenes that are described to it in its own words, one token an object and
  frame, with times and places as numbers.
- **Alignment** (`tiny_llama.py`): as vision-language models learn captions before a
  task, the language model then lists the objects of scenes that it sees, and nothing
  of their relations, while it goes on to write graphs from words. The projector is
  fitted beforehand to where names lie among ImageBind's features
  (`export_name_embeddings.py`); the hidden state behind `[Obj]` is pulled towards
  SAM2's own embedding of the object and learns from the masks that a frozen SAM2 makes
  of it. So masks of the corpus are used here, and its relations are not, but in words.
  Aggregator, embeddings of time and place and both projectors are in
  `alignment.safetensors`.
- **Grounding** (`grounding.py`, `grounding_fine.py` with SAM2 at 256 in place of 128
  rows and columns of pixels, then `grounding_lists.py`): what stands behind `[Obj]`
  and the SAM2 that it prompts, image encoder included, learn from each other to find
  the objects of a list. From here on SAM2 is prompted by what the language model knows
  of an object: its kind and about where it is. A part of each batch still prompts with
  clicks, boxes and masks, so that SAM2 does not unlearn them; how well it follows those
  is in `docs/results_first_edition.md`. In the last stage, without those, lists are of
  the eight frames that 4D-LLM sees.

The weights here were made in another order, first for the first edition of the world:
SAM2 was pretrained without `sam2_mini_features.py`, then grounded for three epochs
without clicks, its image encoder trained for three epochs of `sam2_mini_features.py`,
and both grounded for two epochs more, with the loss of that stage beside the others.
The embeddings with which scenes are described were fitted anew to the language model
before that, for one epoch. All stages before `grounding_fine.py` mirrored scenes
without exchanging subject and object of what names the left one first (`swap_objects`).
All that was on corpora whose camera saw 42 degrees. Then `grounding_fine.py` ran for
two epochs at 192 rows and columns, two more with a camera that sees 34 degrees, and two
at 256, in bfloat16 (`--amp`).

For the second edition they went on from there, on 600 videos of its corpus and none of
the short ones: the language model learned its graphs from words (`tiny_llama_words.py`,
20 epochs), the projector was fitted to it, and `grounding_fine.py` ran for four epochs
with SAM2's image encoder as it was, without clicks, boxes and masks, with masks of half
of the videos of a batch, and words of two of them; then, no longer pulled towards the
embeddings of names, for two epochs at a constant and seven at a falling rate. Then
ImageBind learned the second edition, on all 2,500 videos, and what each patch is
called, which it had not before, and `grounding_lists.py` taught the language model to
read it.

Scores are of one model with all four files: perplexity a token and accuracy of the next
token, in percent, of lists from images (caption) and of graphs from words (text). `obj`
is the mean IoU, in percent, of what SAM2 makes of the `[Obj]` of a list as annotated,
in the first of eight frames and in later ones, of things and of stuff.
"""


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', help='folder of weights (.safetensors)')
    return parser.parse_args()


def row(path: Path, folder: Path) -> str:
    """Return the table's row of a file of weights."""
    metadata = load_metadata(path)
    count = sum(value.numel() for value in load_weights(path).values())
    scores = json.loads(metadata.get('scores', '{}'))
    named = ', '.join(
        f'{key.replace("/", " ").replace("_", " ")} {value:.2f}'
        for key, value in scores.items()
        if not key.endswith('time')
    )
    return (
        f'| `{path.relative_to(folder)}` | {count / 1e6:.2f} M '
        f'| {path.stat().st_size / 1e6:.1f} MB | `{metadata.get("config", "?")}` '
        f'| {metadata.get("epochs", "?")} | {metadata.get("date", "?")} | {named} |'
    )


@exit_on_input_error
def main() -> None:
    """Write README.md into the folder.

    Raises:
        InputError: The folder holds no weights.
    """
    folder = Path(parse_args().folder)
    paths = sorted(folder.rglob('*.safetensors'))
    if not paths:
        raise InputError(f'{folder}: no weights (.safetensors) in it')
    listed = [load_metadata(path).get('data', '?').split(', ') for path in paths]
    data = sorted({name for names in listed for name in names})
    text = TEXT.format(
        data=', '.join(f'`{name}`' for name in data),
        rows='\n'.join(row(path, folder) for path in paths),
        folder=folder,
    )
    with atomic_write(folder / 'README.md') as temporary:
        temporary.write_text(text, encoding='utf-8')
    print(f'{folder / "README.md"}: {len(paths)} files of weights')


if __name__ == '__main__':
    main()
