# Sourced by the scripts: the project's environment in .venv, made or brought up to date.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

find_python() {
  for candidate in "${PYTHON:-}" python3.12 python3.11 python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.11 or 3.12 is needed: install it, or set PYTHON to it." >&2
  exit 1
}

# make_environment LOCK: installs the lock file's packages once; a mark remembers which.
make_environment() {
  lock="scripts/lock/$1.txt"
  mark=".venv/installed-$1"
  if [ "$1" = runtime ] && cmp -s scripts/lock/dev.txt .venv/installed-dev 2>/dev/null; then
    return
  fi
  if ! cmp -s "$lock" "$mark" 2>/dev/null; then
    python=$(find_python)
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    echo "Installing packages ($1) …" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    cp "$lock" "$mark"
  fi
}

# fetch_models: what hears and speaks naturally. It is tried once: without internet everything works
# without, and no later start waits for it.
fetch_models() {
  models="${HOLDLINE_MODELS:-${HOLDLINE_HOME:-var}/models}"
  for model in whisper-base kokoro-82m; do
    [ -d "$models/$model" ] || [ -e ".venv/without-$model" ] && continue
    .venv/bin/python -m app model fetch "$model" >&2 && continue
    touch ".venv/without-$model"
    echo "Going on without $model; once there is internet: .venv/bin/python -m app model fetch $model" >&2
  done
}
