#!/usr/bin/env bash
# Make the foundation weights in checkpoints/tabletop from nothing: the corpus, then each
# pretraining in order, then the model card. Run it again at any time: what is done is not
# done again, and what was stopped goes on. It takes hours on two CPU cores.
#
#   bash tools/pretrain_all.sh          # corpus, imagebind, words, sam2, alignment, grounding
#   bash tools/pretrain_all.sh words    # one part
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000}
CONFIGS=configs/foundation/tabletop
RUNS=work_dirs/foundation
OUT=checkpoints/tabletop

pretrain() { # NAME: train it to the end, once
    [ -e "$RUNS/$1/done" ] && return
    "$PYTHON" tools/train.py "$CONFIGS/$1.py" --resume
    touch "$RUNS/$1/done"
}
publish() { # NAME OPTIONS...
    "$PYTHON" tools/model_converters/publish_foundation.py "$CONFIGS/$1.py" "$RUNS/$1" "${@:2}"
}

corpus() {
    "$PYTHON" tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
        --out data/tabletop_foundation
    "$PYTHON" tools/make_tabletop.py --seed 4 --frames 8 --train 1600 --test 0 --unseen 0 \
        --out data/tabletop_foundation_clips
}
imagebind() {
    pretrain imagebind_mini
    publish imagebind_mini --out $OUT/imagebind_mini.safetensors
}
words() {
    pretrain tiny_llama_words
    publish tiny_llama_words --out $RUNS/tiny_llama_words/weights
}
sam2() {
    pretrain sam2_mini_features
    publish sam2_mini_features --out $RUNS/sam2_mini_features/sam2.safetensors
    pretrain sam2_mini_image
    pretrain sam2_mini
    publish sam2_mini --out $RUNS/sam2_mini/sam2.safetensors \
        --prompts $RUNS/sam2_mini/prompts.safetensors
}
alignment() {
    [ -e $RUNS/imagebind_mini/names.safetensors ] || "$PYTHON" \
        tools/model_converters/export_name_embeddings.py $CONFIGS/imagebind_mini.py \
        $OUT/imagebind_mini.safetensors --out $RUNS/imagebind_mini/names.safetensors
    pretrain tiny_llama
    publish tiny_llama --out $RUNS/tiny_llama/weights
}
grounding() {
    pretrain grounding
    publish grounding --out $RUNS/grounding/weights --sam2 $RUNS/grounding/sam2.safetensors
    pretrain grounding_fine
    publish grounding_fine --out $RUNS/grounding_fine/weights \
        --sam2 $RUNS/grounding_fine/sam2.safetensors
    pretrain grounding_lists
    publish grounding_lists --out $OUT/tiny_llama_pretrained \
        --sam2 $OUT/sam2_mini.safetensors
    "$PYTHON" tools/model_converters/make_model_card.py $OUT
}

PARTS='corpus imagebind words sam2 alignment grounding'
for name in ${*:-$PARTS}; do
    case " $PARTS " in
    *" $name "*) "$name" ;;
    *)
        echo "$name: expected one of $PARTS" >&2
        exit 2
        ;;
    esac
done
