#!/usr/bin/env bash
# Measures what the derives cost a user's crate: the CPU time of `cargo check` for crates of 100 and of 200 tables with ten
# columns each, the dependencies checked before. Fails when 100 tables take more than 6 s, or the second hundred takes more
# than 1.3 times the first.
#   benches/derive.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=target/derive
mkdir -p "$work/src"
cat >"$work/Cargo.toml" <<EOF
[package]
name = "derive-cost"
version = "0.0.0"
edition = "2024"

[dependencies]
seedbed = { path = "$root/crates/seedbed" }

[workspace]
EOF
cp Cargo.lock "$work/"

tables() {
    echo 'use seedbed::prelude::*;'
    for ((table = 0; table < $1; table++)); do
        cat <<EOF
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "table_$table", index(columns(title, created_at)))]
pub struct Table$table {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Table$((table / 2))::id, index)]
    pub parent_id: Option<i64>,
    pub title: String,
    #[column(unique)]
    pub email: String,
    pub body: Option<String>,
    #[column(default = 0.0)]
    pub score: f64,
    #[column(default = true)]
    pub active: bool,
    #[column(default = 0)]
    pub level: i32,
    #[column(stored_as = "unix_seconds")]
    pub created_at: Timestamp,
    pub extra: Option<Json<Vec<String>>>,
}
EOF
    done
}

# Prints the median of the CPU seconds of five checks.
check() {
    tables "$1" >"$work/src/lib.rs"
    for _ in 1 2 3 4 5; do
        touch "$work/src/lib.rs"
        (cd "$work" && TIMEFORMAT='%U %S' && time cargo check --quiet --offline 2>/dev/null) 2>&1 | awk '{ print $1 + $2 }'
    done | sort -n | sed -n 3p
}

tables 1 >"$work/src/lib.rs"
(cd "$work" && cargo check --quiet)
nothing=$(check 0)
hundred=$(check 100)
two=$(check 200)
awk -v nothing="$nothing" -v hundred="$hundred" -v two="$two" 'BEGIN {
    printf "no table           %6.2f s of CPU\n100 tables         %6.2f s of CPU   limit 6.00\n200 tables         %6.2f s of CPU\n", nothing, hundred, two
    first = hundred - nothing; second = two - hundred
    printf "the second hundred %6.2f times the first, limit 1.30\n", second / first
    exit hundred > 6 || second > first * 1.3
}'
