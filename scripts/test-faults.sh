#!/usr/bin/env bash
# Tests the real process on a machine whose system calls fail: strace injects the faults. It is installed where that is
# possible; without it, or where it may not attach, those tests are skipped, and say so. `npm run test:faults` builds first.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v strace >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && apt-get install -qq --no-install-recommends strace; } >/dev/null ||
    echo "strace cannot be installed: the tests that need it are skipped" >&2
fi
exec node --enable-source-maps --test dist/test/faults/*.faults.js
