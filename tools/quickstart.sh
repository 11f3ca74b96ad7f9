#!/usr/bin/env bash
# From nothing to a scored 4D scene graph:
#
#   bash tools/quickstart.sh
#
# installs into .venv, shows what the model that comes with the code finds in a new
# recording, simulates a small RGB-D world, trains 4D-LLM on it, scores it on unseen
# videos beside an untrained model and a frequency baseline, and draws images.
# After the installation it takes 8 to 20 minutes on two cores; a CUDA device is used
# where there is one. Run it again at any time: what is done is kept, and a stopped
# training goes on from its last checkpoint. For a fresh start remove
# outputs/quickstart, data/tabletop and work_dirs/tabletop/step1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

started=$SECONDS
say() { printf '\n[quickstart %d:%02d] %s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$*"; }

say 'installation (5 to 10 minutes the first time, seconds afterwards)'
bash tools/install.sh lite
started=$SECONDS

unset PYTHONHOME PYTHONPATH
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
# Threads that wait for each other spin for some microseconds and then sleep: with spinning
# for as long as is usual, any other program on the machine slows a step many times over.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000}
config=configs/4dllm/tabletop/step1.py
world=data/tabletop
run=work_dirs/tabletop/step1
out=outputs/quickstart
mkdir -p "$out"
python() { "$PWD/.venv/bin/python" "$@"; }

# step FILE TEXT COMMAND...: runs the command unless the file that it makes is there.
step() {
  local file=$1 text=$2
  shift 2
  if [ -e "$file" ]; then
    say "$text: done already ($file)"
  else
    say "$text"
    "$@"
  fi
}

step "$out/recording/truth.json" 'a new recording (seconds)' python tools/make_recording.py --seed 4 --out "$out/recording"
step "$out/first/graph.json" 'what the model that comes with the code finds in it (10 to 30 seconds)' \
  python tools/infer.py --rgb "$out/recording/rgb" --depth "$out/recording/depth" --out "$out/first"

say '1/5 simulated world Tabletop-4D (2 to 5 minutes)'
python tools/make_tabletop.py --out "$world" --train 100 --test 20 --unseen 0 --contact-sheet "$out/world.png"
for split in train val; do
  say "    ground truth of the $split split (seconds)"
  new=$out/new_$split.json
  python tools/export_scene_graphs.py --dataset psg4d_gta --data-root "$world/psg4d_gta" --split "$split" --out "$new"
  # What is done is kept, but not beside videos that it was not made of.
  if [ -e "$out/$split.json" ] && ! cmp -s "$new" "$out/$split.json"; then
    rm "$new"
    echo "error: $out/$split.json: is of another $world, expected the one that is there now; remove $out and $run to begin anew" >&2
    exit 2
  fi
  mv "$new" "$out/$split.json"
done

# On processors two processes, each with half of a batch, take half of the time of one.
cores=$(nproc)
if [ "$cores" -gt 1 ] && ! python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  processes=2
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((cores / 2))}
else
  processes=1
fi

train() {
  # The test that follows scores the model, so the training need not.
  local options=(--resume auto --cfg-options train_cfg.val_begin=1000)
  if [ $processes = 2 ]; then
    PORT=$(python -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])') \
      PYTHON=$PWD/.venv/bin/python bash tools/dist_train.sh "$config" 2 "${options[@]}" train_dataloader.batch_size=2
  else
    python tools/train.py "$config" "${options[@]}"
  fi
  touch "$run/finished"
}
step "$run/finished" '2/5 training, step 1 of 4D-LLM (4 to 10 minutes)' train

# predict NAME CHECKPOINT [FLAGS...]
predict() { python tools/test.py "$config" "$2" --out "$out/$1.json" --work-dir "$out/logs_$1" "${@:3}"; }
both=
if [ $processes = 2 ] && [ ! -e "$out/untrained.json" ]; then
  both=', while another process tests the untrained model'
  "$PWD/.venv/bin/python" tools/test.py "$config" none --out "$out/untrained.json" --work-dir "$out/logs_untrained" >"$out/untrained.log" 2>&1 &
  untrained=$!
  trap 'kill $untrained 2>/dev/null || true' EXIT
fi
step "$out/trained.json" "3/5 test on unseen videos, with images (2 to 4 minutes)$both" predict trained "$run/$(basename "$(cat "$run/last_checkpoint" 2>/dev/null || true)")" --show-dir "$out/images"
if [ -n "$both" ]; then
  say '    waiting for the test of the untrained model'
  wait $untrained || { tail -n 20 "$out/untrained.log" >&2; echo "error: the test of the untrained model failed, see $out/untrained.log" >&2; exit 2; }
  trap - EXIT
fi
step "$out/untrained.json" '4/5 the same model untrained (2 to 4 minutes)' predict untrained none
step "$out/frequency.json" '5/5 frequency baseline with ground-truth tubes and labels (seconds)' \
  python tools/analysis_tools/frequency_baseline.py --train "$out/train.json" --test "$out/val.json" --out "$out/frequency.json"

score() { python tools/eval_scene_graphs.py --gt "$out/val.json" --pred "$out/$1.json" --protocol strict --out "$out/$1_metrics.json" >/dev/null; }
for name in trained untrained frequency; do
  step "$out/${name}_metrics.json" "    strict recall: $name (seconds)" score "$name"
done

say 'strict recall on the unseen test videos, in percent'
python tools/analysis_tools/compare_metrics.py \
  "4D-LLM mini, trained=$out/trained_metrics.json" \
  "4D-LLM mini, untrained=$out/untrained_metrics.json" \
  "frequency baseline, ground-truth tubes and labels=$out/frequency_metrics.json" \
  --out "$out/results.md"
say 'what these few videos can tell of the differences: points, with 95 % intervals'
python tools/analysis_tools/compare_predictions.py --gt "$out/val.json" "untrained=$out/untrained.json" \
  "trained=$out/trained.json" "frequency baseline=$out/frequency.json"
cat <<TEXT

  a recording     $out/first/viewer.html, overlay.mp4, by the model that comes with the code
  the world       $out/world.png
  the images    $out/images/VIDEO/viewer.html (open one in a browser), overlay.mp4;
                  ground_truth_viewer.html beside it
  the table       $out/results.md
TEXT
say 'done'
