#!/usr/bin/env bash
# Runs the tests, after installing what they need into .venv.
#
#   bash tests/run.sh [--all] [pytest arguments]
#
# The default suite takes at most 12 minutes on two cores. --all adds the tests marked
# slow and, on a CUDA machine, those marked gpu. On a new machine the compiled mmcv is
# built first: about 15 minutes on two cores, once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tools/install.sh compiled
unset PYTHONHOME PYTHONPATH
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false OMP_WAIT_POLICY=PASSIVE

# The viewer's tests drive a real browser. Without it they skip and say so.
if ! { command -v chromium && command -v chromedriver; } >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf '\n[tests] Chromium for the viewer tests (about a minute)\n'
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver; } >/dev/null 2>&1 \
      || echo '[tests] Chromium could not be installed: the viewer tests will be skipped'
  else
    echo '[tests] no chromium and chromedriver: the viewer tests will be skipped'
  fi
fi

marks='not slow and not gpu'
if [ "${1:-}" = --all ]; then
  shift
  printf '\n[tests] DeepSpeed for its slow tests\n'
  DS_BUILD_OPS=0 .venv/bin/python -m pip install -q -c requirements/constraints.txt --no-build-isolation deepspeed \
    || echo '[tests] DeepSpeed could not be installed: its tests will be skipped'
  marks='not gpu'
  if .venv/bin/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then marks=''; fi
fi

printf '\n[tests] style and docstrings\n'
.venv/bin/ruff check .
printf '\n[tests] pytest (at most 12 minutes for the default suite)\n'
exec .venv/bin/python -m pytest -n "${TEST_WORKERS:-2}" --dist worksteal --durations 10 -m "$marks" "$@"
