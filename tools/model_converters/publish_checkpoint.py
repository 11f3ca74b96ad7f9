"""Make a trained model's checkpoint small enough to hand on.

Keeps the weights that the checkpoint holds, in half precision, and what is to be known
of them; optimizer and schedules are left out. With ``save_frozen=False`` in the config
these are the weights that were trained.

python tools/model_converters/publish_checkpoint.py CONFIG work_dirs/run/epoch_10.pth \
    --metrics metrics.json --out checkpoints/4dllm/tabletop_step1.safetensors
"""

import argparse
import json
import time
from pathlib import Path

from mmengine.registry import init_default_scope

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError, check_output_file, exit_on_input_error
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.dataset_configs import data_roots
from mmfourdpsg.utils.weight_files import save_weights


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config that was trained')
    parser.add_argument('checkpoint', help='checkpoint of that training')
    parser.add_argument(
        '--metrics',
        help='scores of it, as tools/eval_scene_graphs.py --out writes them',
    )
    parser.add_argument('--out', required=True, help='the weights (.safetensors)')
    return parser.parse_args()


def read_scores(path: str | None) -> dict[str, float]:
    """Return the scores of a file of metrics.

    Raises:
        InputError: The file is no such file.
    """
    if path is None:
        return {}
    try:
        content = json.loads(Path(path).read_bytes())
        return {key: content[key] for key in content if '@' in key}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f'{path}: {error}, expected a file of metrics') from error


@exit_on_input_error
def main() -> None:
    """Run the tool."""
    args = parse_args()
    check_output_file(args.out)
    if not args.out.endswith('.safetensors'):
        raise InputError(f'{args.out}: expected the name of a .safetensors file')
    config, path = read_config(args.config), Path(args.checkpoint)
    init_default_scope(config.default_scope)
    scores = read_scores(args.metrics)
    checkpoint = load_checkpoint_file(path)
    state = checkpoint['state_dict']
    check_state_dict(state, MODELS.build(config.model), path)
    metadata = dict(
        config=args.config,
        data=data_roots(config.train_dataloader),
        epochs=str(config.train_cfg.max_epochs),
        date=time.strftime('%Y-%m-%d', time.gmtime(path.stat().st_mtime)),
        scores=json.dumps(scores),
        weight_files=json.dumps(checkpoint.get('weight_files', {})),
    )
    save_weights(args.out, state, metadata)
    size = Path(args.out).stat().st_size / 1e6
    print(f'{args.out}: {len(state)} weights, {size:.1f} MB')


if __name__ == '__main__':
    main()
