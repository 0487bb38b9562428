#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'END'
Prepares what is missing, then checks, in one of three tiers:

  bash tests/run.sh quick   while developing: lint, format, types, imports, unit tests
  bash tests/run.sh         before a merge, and in CI: everything that must hold
  bash tests/run.sh full    before a release: also both databases for every rule, all seeds of the
                            simulator, all orders of events, all cells of the fault matrix, an
                            installation from requirements.txt alone, other clients of Stripe from
                            npm and PyPI, two desks behind nginx, exports opened by LibreOffice, more
                            clicks and payments

Tests with the marker "full" are of the last tier alone.
END
}

tier=${1:-merge}
case $tier in
  quick | merge | full) ;;
  -h | --help) usage && exit ;;
  *) usage >&2 && exit 2 ;;
esac

frontend=components/card_form/frontend
stamps=.venv/stamps
apt_is_fresh=

# Hundreds of processes start: each would compile the project anew.
unset PYTHONDONTWRITEBYTECODE

step() { printf '\n== %s\n' "$1"; }

# Debian's packages, where we may install them.
apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  [ -n "$apt_is_fresh" ] || { apt-get update -qq && apt_is_fresh=yes; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Run a command only if the files it depends on changed since it last succeeded.
when_changed() {
  local name=$1 files=$2 hash
  shift 2
  # shellcheck disable=SC2086 -- the list of files is meant to split
  hash=$(cat $files | sha256sum)
  if [ "$(cat "$stamps/$name" 2>/dev/null)" != "$hash" ]; then
    "$@"
    printf '%s\n' "$hash" >"$stamps/$name"
  fi
}

install_python_packages() {
  step "Python environment"
  if [ ! -x .venv/bin/pip ]; then
    rm -rf .venv
    python3 -m venv .venv || { apt_install python3-venv && python3 -m venv .venv; }
  fi
  mkdir -p "$stamps"
  PATH="$PWD/.venv/bin:$PATH"
  # Python compiles what is imported; pip would compile everything.
  when_changed pip "requirements.txt tests/requirements.txt components/card_form/pyproject.toml" \
    pip install --quiet --no-compile --disable-pip-version-check \
    -r requirements.txt -r tests/requirements.txt
  # The card form is a package under another name than its folder's: mypy needs to see it so.
  mkdir -p .venv/typed
  ln -sfn "$PWD/components/card_form" .venv/typed/cardpay_card_form
}

install_servers() {
  step "Chromium"
  # The shell alone needs much less of the processor than a browser that draws its own windows.
  for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    CARDPAY_CHROMIUM=${CARDPAY_CHROMIUM:-$(command -v "$name" || true)}
  done
  if [ -z "$CARDPAY_CHROMIUM" ]; then
    if apt_install chromium-headless-shell fonts-dejavu-core; then
      CARDPAY_CHROMIUM=$(command -v chromium-headless-shell)
    elif apt_install chromium fonts-dejavu-core; then
      CARDPAY_CHROMIUM=$(command -v chromium)
    else
      playwright install chromium # the browser tests then use Playwright's own
    fi
  fi
  export CARDPAY_CHROMIUM
  echo "${CARDPAY_CHROMIUM:-from Playwright}"

  step "PostgreSQL"
  [ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || command -v postgres >/dev/null ||
    apt_install postgresql || echo "none, and no way to install it: its tests will fail"

  if [ "$tier" = full ]; then
    step "nginx"
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || apt_install nginx ||
      echo "none, and no way to install it: the tests of replicas will fail"

    step "LibreOffice"
    command -v soffice >/dev/null || apt_install libreoffice-calc-nogui ||
      echo "none, and no way to install it: the tests of what it opens will fail"
  fi

  step "Node"
  command -v npm >/dev/null || apt_install nodejs npm
  when_changed npm "$frontend/package-lock.json" npm --prefix "$frontend" ci --no-audit --no-fund
}

check_python() {
  step "Lint and format"
  ruff check .
  ruff format --check .
  vulture # what nothing calls

  step "Dependencies"
  # What is imported is declared, and what only the tests declare is imported by tests alone. The
  # peers of a benchmark have environments of their own.
  deptry .
  deptry tests --exclude tests/benchmarks/peers --non-dev-dependency-groups tests --ignore DEP002

  step "Types"
  mypy

  step "Import rules"
  lint-imports
}

check_card_form() {
  step "Card form: types, tests, bundle"
  npm --prefix "$frontend" run --silent typecheck
  npm --prefix "$frontend" run --silent test
  npm --prefix "$frontend" run --silent check-bundle
}

install_python_packages
check_python
if [ "$tier" = quick ]; then
  step "Unit tests"
  exec pytest -q -n 2 tests/unit
fi

install_servers
check_card_form
step "Tests"
# One worker keeps to the browser tests (tests/conftest.py), the other takes the rest. Each has its
# own PostgreSQL, so that more of them take longer in all.
if [ "$tier" = merge ]; then
  exec pytest -q -n 2 -m "not full"
fi
export CARDPAY_TEST_RUNS=20 CARDPAY_TEST_PAYMENTS=240 CARDPAY_TEST_BROWSER_PAYMENTS=32
exec pytest -q -n 2
