#!/usr/bin/env bash
# Measures what other toolkits cost beside rusqlite by hand, by the work of `cargo bench -p seedbed --bench queries`.
# Each is a package outside the workspace, with the rusqlite that has its SQLite.
#   benches/peers.sh            all of them
#   benches/peers.sh diesel     one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/peers"
peers=("$@")
[[ ${#peers[@]} -gt 0 ]] || peers=(diesel sqlx)
for peer in "${peers[@]}"; do
    cargo run --quiet --release --manifest-path "$peer/Cargo.toml" --target-dir ../../target/peers
done
