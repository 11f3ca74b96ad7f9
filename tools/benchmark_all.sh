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
# Threads that wait in a loop take the core that others need.
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
    WORLD=data/tabletop_tiny OUT=outputs/benchmark_tiny
    VIDEOS=(--train 4 --test 2 --unseen 1)
    RECORDS=${RECORDS:-work_dirs/records}
    ;;
*)
    WORLD=data/tabletop OUT=outputs/benchmark
    VIDEOS=()
    RECORDS=${RECORDS:-docs/results}
    ;;
esac

world() { # the videos, and what the study reads of them
    "$PYTHON" tools/make_tabletop.py --out $WORLD "${VIDEOS[@]}"
    mkdir -p "$OUT"
    for split in train val unseen; do
        graphs=$OUT/$split.json
        "$PYTHON" tools/export_scene_graphs.py --dataset psg4d_gta \
            --data-root $WORLD/psg4d_gta --split $split --out "$graphs.new"
        # What was trained on other videos shall not pass for done.
        if [ -e "$graphs" ] && ! cmp -s "$graphs.new" "$graphs"; then
            rm -f "$graphs.new"
            echo "error: $graphs: is of another $WORLD, expected the one that is there" \
                "now; remove $OUT, the records of $STUDY in $RECORDS and its runs in" \
                "work_dirs/studies to begin anew" >&2
            exit 2
        fi
        mv "$graphs.new" "$graphs"
    done
    "$PYTHON" tools/analysis_tools/frequency_baseline.py --train "$OUT/train.json" \
        --test "$OUT/val.json" --out "$OUT/frequency.json"
}

clips() { # short videos, from which the pretrained row learns first
    local out=data/tabletop_foundation_clips
    [ -e $out/psg4d_gta/sailvos3d.json ] || "$PYTHON" tools/make_tabletop.py \
        --seed 4 --frames 8 --train 450 --test 0 --unseen 0 --out $out
}

images() { # images, clips and depth, from which the row with transfer learns first
    local scenes=(--train 200 --test 20 --unseen 0) images=(--images 3 --frames 12)
    "$PYTHON" tools/make_tabletop.py --out $WORLD --layouts diml "${scenes[@]}" "${images[@]}"
    "$PYTHON" tools/make_tabletop.py --out $WORLD --layouts ag "${scenes[@]}"
    "$PYTHON" tools/make_tabletop.py --out data/tabletop_held_out --layouts vg psg \
        --held-out --seed 3 "${scenes[@]}" "${images[@]}"
}

# needs RUN ROW: whether the study writes out such a run, as the benchmark and copies of
# it do, and such a row is asked for.
needs() {
    [[ $STUDY != *_tiny.py ]] && grep -qs "^    $1=" "$STUDY" &&
        { [[ " ${arguments[*]} " != *' --rows '* ]] || [[ ${arguments[*]} == *"$2"* ]]; }
}
arguments=("$@")

world
[ "${1:-} ${2:-}" = '--only world' ] && exit
needs segmentation_foundation pretrained && clips
needs one_stage_images transfer && images
"$PYTHON" tools/analysis_tools/run_study.py "$STUDY" --records "$RECORDS" "$@"
"$PYTHON" tools/analysis_tools/make_results.py --records "$RECORDS" --print "$STUDY"
