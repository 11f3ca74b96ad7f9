"""Test a model with its config's own metrics and keep a record of what they are.

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
from datetime import datetime, timezone
from pathlib import Path

from mmfourdpsg.analysis.studies.recipe_digest import metrics_digest
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


def run_test(args: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Run the test in a folder and return its metrics.

    Raises:
        InputError: It failed, or has no metrics.
    """
    command = [args.config, args.checkpoint, '--work-dir', str(folder)]
    if args.cfg_options:
        command += ['--cfg-options', *args.cfg_options]
    if subprocess.run([sys.executable, str(TEST), *command], check=False).returncode:
        raise InputError(f'test.py {" ".join(command)}: failed, see its message above')
    # Where MMEngine leaves the metrics of a test.
    for path in folder.glob('*/*.json'):
        metrics = json.loads(path.read_bytes())
        found = {key: value for key, value in metrics.items() if '/' in key}
        if found:
            return found
    raise InputError(f'{args.config}: its test has no metrics, expected some')


@exit_on_input_error
def main() -> None:
    """Test and record."""
    args = parse_args()
    read_config(args.config)
    with tempfile.TemporaryDirectory() as folder:
        metrics = run_test(args, Path(folder))
    row = dict(config=args.config, options=args.cfg_options, checkpoint=args.checkpoint)
    record = dict(
        name=args.name,
        **row,
        date=datetime.now(timezone.utc).date().isoformat(),
        recipe=metrics_digest(row),
        metrics={key: round(value, 2) for key, value in metrics.items()},
    )
    with atomic_write(Path(args.out)) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
    print(f'{args.out}: {record["metrics"]}')


if __name__ == '__main__':
    main()
