#!/usr/bin/env bash
# Train on several devices of one or more machines, with MMDetection's arguments:
#
#   bash tools/dist_train.sh CONFIG GPUS [arguments of tools/train.py]
#
# NNODES, NODE_RANK, MASTER_ADDR and PORT tell of other machines.
set -euo pipefail
[ $# -ge 2 ] || { echo 'error: tools/dist_train.sh: expected CONFIG and GPUS' >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
exec "$PYTHON" -m torch.distributed.run \
  --nnodes "${NNODES:-1}" --node_rank "${NODE_RANK:-0}" \
  --master_addr "${MASTER_ADDR:-127.0.0.1}" --master_port "${PORT:-29500}" \
  --nproc_per_node "$2" \
  tools/train.py "$1" --launcher pytorch "${@:3}"
