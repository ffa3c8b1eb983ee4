#!/usr/bin/env bash
# Makes the example sounds in this folder. Needs woofer (the first argument, or on the path) and ffmpeg.
set -euo pipefail
cd "$(dirname "$0")"
woofer=${1:-woofer}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for example in smoke_alarm:12 door_chime:3 noise:4; do
  kind=${example%:*} seed=${example#*:}
  "$woofer" dataset sounds --output "$made" --kind "$kind" --seed "$seed" --count 1 --seconds 6 --force
  ffmpeg -loglevel error -y -i "$made/$(printf '%s_%04d' "$kind" "$seed").wav" \
    -map_metadata -1 -fflags +bitexact -flags +bitexact -ar 16000 -compression_level 12 "$kind.flac"
done
