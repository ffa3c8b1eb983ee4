use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// An AudioSet class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioSetLabel {
    /// Machine id, such as `/m/05tny_`.
    pub mid: &'static str,
    /// Display name, such as `Bark`.
    pub name: &'static str,
}

/// The lists of AudioSet classes that published networks score, in the order of their outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LabelList {
    /// The 527 classes of AudioSet's segments (EfficientAT, PANNs).
    #[serde(rename = "audioset-527")]
    AudioSet527,
    /// The 521 classes of `YAMNet`: AudioSet's less six.
    #[serde(rename = "audioset-521")]
    AudioSet521,
}

struct Lists {
    all: Vec<AudioSetLabel>,
    yamnet: Vec<AudioSetLabel>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists {
        all: Vec::with_capacity(527),
        yamnet: Vec::with_capacity(521),
    };
    for row in include_str!("../../data/audioset_labels.tsv").lines().skip(1) {
        let mut cells = row.split('\t');
        if let (Some(mid), Some(in_yamnet), Some(name)) = (cells.next(), cells.next(), cells.next()) {
            let label = AudioSetLabel { mid, name };
            lists.all.push(label);
            if in_yamnet == "1" {
                lists.yamnet.push(label);
            }
        }
    }
    lists
});

impl LabelList {
    /// The labels in the order of the network's outputs.
    #[must_use]
    pub fn labels(self) -> &'static [AudioSetLabel] {
        match self {
            Self::AudioSet527 => &LISTS.all,
            Self::AudioSet521 => &LISTS.yamnet,
        }
    }

    /// The list's name in bundles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AudioSet527 => "audioset-527",
            Self::AudioSet521 => "audioset-521",
        }
    }
}

impl fmt::Display for LabelList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_lists_have_the_published_lengths_and_no_doubles() {
        for (list, length) in [(LabelList::AudioSet527, 527), (LabelList::AudioSet521, 521)] {
            let mids: HashSet<_> = list.labels().iter().map(|l| l.mid).collect();
            assert_eq!((list.labels().len(), mids.len()), (length, length));
        }
    }

    #[test]
    fn known_outputs_stand_in_their_places() {
        // AudioSet class_labels_indices.csv and YAMNet's yamnet_class_map.csv.
        let full = LabelList::AudioSet527.labels();
        assert_eq!(
            (full[0].name, full[75].name, full[526].name),
            ("Speech", "Bark", "Field recording")
        );
        let yamnet = LabelList::AudioSet521.labels();
        assert_eq!(
            (yamnet[1].name, yamnet[70].name),
            ("Child speech, kid speaking", "Bark")
        );
    }
}
