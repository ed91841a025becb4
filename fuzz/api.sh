#!/usr/bin/env bash
# Sends Sprout what its own OpenAPI document allows and forbids, and checks every answer against the document: no 5xx, no
# status and no shape that is not documented, nothing accepted that is forbidden.
#
#   fuzz/api.sh [cases-per-operation] [seed]
#
# Needs schemathesis from PyPI (`pip install schemathesis`). The server runs in a folder of its own that is removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cases="${1:-400}" seed="${2:-1}"
command -v schemathesis >/dev/null || { echo "schemathesis is missing: pip install schemathesis" >&2; exit 1; }

cargo build --quiet --release -p sprout
folder="$(mktemp -d)"
PORT=0 DB_PATH="$folder/sprout.db" target/release/sprout >"$folder/log" 2>"$folder/errors" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
until url="$(sed -n 's/^Sprout is listening on //p' "$folder/log")" && [[ -n "$url" ]]; do
    kill -0 "$server" || { cat "$folder/log" "$folder/errors" >&2; exit 1; }
    sleep 0.1
done

# What is valid by the document may still refer to nothing or contradict what is stored, hence no `positive_data_acceptance`.
status=0
hooks="$PWD/fuzz/api_hooks.py"
# It keeps what it found in the folder that it runs in.
(cd "$folder" && SCHEMATHESIS_HOOKS="$hooks" SPROUT_URL="$url" schemathesis run "$url/api/openapi.json" \
    --checks all --exclude-checks positive_data_acceptance \
    --max-examples "$cases" --seed "$seed" --continue-on-failure --request-timeout 30 --workers 1) || status=$?

kill -0 "$server" || { echo "the server died" >&2; status=1; }
if grep -q ERROR "$folder/errors"; then
    echo "the server logged faults of its own:" >&2
    grep ERROR "$folder/errors" | head -20 >&2
    status=1
fi
exit "$status"
