"""Turn a checkpoint of a pretraining run into foundation weights.

Example:
python tools/model_converters/publish_foundation.py
    configs/foundation/tabletop/grounding_fine.py work_dirs/foundation/grounding_fine
    --out checkpoints/tabletop/tiny_llama_pretrained
    --sam2 checkpoints/tabletop/sam2_mini.safetensors
"""

import argparse
import json
import time
from pathlib import Path

import torch
from mmengine.registry import init_default_scope

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.models.language_models import export_language_model
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError, exit_on_input_error
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.dataset_configs import data_roots
from mmfourdpsg.utils.weight_file import save_weights


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
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        for row in reversed(rows):
            scores = {key: row[key] for key in row if '/' in key}
            if scores:
                return scores
    raise InputError(f'{work_dir}: no log of a validation in it, expected a run')


def last_checkpoint(work_dir: Path) -> Path:
    """Return a run's last checkpoint.

    Raises:
        InputError: There is none.
    """
    pointer = work_dir / 'last_checkpoint'
    if not pointer.is_file():
        raise InputError(f'{work_dir}: no file last_checkpoint, expected a run')
    return Path(pointer.read_text().strip())


@exit_on_input_error
def main() -> None:
    """Run the tool."""
    args = parse_args()
    config, work_dir = read_config(args.config), Path(args.work_dir)
    init_default_scope(config.default_scope)
    checkpoint = last_checkpoint(work_dir)
    facts = dict(
        config=args.config,
        data=data_roots(config.train_dataloader),
        epochs=str(config.train_cfg.max_epochs),
        date=time.strftime('%Y-%m-%d', time.gmtime(checkpoint.stat().st_mtime)),
        scores=json.dumps(
            {key: round(value, 4) for key, value in last_scores(work_dir).items()}
        ),
    )
    model = MODELS.build(config.model)
    model.load_state_dict(load_checkpoint_file(checkpoint)['state_dict'])
    if hasattr(model, 'foundation_weights'):
        save_weights(args.out, model.foundation_weights(), facts)
        if args.prompts:
            save_weights(args.prompts, model.prompt_weights(), facts, torch.float32)
    else:
        language_model = model.scene_graph_head.language_model
        export_language_model(language_model, args.out, facts=facts)
        if alignment := model.alignment_weights():
            save_weights(Path(args.out) / 'alignment.safetensors', alignment, facts)
        if args.sam2:
            save_weights(args.sam2, model.sam2_weights(), facts)
    print(f'{args.out}: {facts["scores"]}')


if __name__ == '__main__':
    main()
