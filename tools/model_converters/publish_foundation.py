"""Turn a checkpoint of a pretraining run into foundation weights.

Example:
python tools/model_converters/publish_foundation.py
    configs/foundation/tabletop/grounding_lists.py
    work_dirs/foundation/grounding_lists
    --out checkpoints/tabletop/tiny_llama_pretrained
    --sam2 checkpoints/tabletop/sam2_mini.safetensors
"""

import argparse
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from mmengine.registry import init_default_scope

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.models.language_models import export_language_model
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError, exit_on_input_error
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.dataset_configs import data_roots
from mmfourdpsg.utils.run_folder import last_checkpoint
from mmfourdpsg.utils.weight_files import save_weights


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of the pretraining')
    parser.add_argument('work_dir', help='work dir of its finished run')
    parser.add_argument(
        '--out',
        required=True,
        help='the weights: a file (.safetensors), or a folder for a language model',
    )
    parser.add_argument(
        '--prompts', help="also write the embedding of SAM2's prompts, to this file"
    )
    parser.add_argument(
        '--sam2', help='also write the SAM2 that a language model learned with'
    )
    return parser.parse_args()


def last_scores(work_dir: Path) -> dict[str, float]:
    """Return the scores of a run's last validation.

    Raises:
        InputError: The run was never validated.
    """
    for log in sorted(work_dir.glob('*/vis_data/scalars.json'), reverse=True):
        rows = [
            json.loads(line) for line in log.read_text(encoding='utf-8').splitlines()
        ]
        for row in reversed(rows):
            scores = {key: row[key] for key in row if '/' in key}
            if scores:
                return scores
    raise InputError(f'{work_dir}: no log of a validation in it, expected a run')


def check_finished(checkpoint: dict, max_epochs: int, path: Path) -> None:
    """Make sure that a checkpoint is of the end of its run, as its scores are.

    Raises:
        InputError: It is of an earlier epoch.
    """
    epoch = checkpoint.get('meta', {}).get('epoch')
    if epoch != max_epochs:
        raise InputError(
            f'{path}: is of epoch {epoch}, expected {max_epochs}, with which the run '
            'of this config ends'
        )


def write_all(
    model: torch.nn.Module, metadata: dict[str, str], args: argparse.Namespace
) -> None:
    """Write all files of a model beside their places, then move them there.

    Raises:
        InputError: One cannot be written; then none is in its place.
    """
    out = Path(args.out)
    # What is written -> its place.
    staged: dict[Path, Path] = {}
    with ExitStack() as stack:

        def beside(place: Path) -> Path:
            place.parent.mkdir(parents=True, exist_ok=True)
            folder = TemporaryDirectory(prefix='.publish-', dir=place.parent)
            return Path(stack.enter_context(folder))

        def stage(place: Path) -> Path:
            check_place(place, folder=False)
            written = beside(place) / place.name
            staged[written] = place
            return written

        try:
            if hasattr(model, 'foundation_weights'):
                save_weights(stage(out), model.foundation_weights(), metadata)
                if args.prompts:
                    part = stage(Path(args.prompts))
                    save_weights(part, model.prompt_weights(), metadata, torch.float32)
            else:
                check_place(out, folder=True)
                folder = beside(out)
                language_model = model.scene_graph_head.language_model
                export_language_model(language_model, folder, metadata=metadata)
                if alignment := model.alignment_weights():
                    save_weights(folder / 'alignment.safetensors', alignment, metadata)
                staged |= {path: out / path.name for path in folder.iterdir()}
                if args.sam2:
                    save_weights(stage(Path(args.sam2)), model.sam2_weights(), metadata)
                out.mkdir(exist_ok=True)
            for written, place in staged.items():
                os.replace(written, place)
        except OSError as error:
            raise InputError(f'{args.out}: cannot be written ({error})') from None


def check_place(place: Path, folder: bool) -> None:
    """Make sure that a file, or a folder, can be at a place.

    Raises:
        InputError: The other is there.
    """
    if place.exists() and place.is_dir() != folder:
        kinds = ('file', 'folder') if folder else ('folder', 'file')
        raise InputError(f'{place}: is a {kinds[0]}, expected a {kinds[1]}')


@exit_on_input_error
def main() -> None:
    """Run the tool."""
    args = parse_args()
    config, work_dir = read_config(args.config), Path(args.work_dir)
    init_default_scope(config.default_scope)
    path = last_checkpoint(work_dir)
    if path is None:
        raise InputError(f'{work_dir}: no file last_checkpoint, expected a run')
    scores = last_scores(work_dir)
    checkpoint = load_checkpoint_file(path)
    check_finished(checkpoint, config.train_cfg.max_epochs, path)
    metadata = dict(
        config=args.config,
        data=data_roots(config.train_dataloader),
        epochs=str(config.train_cfg.max_epochs),
        date=time.strftime('%Y-%m-%d', time.gmtime(path.stat().st_mtime)),
        scores=json.dumps({key: round(value, 4) for key, value in scores.items()}),
    )
    model = MODELS.build(config.model)
    for option, method in (('prompts', 'prompt_weights'), ('sam2', 'sam2_weights')):
        if getattr(args, option) and not hasattr(model, method):
            raise InputError(
                f'--{option} with {args.config}, whose model has no such weights'
            )
    check_state_dict(checkpoint['state_dict'], model, path)
    model.load_state_dict(checkpoint['state_dict'], strict=False)
    write_all(model, metadata, args)
    print(f'{args.out}: {metadata["scores"]}')


if __name__ == '__main__':
    main()
