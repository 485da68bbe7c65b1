#!/usr/bin/env bash
# Tests Hydrant with programs that others wrote: boto3, the AWS CLI, decoders, S3 servers. Needs Python 3.10 or later with
# venv, and PyPI; what is installed from there stays in node_modules/.cache. `npm run test:servers` builds first.
set -euo pipefail

cd "$(dirname "$0")/.."
venv=node_modules/.cache/hydrant/test-servers

fail() {
  echo "Cannot run the tests with other servers: $1" >&2
  exit 1
}

command -v python3 >/dev/null || fail "there is no python3"
python3 -m venv "$venv" || fail "python3 cannot make a virtual environment (on Debian: apt-get install python3-venv)"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r test/servers/requirements.txt ||
  fail "pip cannot install what test/servers/requirements.txt lists: is PyPI within reach?"

exec "$venv/bin/python" -B test/servers/run.py
