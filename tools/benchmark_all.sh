#!/usr/bin/env bash
# Make the table that sets all methods beside each other: the simulated world and its
# ground truth, each training and test, and the tables. Run it again at any time: what is
# done is not done again, and what was stopped goes on.
#
#   bash tools/benchmark_all.sh                              # all rows, one seed
#   bash tools/benchmark_all.sh --seeds 0 1 2
#   bash tools/benchmark_all.sh --rows '3DSGG' 'PSG4DFormer w/o t'
#   bash tools/benchmark_all.sh --only world                 # no training, no table
#   bash tools/benchmark_all.sh configs/studies/tabletop_baselines_tiny.py
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000}
STUDY=configs/studies/tabletop_baselines.py
case "${1:-}" in
*.py)
    STUDY=$1
    shift
    ;;
esac
case "$STUDY" in
*_tiny.py)
    WORLD=data/tabletop_tiny OUT=${OUT:-outputs/benchmark_tiny}
    VIDEOS=(--train 4 --test 2 --unseen 1)
    RECORDS=${RECORDS:-work_dirs/records}
    ;;
*)
    WORLD=data/tabletop OUT=${OUT:-outputs/benchmark}
    VIDEOS=()
    RECORDS=${RECORDS:-docs/results}
    ;;
esac

world() { # the videos, and what the study reads of them
    [ -e "$OUT/done" ] && return
    "$PYTHON" tools/make_tabletop.py --out $WORLD "${VIDEOS[@]}"
    for split in train val unseen; do
        "$PYTHON" tools/export_scene_graphs.py --dataset psg4d_gta \
            --data-root $WORLD/psg4d_gta --split $split --out "$OUT/$split.json"
    done
    "$PYTHON" tools/analysis_tools/frequency_baseline.py --train "$OUT/train.json" \
        --test "$OUT/val.json" --out "$OUT/frequency.json"
    mkdir -p "$OUT"
    touch "$OUT/done"
}

world
[ "${1:-} ${2:-}" = '--only world' ] && exit
"$PYTHON" tools/analysis_tools/run_study.py "$STUDY" --records "$RECORDS" "$@"
"$PYTHON" tools/analysis_tools/make_results.py --records "$RECORDS" --print "$STUDY"
