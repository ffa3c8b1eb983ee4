use woofer::Label;
use woofer::audioset::AudioSetLabel;
use woofer::taxonomy::{FineLabel, Taxonomy};

use crate::architecture::Architecture;

/// What a network scores, in the order of its outputs: AudioSet's classes, or the taxonomy's fine labels.
pub(crate) fn labels(architecture: Architecture, taxonomy: Option<&Taxonomy>) -> Vec<Label> {
    match architecture.label_list() {
        Some(list) => list.labels().iter().map(audioset).collect(),
        None => taxonomy
            .map(|taxonomy| taxonomy.fine_labels().into_iter().map(fine).collect())
            .unwrap_or_default(),
    }
}

fn audioset(label: &AudioSetLabel) -> Label {
    Label {
        id: label.mid.to_owned(),
        name: label.name.to_owned(),
    }
}

fn fine((class, fine): (usize, &FineLabel)) -> Label {
    Label {
        id: format!("{class}{}", fine.name),
        name: fine.name.clone(),
    }
}
