#!/usr/bin/env bash
# Tests the real process on a machine that goes wrong: strace has its system calls fail, and a file system of ours
# (test/forgetful-disk/) loses what it did not sync. What they need is installed where that is possible; tests that
# can't run here are skipped, and say why. `npm run test:faults` builds first.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=()
command -v strace >/dev/null || packages+=(strace)
pkg-config --exists fuse3 2>/dev/null && command -v gcc >/dev/null || packages+=(gcc libc6-dev pkg-config libfuse3-dev fuse3)
if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && apt-get install -qq --no-install-recommends "${packages[@]}"; } >/dev/null ||
    echo "${packages[*]} cannot be installed: the tests that need them are skipped" >&2
fi
exec node --enable-source-maps --test --test-concurrency=1 dist/test/faults/*.faults.js
