"""Writes audioset_labels.tsv: the AudioSet classes that published networks score, in their order.

    python make_labels.py class_labels_indices.csv yamnet_class_map.csv > audioset_labels.tsv

class_labels_indices.csv  AudioSet's own list of 527 classes (research.google.com/audioset, CC BY 4.0)
yamnet_class_map.csv      YAMNet's list of 521 (tensorflow/models research/audioset/yamnet, Apache-2.0),
                          which is AudioSet's less six classes, in the same order with the same names
"""
import csv, sys

audioset, yamnet = (list(csv.reader(open(path, encoding="utf-8")))[1:] for path in sys.argv[1:3])
scored = {mid: name for _, mid, name in yamnet}
assert [mid for _, mid, _ in audioset if mid in scored] == [mid for _, mid, _ in yamnet]
assert all(scored.get(mid, name) == name for _, mid, name in audioset)
print("mid", "in_yamnet", "name", sep="\t")
for _, mid, name in audioset:
    print(mid, int(mid in scored), name, sep="\t")
