use std::fmt;

use serde::{Deserialize, Serialize};
use woofer::audioset::LabelList;
use woofer::features::FrontEnd;

use crate::backbone::mn::MnConfig;
use crate::backbone::vggish::VggishConfig;
use crate::backbone::yamnet::YamnetConfig;
use crate::head::AttentionHeadConfig;
use crate::weights::Weights;

/// Which network a set of weights is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Names", into = "Names")]
pub enum Architecture {
    /// EfficientAT `mn` of a published width, in tenths, with its AudioSet classifier.
    Mn {
        /// 4 for `mn04`.
        width_tenths: u32,
    },
    /// `YAMNet` with its AudioSet classifier.
    Yamnet,
    /// VGGish alone, which ends in an embedding.
    Vggish,
    /// VGGish with the original's attention classifier.
    VggishAttention {
        /// Number of fine labels.
        classes: usize,
    },
}

/// An architecture as `model.toml` has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    backbone: String,
    head: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classes: Option<usize>,
}

/// Most fine labels that a bundle may claim.
const MAX_CLASSES: usize = 10_000;

impl From<Architecture> for Names {
    fn from(architecture: Architecture) -> Self {
        let (head, classes) = match architecture {
            Architecture::Mn { .. } | Architecture::Yamnet => ("audioset", None),
            Architecture::Vggish => ("none", None),
            Architecture::VggishAttention { classes } => ("attention", Some(classes)),
        };
        Self {
            backbone: architecture.backbone(),
            head: head.to_owned(),
            classes,
        }
    }
}

impl TryFrom<Names> for Architecture {
    type Error = String;

    fn try_from(names: Names) -> Result<Self, String> {
        let known = Self::without_classes();
        match (names.backbone.as_str(), names.head.as_str(), names.classes) {
            ("vggish", "attention", Some(classes)) if (2..=MAX_CLASSES).contains(&classes) => {
                Ok(Self::VggishAttention { classes })
            }
            (_, _, None) => known
                .into_iter()
                .find(|a| {
                    let own = Names::from(a.clone());
                    own.backbone == names.backbone && own.head == names.head
                })
                .ok_or_else(|| names.unknown()),
            _ => Err(names.unknown()),
        }
    }
}

impl Names {
    fn unknown(&self) -> String {
        let known: Vec<String> = Architecture::without_classes()
            .into_iter()
            .map(|a| format!("{} with head {}", a.backbone(), Self::from(a).head))
            .collect();
        format!(
            "no network has backbone {:?}, head {:?} and {} classes; known are {}, and vggish with head attention and \
             2 to {MAX_CLASSES} classes",
            self.backbone,
            self.head,
            self.classes
                .map_or_else(|| "its own".to_owned(), |n| n.to_string()),
            known.join(", ")
        )
    }
}

impl Architecture {
    /// Every architecture whose number of classes is fixed.
    fn without_classes() -> Vec<Self> {
        MnConfig::published()
            .map(|(width_tenths, _)| Self::Mn { width_tenths })
            .chain([Self::Yamnet, Self::Vggish])
            .collect()
    }

    /// The architecture whose tensors, by canonical name and shape, are just those of `weights`.
    #[must_use]
    pub fn of(weights: &Weights) -> Option<Self> {
        let classes = weights
            .shape("classifier.bias")
            .and_then(|shape| shape.first().copied());
        let attention = classes.map(|classes| Self::VggishAttention { classes });
        Self::without_classes()
            .into_iter()
            .chain(attention)
            .find(|architecture| {
                let tensors = architecture.tensors();
                tensors.len() == weights.len()
                    && tensors
                        .iter()
                        .all(|(name, shape)| weights.shape(name) == Some(shape.as_slice()))
            })
    }

    /// Canonical name and shape of every tensor.
    #[must_use]
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        match self {
            Self::Mn { width_tenths } => MnConfig::new(*width_tenths).tensors(),
            Self::Yamnet => YamnetConfig::default().tensors(),
            Self::Vggish => VggishConfig::default().tensors(),
            Self::VggishAttention { classes } => {
                let mut tensors = VggishConfig::default().tensors();
                tensors.extend(AttentionHeadConfig::new(*classes).tensors());
                tensors
            }
        }
    }

    /// Number of parameters, batch normalisation folded in.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.tensors()
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum()
    }

    /// Name of the backbone, such as `mn04`.
    #[must_use]
    pub fn backbone(&self) -> String {
        match self {
            Self::Mn { width_tenths } => format!("mn{width_tenths:02}"),
            Self::Yamnet => "yamnet".to_owned(),
            Self::Vggish | Self::VggishAttention { .. } => "vggish".to_owned(),
        }
    }

    /// The features that the network reads.
    #[must_use]
    pub const fn front_end(&self) -> FrontEnd {
        match self {
            Self::Mn { .. } => FrontEnd::Mn,
            Self::Yamnet => FrontEnd::Yamnet,
            Self::Vggish | Self::VggishAttention { .. } => FrontEnd::Vggish,
        }
    }

    /// The AudioSet classes that the network scores, if it does.
    #[must_use]
    pub const fn label_list(&self) -> Option<LabelList> {
        match self {
            Self::Mn { .. } => Some(LabelList::AudioSet527),
            Self::Yamnet => Some(LabelList::AudioSet521),
            Self::Vggish | Self::VggishAttention { .. } => None,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mn { .. } | Self::Yamnet => write!(f, "{}, AudioSet classifier", self.backbone()),
            Self::Vggish => f.write_str("vggish, embedding only"),
            Self::VggishAttention { classes } => {
                write!(f, "vggish, attention classifier of {classes} labels")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_being_written_and_read() {
        for architecture in Architecture::without_classes()
            .into_iter()
            .chain([Architecture::VggishAttention { classes: 15 }])
        {
            let text = toml::to_string(&architecture).unwrap();
            assert_eq!(
                toml::from_str::<Architecture>(&text).unwrap(),
                architecture,
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_networks_are_refused_with_what_is_known() {
        for text in [
            "backbone = \"mn03\"\nhead = \"audioset\"",
            "backbone = \"mn04\"\nhead = \"attention\"\nclasses = 15",
            "backbone = \"vggish\"\nhead = \"attention\"",
            "backbone = \"vggish\"\nhead = \"attention\"\nclasses = 99999999999",
        ] {
            let error = toml::from_str::<Architecture>(text).unwrap_err().to_string();
            assert!(error.contains("mn04 with head audioset"), "{error}");
        }
    }

    #[test]
    fn published_audioset_networks_are_told_apart_by_their_tensors() {
        for architecture in Architecture::without_classes() {
            if architecture.parameters() > 3_000_000 {
                continue;
            }
            let mut weights = Weights::new("test");
            for (name, shape) in architecture.tensors() {
                weights
                    .insert(&name, &shape, vec![0.0; shape.iter().product()])
                    .unwrap();
            }
            assert_eq!(Architecture::of(&weights), Some(architecture));
        }
    }
}
