#!/usr/bin/env bash
# Runs a fuzz target: fuzz/run.sh TARGET SECONDS [FOLDER OF FURTHER SEEDS]...
# Needs a nightly Rust and cargo-fuzz. The corpus grows in fuzz/corpus/TARGET; a finding is kept in fuzz/artifacts/TARGET.
set -euo pipefail
target=${1:?a target: decode, taxonomy, checkpoint or bundle} seconds=${2:?seconds}
shift 2
cd "$(dirname "${BASH_SOURCE[0]}")/.."

features=() longest=65536
case $target in
decode) seeds=(testdata/audio/*.*) ;;
taxonomy) seeds=(crates/woofer/src/taxonomy/*.toml) longest=8192 ;;
checkpoint) seeds=(testdata/weights/*.p* testdata/weights/*.safetensors) features=(--features networks) ;;
bundle) seeds=() longest=8192 features=(--features networks) ;;
*) echo "$target: not a target" >&2 && exit 2 ;;
esac
for folder in "$@"; do
    while IFS= read -r -d '' file; do seeds+=("$file"); done < <(find -L "$folder" -type f -size "-$((longest / 1024))k" -print0)
done

corpus=fuzz/corpus/$target
mkdir -p "$corpus" fuzz/artifacts
for seed in "${seeds[@]}"; do
    case $seed in *.py) ;; *) cp "$seed" "$corpus/seed-$(sha256sum <"$seed" | cut -c 1-16)" ;; esac
done
# The words of the seeds are what a mutation is made of, where they are text.
words=$(mktemp)
trap 'rm -f "$words"' EXIT
{ grep -ohaE '[A-Za-z_/]{3,24}' crates/woofer/src/taxonomy/tomofun.toml "${seeds[@]}" || true; } |
    sort -u | head -n 2000 | sed 's/.*/"&"/' >"$words"

# The versions that the program has, whatever is newer.
cp Cargo.lock fuzz/Cargo.lock
export WOOFER_FUZZ_SEEDS=$PWD/$corpus
cargo +nightly fuzz run "${features[@]}" "$target" "$corpus" -- -max_total_time="$seconds" -max_len="$longest" \
    -dict="$words" -rss_limit_mb=2048 -timeout=60 -print_final_stats=1 -verbosity=1
