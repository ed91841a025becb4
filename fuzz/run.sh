#!/usr/bin/env bash
# Feeds the readers of files with damaged input, for so many seconds each (60); fails at the first that panics, hangs or
# takes too much memory, and keeps the input in fuzz/artifacts. Runs on the stable toolchain; needs cargo-fuzz and a C++
# compiler.
#   fuzz/run.sh                     all targets
#   fuzz/run.sh 600 snapshot        one of them, for ten minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
shift || true
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(rust_source sql_source sql_text journal snapshot script config)

# What is good to begin with: the project's own case files, schemas and migrations.
seed() {
    local target=$1 folder="corpus/$1" number=0
    mkdir -p "$folder"
    case $target in
        rust_source) cp ../sprout/src/schema.rs "$folder/" ;;
        journal) cp ../sprout/migrations/sqlite/meta/_journal.json "$folder/" ;;
        snapshot) cp ../sprout/migrations/sqlite/meta/*_snapshot.json "$folder/" ;;
        config) printf '%s\0DB=app.db\n' "$(cat ../sprout/seedbed.toml)" >"$folder/ours" ;;
        *) cp ../sprout/migrations/sqlite/*.sql "$folder/" ;;
    esac
    local fence=sql
    [[ $target == rust_source ]] && fence=rust
    [[ $target == journal || $target == snapshot || $target == config ]] && return
    awk -v fence='```'"$fence" -v folder="$folder" '
        index($0, fence) == 1 { inside = 1; number += 1; file = folder "/case-" number; printf "" > file; next }
        /^```/ { if (inside) close(file); inside = 0 }
        inside { print > file }
    ' ../crates/schema/tests/cases/*/*.md
}

export RUSTC_BOOTSTRAP=1
# The reader's limit on nesting is made for the stack that the command gives itself.
ulimit -s 262144 2>/dev/null || ulimit -s unlimited 2>/dev/null || true
for target in "${targets[@]}"; do
    seed "$target"
    printf '\n==> %s, %s s\n' "$target" "$seconds"
    cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -malloc_limit_mb=512 -max_len=65536 -print_final_stats=1 -verbosity=0 2>&1 |
        sed -nE -e '/^(INFO|#|Loaded|WARNING|\s*$)|NEW_FUNC|# Uses: |^ +(Finished|Running|Compiling)/d' -e "s/^stat::number_of_executed_units: */$target: executions /p; t" -e p ||
        { echo "==> FAILED: $target" >&2; exit 1; }
done
