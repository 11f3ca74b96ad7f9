#!/usr/bin/env bash
# Runs the tests, after installing what they need into .venv.
#
#   bash tests/run.sh [--all] [--browser] [pytest arguments]
#
# The default suite takes at most 12 minutes on two cores. --all adds the tests marked
# slow and, on a CUDA machine, those marked gpu. --browser installs Chromium by apt-get
# where it is missing, for the tests of the viewer; with CI set that happens without
# it. On a new machine the compiled mmcv is built first: about 15 minutes on two cores,
# once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all=false
browser=${CI:-false}
arguments=()
for argument; do
  case $argument in
    --all) all=true ;;
    --browser) browser=true ;;
    *) arguments+=("$argument") ;;
  esac
done

bash tools/install.sh compiled
unset PYTHONHOME PYTHONPATH
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false OMP_WAIT_POLICY=PASSIVE

# The viewer's tests drive a real browser. Without it they skip and say so.
if ! { command -v chromium && command -v chromedriver; } >/dev/null 2>&1; then
  sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo -n)
  if [ "$browser" = false ]; then
    printf '\n[tests] no chromium and chromedriver: the viewer tests will be skipped (--browser installs them)\n'
  elif command -v apt-get >/dev/null && "${sudo[@]}" true 2>/dev/null; then
    printf '\n[tests] installing Chromium for the viewer tests (about a minute)\n'
    { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver; } >/dev/null 2>&1 \
      || echo '[tests] Chromium could not be installed: the viewer tests will be skipped'
  else
    printf '\n[tests] Chromium needs root and apt-get to be installed: the viewer tests will be skipped\n'
  fi
fi

marks='not slow and not gpu'
if [ "$all" = true ]; then
  printf '\n[tests] DeepSpeed for its slow tests\n'
  DS_BUILD_OPS=0 .venv/bin/python -m pip install -q -c requirements/constraints.txt --no-build-isolation deepspeed \
    || echo '[tests] DeepSpeed could not be installed: its tests will be skipped'
  marks='not gpu'
  if .venv/bin/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then marks=''; fi
fi

printf '\n[tests] style and docstrings\n'
.venv/bin/ruff check .
.venv/bin/ruff format --check .
printf '\n[tests] types of the public API\n'
.venv/bin/mypy
printf '\n[tests] pytest (at most 12 minutes for the default suite)\n'
exec .venv/bin/python -m pytest -n "${TEST_WORKERS:-2}" --dist worksteal --durations 10 -m "$marks" "${arguments[@]}"
