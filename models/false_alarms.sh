#!/bin/sh
# Counts the false alarms of the built-in model, in quiet and balanced mode, on sounds that it has not learned from: ten hours of made-up rooms, hums,
# fans and noise, an hour of made-up music, one of made-up beeps, and the ESC-10 clips that are in no list it was trained on: models/false_alarms.sh [FOLDER]
set -eu
cd "$(dirname "$0")/.."
woofer=${WOOFER:-target/release/woofer}
work=${1:-target/default-model}
shared=${SHARED:-../shared}
"$woofer" dataset sounds --kind room,hum,fan,noise --count 15 --seconds 600 --seed 500000 --force -o "$work/ten_hours"
"$woofer" dataset sounds --kind music --count 60 --seconds 60 --seed 500000 --force -o "$work/hour_of_music"
"$woofer" dataset sounds --kind beep --count 60 --seconds 60 --seed 500000 --force -o "$work/hour_of_beeps"
for mode in quiet balanced; do
    echo "$mode mode, ten hours of made-up rooms, hums, fans and noise:"
    "$woofer" classify --mode $mode --summary "$work/ten_hours"
    echo "$mode mode, an hour of made-up music:"
    "$woofer" classify --mode $mode --summary "$work/hour_of_music"
    echo "$mode mode, an hour of made-up beeps of appliances, telephones and lorries:"
    "$woofer" classify --mode $mode --summary "$work/hour_of_beeps"
    echo "$mode mode, sea waves, helicopters and roosters of ESC-10:"
    "$woofer" classify --mode $mode --summary "$shared/esc10/sea_waves" "$shared/esc10/helicopter" "$shared/esc10/rooster"
done
