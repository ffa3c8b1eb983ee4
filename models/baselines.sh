#!/bin/sh
# What simpler classifiers reach on the clips that the built-in model is measured on, out of fold: models/baselines.sh [FOLDER]
#
# The untrained mappings of mn04 and YAMNet, a logistic regression on mn04's embedding and AudioSet logits, and its geometric mean with
# the mapping. A few minutes on two cores; it needs the clips and the published weights in ../shared, or in $SHARED.
set -eu
cd "$(dirname "$0")/.."
woofer=${WOOFER:-target/release/woofer}
work=${1:-target/default-model}
shared=${SHARED:-../shared}
clips="$shared/audio/manifest.csv"
mn04="$shared/weights/mn04_as_mAP_432.pt"
"$woofer" evaluate "$mn04" "$clips" --taxonomy tomofun -o "$work/mapping_mn04"
"$woofer" evaluate "$shared/weights/yamnet_mixed.safetensors" "$clips" --taxonomy tomofun -o "$work/mapping_yamnet"
for by in recording source; do
    # As scikit-learn's LogisticRegression on standardised columns: no start, no levelled segments, biases kept, all clips count the same.
    "$woofer" train "$clips" --recipe mapped --backbone "$mn04" --folds "fold_$by" --cache "$work/cache" --force -o "$work/logistic_$by" \
        --set network.head=linear --set network.bias=kept --set network.level_segments=false --set sampling.balance=0 \
        --set refit.reads=all --set 'refit.pull=[0.001, 0.003, 0.01, 0.03, 0.1]' >"$work/logistic_$by.txt"
    python3 models/geometric_mean.py "$work/logistic_$by/scores.csv" "$work/mapping_mn04/scores.csv" "$work/combined_$by/scores.csv"
    echo "logistic regression and its geometric mean with the mapping, by $by:"
    "$woofer" compare "$work/logistic_$by" "$work/combined_$by"
done
