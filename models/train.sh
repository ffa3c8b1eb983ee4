#!/bin/sh
# Makes the built-in model anew: models/train.sh [FOLDER FOR WHAT IS MADE ON THE WAY]
#
# Alarms, music, appliance beeps, noise, hums, silence and rooms of our own join the training; then the recipe `woofer` is trained and measured by
# source and by recording, side by side, on the clips as they are, made worse, as MP3 and AAC of a low rate, and over real noises of a home;
# last, thresholds are raised by ten made-up hours. Some 80 minutes on two cores. It needs the clips and the published weights in ../shared, or in $SHARED, ffmpeg, and a release build, or the program in $WOOFER.
set -eu
cd "$(dirname "$0")/.."
woofer=${WOOFER:-target/release/woofer}
work=${1:-target/default-model}
shared=${SHARED:-../shared}
mkdir -p "$work"

made="$work/sounds"
mkdir -p "$made"
echo path,label,fine,recording,source,licence,duration_s >"$made/manifest.csv"
sounds() { # KINDS COUNT SECONDS
    folder=$(echo "$1" | tr , -)
    "$woofer" dataset sounds --kind "$1" --count "$2" --seconds "$3" --seed 1000 --force -o "$made/$folder"
    sed "1d; s|^|$folder/|" "$made/$folder/manifest.csv" >>"$made/manifest.csv"
}
sounds smoke_alarm,noise 30 6
sounds co_alarm,hum,silence 15 6
sounds beep 90 6
sounds room 60 20
# Most of the list's music is of one source.
sounds music 120 5
python3 models/takes.py "$shared/audio/manifest.csv" "$work/takes"
at_home="real household noise at 10 dB"
for column in source recording; do
    python3 models/noise_takes.py "$shared/audio/manifest.csv" "fold_$column" "$work/takes/$column/$at_home"
done

# What a home listens for is more often what is heard there than the mapping takes it, whose Other is all the rest of AudioSet. With less, what is
# rare in the list would be taken for Other where it is not rare, and quiet mode would hear no alarm (docs/benchmarks.md).
prior='{ Barking = 3, Howling = 3, Crying = 4, CO_Smoke = 8, GlassBreaking = 2.6, Doorbell = 8, Bird = 0.85, Laugh_Shout_Scream = 2.5, Other = 0.9, Music_Instrument = 1.4 }'
measured() { # COLUMN THREADS NETWORKS
    mkdir -p "$work/$1"
    "$woofer" train "$shared/audio/manifest.csv" --recipe woofer --set "network.class_prior=$prior" \
        --backbone "$shared/weights/mn04_as_mAP_432.pt" --extra "$work/sounds/manifest.csv" \
        --retest "$work/takes/MP3, 24 kbps/manifest.csv" --retest "$work/takes/AAC, 16 kbps/manifest.csv" \
        --retest "$work/takes/$1/$at_home/manifest.csv" --set "model.from=$3" \
        --folds "fold_$1" --cache "$work/cache" --threads "$2" --force -o "$work/$1/default" >"$work/$1.txt"
}
# The second begins when the first has heard all clips, and finds in the cache what it says of them.
rm -rf "$work/source/default.run"
measured source 2 all_clips &
by_source=$!
while kill -0 $by_source 2>/dev/null && [ ! -e "$work/source/default.run/fold-1/state.safetensors" ]; do sleep 5; done
# It only measures: the network of all clips would be the same.
measured recording 1 folds
wait $by_source
cat "$work/recording.txt" "$work/source.txt"

# Thresholds and temperature are those for sources that the networks had not met, and no readier than what ten made-up hours bear. Chimes
# and taps of metal in them are music to some ears, so music may be heard five times an hour. Beside them stand twenty minutes of ovens, keys
# and telephones that beep without a pause, a minute each.
"$woofer" dataset sounds --kind room,hum,fan,noise --count 15 --seconds 600 --seed 600000 --force -o "$work/tuning_hours"
"$woofer" dataset sounds --kind beep --count 20 --seconds 60 --seed 600000 --force -o "$work/tuning_beeps"
"$woofer" model tune "$work/tuning_hours" "$work/tuning_beeps" --model "$work/source/default" --class Music_Instrument --per-hour 5 --force -o "$work/music"
"$woofer" model tune "$work/tuning_hours" "$work/tuning_beeps" --model "$work/music" --class Barking --class Howling --class Crying --class CO_Smoke \
    --class GlassBreaking --class Doorbell --class Bird --class Laugh_Shout_Scream --force -o "$work/tuned/default"
for file in model.toml model.safetensors metrics.json; do cp "$work/tuned/default/$file" models/default/; done
