"""Print a config as a run reads it: python tools/misc/print_config.py CONFIG."""

import argparse
import sys

from mmengine.config import DictAction

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, exit_on_input_error


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description='Print a config with all that it inherits'
    )
    parser.add_argument('config', help='config file path')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config, as key=value',
    )
    return parser.parse_args()


@exit_on_input_error
def main() -> None:
    """Print the resolved config.

    Raises:
        InputError: The config is missing or cannot be read, or an option does not fit
            it.
    """
    args = parse_args()
    config = read_config(args.config)
    try:
        config.merge_from_dict(args.cfg_options or {})
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f'{args.config}: --cfg-options do not fit it ({error})'
        ) from error
    sys.stdout.write(config.pretty_text)


if __name__ == '__main__':
    main()
