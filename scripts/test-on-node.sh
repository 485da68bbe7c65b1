#!/usr/bin/env bash
# Runs the built tests on other releases of Node: scripts/test-on-node.sh 22 24. Each comes from the npm package `node`.
set -euo pipefail
cd "$(dirname "$0")/.."
for release in "$@"; do
  folder="node_modules/.cache/node-$release"
  mkdir -p "$folder"
  [ -x "$folder/node_modules/node/bin/node" ] || npm install --prefix "$folder" --no-save --no-package-lock "node@$release"
  printf 'Node %s\n' "$("$folder/node_modules/node/bin/node" --version)"
  PATH="$PWD/$folder/node_modules/node/bin:$PATH" node scripts/test.js
done
