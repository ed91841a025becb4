#!/usr/bin/env bash
# Tells the long stories of what is proved under faults, and ends with a table; fails when one of them fails. In release,
# about an hour for all on two processors. The same stories are told in short by `cargo test`.
#   benches/reliability.sh                       all of them
#   benches/reliability.sh --evolutions 10000    pairs of random schemas with rows, there and back
#   benches/reliability.sh --kills 1000          SIGKILL in migrate, rollback, restore, push and generate, so often in all
#   benches/reliability.sh --writers 200         SIGKILL in a program with many writers on one pool, so often
#   benches/reliability.sh --servers 200         SIGKILL in Sprout while clients write over HTTP, so often
#   benches/reliability.sh --crowds 3            16 migrators at once, so many rounds, some killed, some migrations slow
#   benches/reliability.sh --disk 16384          a disk that fills up, in steps of so many bytes; read-only files and disks
#   benches/reliability.sh --input 200           every file that the command reads, damaged so often
#   benches/reliability.sh --fuzz 300            every reader fed for so many seconds (see fuzz/run.sh)
# Flags can be combined. What each story tells goes to target/reliability/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A wanted=()
if [[ $# -eq 0 ]]; then
    wanted=([evolutions]=10000 [kills]=1000 [writers]=200 [servers]=200 [crowds]=3 [disk]=16384 [input]=200 [fuzz]=300)
fi
while [[ $# -gt 0 ]]; do
    story=${1#--}
    case $story in
        evolutions | kills | writers | servers | crowds | disk | input | fuzz) ;;
        *) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
    esac
    if [[ ! ${2:-} =~ ^[0-9]+$ || $2 == 0 ]]; then
        echo "$1 needs a number" >&2
        exit 2
    fi
    wanted[$story]=$2
    shift 2
done

logs=target/reliability
mkdir -p "$logs"
failed=0
table=()

# Runs a command, keeps what it says, and notes how it ended. What is told may stand behind the dots of tests that passed.
tell() {
    local story=$1 what=$2 started=$SECONDS verdict=ok
    shift 2
    printf '==> %s: %s\n' "$story" "$what"
    if ! "$@" >"$logs/$story.log" 2>&1; then
        verdict=FAILED
        failed=1
        tail -n 40 "$logs/$story.log"
    fi
    table+=("$(printf '%-11s %-7s %6d s  %s' "$story" "$verdict" "$((SECONDS - started))" "$what")")
    while IFS= read -r line; do
        table+=("$(printf '%28s%s' '' "$line")")
    done < <(sed 's/^\.*//' "$logs/$story.log" |
        grep -E '^(killed|\[.*failed|.* damaged [0-9]|[a-z_]+: executions|[0-9]+ pairs|no disk)')
}

laws() { cargo test --release --locked --quiet -p seedbed --test laws -- --nocapture "$@"; }
pool() { cargo test --release --locked --quiet -p seedbed --test pool -- --nocapture "$@"; }
program() { cargo test --release --locked --quiet -p sprout --test program -- --nocapture "$@"; }
faults() { cargo test --release --locked --quiet -p seedbed-cli --test faults -- --nocapture "$@"; }

# What is measured is not the build.
[[ -z ${wanted[servers]:-} ]] || cargo test --release --locked --quiet -p sprout --test program --no-run
[[ -z ${wanted[evolutions]:-} ]] || cargo test --release --locked --quiet -p seedbed --test laws --no-run
if [[ -n ${wanted[kills]:-}${wanted[crowds]:-}${wanted[disk]:-}${wanted[input]:-} ]]; then
    cargo test --release --locked --quiet -p seedbed-cli --test faults --no-run
fi

for story in evolutions kills writers servers crowds disk input fuzz; do
    count=${wanted[$story]:-}
    [[ -n $count ]] || continue
    case $story in
        evolutions)
            SEEDBED_LAWS_CASES=$count tell "$story" "$count pairs of schemas" laws ;;
        kills)
            SEEDBED_FAULTS_KILLS=$(((count + 4) / 5)) \
                tell "$story" "$count kills" faults crashes:: ;;
        writers)
            SEEDBED_FAULTS_KILLS=$count tell "$story" "$count kills" pool kills:: ;;
        servers)
            SPROUT_FAULTS_KILLS=$count tell "$story" "$count kills" program kills:: ;;
        crowds)
            SEEDBED_FAULTS_CROWDS=$count tell "$story" "$count rounds of 16 migrators" faults --test-threads=1 crowds:: ;;
        disk)
            SEEDBED_FAULTS_DISK_STEP=$count tell "$story" "steps of $count bytes" faults full_disk:: read_only:: ;;
        input)
            SEEDBED_FAULTS_INPUTS=$count tell "$story" "every file damaged $count times" faults bad_input:: ;;
        fuzz)
            tell "$story" "$count s for every reader" fuzz/run.sh "$count" ;;
    esac
done

printf '\n'
printf '%s\n' "${table[@]}"
exit "$failed"
