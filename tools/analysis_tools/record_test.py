"""Test a model with its config's own metrics and write them to a record.

Example:
python tools/analysis_tools/record_test.py 'SAM2, what is pointed at'
    configs/foundation/tabletop/sam2_mini.py none
    --out docs/results/foundation/sam2_pointed_at.json --cfg-options
    model.tube_decoder.checkpoint=checkpoints/tabletop/sam2_mini.safetensors
    model.tube_decoder.sam2.image_size=256 model.kinds.embedding=0

tools/analysis_tools/make_results.py makes tables of such records.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mmfourdpsg.analysis.results import logged_metrics, make_test_record
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error

TEST = Path(__file__).resolve().parents[1] / 'test.py'


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('name', help='what is scored, for the table')
    parser.add_argument('config', help='config')
    parser.add_argument('checkpoint', help='checkpoint, or none: as the config begins')
    parser.add_argument('--out', required=True, help='the record (.json)')
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], help='as of tools/test.py'
    )
    return parser.parse_args()


def run_test(config: str, checkpoint: str, options: list[str], folder: str) -> None:
    """Run the test in a folder.

    Raises:
        InputError: It failed.
    """
    command = [config, checkpoint, '--work-dir', folder]
    if options:
        command += ['--cfg-options', *options]
    if subprocess.run([sys.executable, str(TEST), *command], check=False).returncode:
        raise InputError(f'test.py {" ".join(command)}: failed, see its message above')


@exit_on_input_error
def main() -> None:
    """Test and record."""
    args = parse_args()
    read_config(args.config)
    with tempfile.TemporaryDirectory() as folder:
        run_test(args.config, args.checkpoint, args.cfg_options, folder)
        metrics = logged_metrics(Path(folder), args.config)
    record = make_test_record(
        args.name, args.config, args.cfg_options, args.checkpoint, metrics
    )
    with atomic_write(Path(args.out)) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
    print(f'{args.out}: {record["metrics"]}')


if __name__ == '__main__':
    main()
