#!/usr/bin/env bash
# Measures the figures for speed and memory, in release, as medians of whole processes; fails when a limit is passed.
#   benches/seedbed.sh            Seedbed and Sprout
#   benches/seedbed.sh --build    with a clean debug build of the library
#   benches/seedbed.sh --only NAME    one group: generate, tables, sources, history, rebuild, sprout
#   DRIZZLE_KIT=folder benches/seedbed.sh    beside drizzle-kit (in it: npm install drizzle-kit@0.31 drizzle-orm)
#   benches/seedbed.sh folder DIR [COUNT]    writes a project of Sprout's size with COUNT (500) migrations, measures nothing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec cargo bench --quiet --locked -p seedbed-cli --bench figures -- "$@"
