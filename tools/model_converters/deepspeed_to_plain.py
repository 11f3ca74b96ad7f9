"""Turn a checkpoint of DeepSpeed's ZeRO into a plain one.

    python tools/model_converters/deepspeed_to_plain.py CHECKPOINT OUT.pth

DeepSpeed writes a folder with the parts of each process. The plain checkpoint has the
weights that trained, in single precision, and serves tools/test.py and load_from. Where
something rests that no file of the config holds, as the scene transcender in step 4,
``--initial`` names the plain checkpoint that the training began with.

DeepSpeed reads its parts by unpickling: convert only what you have trained yourself.
"""

import argparse
from pathlib import Path

import torch

from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoint', help='folder that DeepSpeed wrote')
    parser.add_argument('out', help='plain checkpoint to write')
    parser.add_argument('--initial', help='plain checkpoint for what did not train')
    return parser.parse_args()


def read_zero(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights that trained, in single precision.

    Raises:
        InputError: DeepSpeed is missing, or the folder is none of its checkpoints.
    """
    if not list(folder.glob('*_optim_states.pt')):
        raise InputError(
            f'{folder}: is no checkpoint of DeepSpeed, expected a folder with '
            '*_model_states.pt and *_optim_states.pt'
        )
    try:
        from deepspeed.utils.zero_to_fp32 import (
            get_fp32_state_dict_from_zero_checkpoint,
        )
    except ImportError:
        raise InputError(
            "deepspeed is not installed, expected pip install 'mmfourdpsg[deepspeed]'"
        ) from None
    try:
        return get_fp32_state_dict_from_zero_checkpoint(
            str(folder.parent), folder.name, exclude_frozen_parameters=True
        )
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise InputError(f'{folder}: cannot be read ({error!s:.200})') from None


def read_weight_files(folder: Path) -> dict[str, str]:
    """Return which weights it was trained beside, see :class:`WeightFilesHook`.

    Read after :func:`read_zero`, which knows a damaged folder.
    """
    path = min(folder.glob('*_model_states.pt'))
    # DeepSpeed's own types are in it, too, which its converter has unpickled already.
    content = torch.load(path, map_location='cpu', mmap=True, weights_only=False)
    return content.get('weight_files', {})


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    state = {}
    if args.initial:
        state.update(load_checkpoint_file(args.initial)['state_dict'])
    trained = read_zero(Path(args.checkpoint))
    state.update(trained)
    content = dict(
        state_dict=state, meta={}, weight_files=read_weight_files(Path(args.checkpoint))
    )
    with atomic_write(Path(args.out)) as path:
        torch.save(content, path)
    print(f'{args.out}: {len(trained)} weights trained, {len(state)} in all')


if __name__ == '__main__':
    main()
