#!/usr/bin/env bash
# Train 4D-LLM from step 1 to step 5, test it, and print the table of results. Run it
# again at any time: what is done is not done again, and what was stopped goes on.
#
#   bash tools/train_all.sh                                       # PSG4D-GTA
#   bash tools/train_all.sh configs/studies/psg4d_gta_transfer.py --gpus 8
#   bash tools/train_all.sh configs/studies/tabletop_transfer.py  # two CPU cores
#   bash tools/train_all.sh STUDY --rows '4D-LLM' 'w/o step 2' --seeds 0
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
STUDY=${1:-configs/studies/psg4d_gta_transfer.py}
shift || true
ROWS=()
case " $* " in *' --rows '*) ;; *) ROWS=(--rows 4D-LLM) ;; esac
RECORDS=${RECORDS:-work_dirs/records}
"$PYTHON" tools/analysis_tools/run_study.py "$STUDY" --records "$RECORDS" "${ROWS[@]}" "$@"
"$PYTHON" tools/analysis_tools/make_results.py --records "$RECORDS" --print "$STUDY"
