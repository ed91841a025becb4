#!/usr/bin/env bash
# Measures Sprout as it is served: requests per second of the server's own processor time, memory under load, and the time
# from the start of the program to its first answer. Beside them stand the figures of the original server, taken on a machine
# of the same kind; it is not run here.
#
#   benches/sprout.sh [seconds-per-figure]
#
# Needs Linux and wrk (Debian: apt-get install wrk). The server runs in a folder of its own that is removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds="${1:-5}"
command -v wrk >/dev/null || { echo "wrk is missing (Debian: apt-get install wrk)" >&2; exit 1; }
cargo build --quiet --release -p sprout
program="$PWD/target/release/sprout"
folder="$(mktemp -d)"
server=
finish() {
    [[ -z "$server" ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
user=00000000-0000-0000-0000-000000000000

# Starts the server in the current folder and waits for its first answer.
start() {
    PORT="$1" "$program" >log 2>errors &
    server=$!
    url="http://127.0.0.1:$1"
    until curl --silent --fail --output /dev/null "$url/api/health"; do
        kill -0 "$server" || { cat log errors >&2; exit 1; }
    done
}

# The processor time of the server, in hundredths of a second: its own and the system's for it.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$server/stat"
}

post() {
    curl --silent --fail --header 'Content-Type: application/json' --data "$2" "$url$1" | sed 's/^{"id":"\([^"]*\)".*/\1/'
}

printf '%-44s%12s%12s%8s\n' 'requests per second of processor time' sprout original times
figure() {
    local name=$1 original=$2 connections=$3
    shift 3
    wrk --threads 1 --connections "$connections" --duration 1s "$@" >/dev/null
    local before after requests
    before="$(ticks)"
    wrk --threads 1 --connections "$connections" --duration "${seconds}s" --latency "$@" >result
    after="$(ticks)"
    requests="$(awk '/requests in/ { print $1 }' result)"
    if grep -q 'Non-2xx' result; then
        echo "$name: $(grep 'Non-2xx' result)" >&2
        exit 1
    fi
    awk -v name="$name, $connections connections" -v requests="$requests" -v ticks="$((after - before))" \
        -v original="$original" 'BEGIN {
            rate = requests / (ticks / 100)
            printf "%-44s%12.0f%12d%8.1f\n", name, rate, original, rate / original
        }'
}

start 18431
branch="$(post /api/branches "{\"title\":\"b\",\"userId\":\"$user\"}")"
node="$(post /api/nodes "{\"title\":\"r\",\"type\":\"root\",\"userId\":\"$user\",\"branchId\":\"$branch\"}")"
for number in $(seq 99); do
    body="{\"title\":\"concept $number\",\"type\":\"concept\",\"userId\":\"$user\",\"parentId\":\"$node\",\"desc\":\"what it is about\"}"
    post /api/nodes "$body" >/dev/null
done
session="$(post /api/chat/sessions "{\"userId\":\"$user\",\"nodeId\":\"$node\"}")"
cat >insert.lua <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"userId":"$user","role":"user","content":"What does a tree need to grow?"}'
LUA
for connections in 1 64; do
    figure 'health' 5000 "$connections" "$url/api/health"
    figure 'a list of 100 nodes' 1240 "$connections" "$url/api/nodes?branchId=$branch"
    figure 'a message' 1430 "$connections" --script insert.lua "$url/api/chat/sessions/$session/messages"
done
awk '/VmHWM|VmRSS/ { printf "%-44s%9.1f MiB\n", ($1 == "VmHWM:" ? "memory at its peak" : "memory at the end"), $2 / 1024 }' \
    "/proc/$server/status"
kill "$server"
wait "$server" || true

# The last connection closed the database, so a start finds it as a person would.
for number in $(seq 20); do
    began="$(date +%s%N)"
    start $((18431 + number))
    echo $((($(date +%s%N) - began) / 1000))
    kill "$server"
    wait "$server" || true
done | sort -n | awk '{ times[NR] = $1 } END { printf "%-44s%9.1f ms\n", "from the start to the first answer, median", times[int((NR + 1) / 2)] / 1000 }'
server=
