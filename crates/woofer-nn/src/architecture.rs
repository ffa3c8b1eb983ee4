use std::fmt;

use serde::{Deserialize, Serialize};
use woofer::audioset::LabelList;
use woofer::features::FrontEnd;

use crate::backbone::mn::MnConfig;
use crate::backbone::vggish::VggishConfig;
use crate::backbone::yamnet::YamnetConfig;
use crate::head::{AttentionHeadConfig, BACKGROUND, EVIDENCE, LinearHeadConfig, MappedHeadConfig};
use crate::weights::Weights;

/// Most fine labels that a bundle may claim.
const MAX_CLASSES: usize = 10_000;

/// Which network a set of weights is for: a backbone and the head on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Names", into = "Names")]
pub struct Architecture {
    /// From features to embeddings.
    pub backbone: Backbone,
    /// From embeddings to logits.
    pub head: Head,
}

/// A published network from features to embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backbone {
    /// EfficientAT `mn` of a published width, in tenths.
    Mn {
        /// 4 for `mn04`.
        width_tenths: u32,
    },
    /// Google's `YAMNet`.
    Yamnet,
    /// VGGish.
    Vggish,
}

/// What turns embeddings into logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Nothing: the network ends in an embedding.
    None,
    /// The backbone's own classifier of AudioSet classes.
    AudioSet,
    /// The original's self-attention over the windows.
    Attention {
        /// Number of fine labels.
        classes: usize,
    },
    /// One dense layer on the mean embedding and, where there are any, the mean AudioSet logits.
    Linear {
        /// Number of fine labels.
        classes: usize,
    },
    /// The untrained mapping from AudioSet labels, plus one dense layer as [`Head::Linear`] has it.
    Mapped {
        /// Number of fine labels.
        classes: usize,
        /// Whether labels of what goes on under other sounds yield to what is heard over them.
        background: bool,
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

impl From<Architecture> for Names {
    fn from(architecture: Architecture) -> Self {
        Self {
            backbone: architecture.backbone.to_string(),
            head: architecture.head.name().to_owned(),
            classes: architecture.head.classes(),
        }
    }
}

impl TryFrom<Names> for Architecture {
    type Error = String;

    fn try_from(names: Names) -> Result<Self, String> {
        let backbone = Backbone::all()
            .into_iter()
            .find(|b| b.to_string() == names.backbone);
        let head = match (names.head.as_str(), names.classes) {
            ("none", None) => Some(Head::None),
            ("audioset", None) => Some(Head::AudioSet),
            ("attention", Some(classes)) => Some(Head::Attention { classes }),
            ("linear", Some(classes)) => Some(Head::Linear { classes }),
            ("mapped", Some(classes)) => Some(Head::Mapped {
                classes,
                background: false,
            }),
            ("mapped_background", Some(classes)) => Some(Head::Mapped {
                classes,
                background: true,
            }),
            _ => None,
        };
        match (backbone, head) {
            (Some(backbone), Some(head)) if head.fits(backbone) => Ok(Self { backbone, head }),
            _ => Err(names.unknown()),
        }
    }
}

impl Names {
    fn unknown(&self) -> String {
        let backbones: Vec<String> = Backbone::all().iter().map(ToString::to_string).collect();
        format!(
            "no network has backbone {:?}, head {:?} and {} classes; backbones are {}; heads are linear or \
             attention with 2 to {MAX_CLASSES} classes on any, mapped and mapped_background with as many and audioset on mn and yamnet, none on \
             vggish",
            self.backbone,
            self.head,
            self.classes
                .map_or_else(|| "its own".to_owned(), |n| n.to_string()),
            backbones.join(", ")
        )
    }
}

impl Architecture {
    /// The architecture whose tensors, by canonical name and shape, are just those of `weights`.
    #[must_use]
    pub fn of(weights: &Weights) -> Option<Self> {
        let classes = |name| weights.shape(name).and_then(|shape| shape.first().copied());
        let linear = classes("head.bias").map(|classes| {
            if weights.contains(EVIDENCE) {
                Head::Mapped {
                    classes,
                    background: weights.contains(BACKGROUND),
                }
            } else {
                Head::Linear { classes }
            }
        });
        let attention = classes("classifier.bias").map(|classes| Head::Attention { classes });
        let trained = [attention, linear];
        let heads: Vec<Head> = [Head::AudioSet, Head::None]
            .into_iter()
            .chain(trained.into_iter().flatten())
            .collect();
        Backbone::all()
            .into_iter()
            .flat_map(|backbone| heads.iter().map(move |&head| Self { backbone, head }))
            .filter(|architecture| architecture.head.fits(architecture.backbone))
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
        let mut tensors = match self.backbone {
            Backbone::Mn { width_tenths } => MnConfig::new(width_tenths).tensors(),
            Backbone::Yamnet => YamnetConfig::default().tensors(),
            Backbone::Vggish => VggishConfig::default().tensors(),
        };
        match self.head {
            Head::None | Head::AudioSet => {}
            Head::Attention { classes } => {
                tensors.extend(AttentionHeadConfig::new(self.backbone, classes).tensors());
            }
            Head::Linear { classes } => {
                tensors.extend(LinearHeadConfig::new(self.backbone, classes).tensors());
            }
            Head::Mapped { classes, background } => {
                tensors.extend(MappedHeadConfig::new(self.backbone, classes, background).tensors());
            }
        }
        tensors
    }

    /// Number of parameters, batch normalisation folded in.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.tensors()
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum()
    }

    /// The features that the network reads.
    #[must_use]
    pub const fn front_end(&self) -> FrontEnd {
        match self.backbone {
            Backbone::Mn { .. } => FrontEnd::Mn,
            Backbone::Yamnet => FrontEnd::Yamnet,
            Backbone::Vggish => FrontEnd::Vggish,
        }
    }

    /// The AudioSet classes that the network scores, if that is what it scores.
    #[must_use]
    pub fn label_list(&self) -> Option<LabelList> {
        self.backbone.label_list().filter(|_| self.head == Head::AudioSet)
    }
}

impl Backbone {
    /// Every backbone known here.
    fn all() -> Vec<Self> {
        MnConfig::published()
            .map(|(width_tenths, _)| Self::Mn { width_tenths })
            .chain([Self::Yamnet, Self::Vggish])
            .collect()
    }

    /// The AudioSet classes of the backbone's own classifier, if it has one.
    #[must_use]
    pub const fn label_list(self) -> Option<LabelList> {
        match self {
            Self::Mn { .. } => Some(LabelList::AudioSet527),
            Self::Yamnet => Some(LabelList::AudioSet521),
            Self::Vggish => None,
        }
    }

    /// What the names of each layer's tensors begin with, from the first layer to that before the embedding.
    pub(crate) fn layer_names(self) -> Vec<String> {
        match self {
            Self::Mn { width_tenths } => MnConfig::new(width_tenths).layer_names(),
            Self::Yamnet => YamnetConfig::default().layer_names(),
            Self::Vggish => VggishConfig::default().layer_names(),
        }
    }

    /// Values of an embedding.
    pub(crate) fn embedding(self) -> usize {
        match self {
            Self::Mn { width_tenths } => MnConfig::new(width_tenths).embedding(),
            Self::Yamnet => YamnetConfig::default().embedding(),
            Self::Vggish => VggishConfig::default().embedding,
        }
    }
}

impl fmt::Display for Backbone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mn { width_tenths } => write!(f, "mn{width_tenths:02}"),
            Self::Yamnet => f.write_str("yamnet"),
            Self::Vggish => f.write_str("vggish"),
        }
    }
}

impl Head {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::AudioSet => "audioset",
            Self::Attention { .. } => "attention",
            Self::Linear { .. } => "linear",
            Self::Mapped {
                background: false, ..
            } => "mapped",
            Self::Mapped { background: true, .. } => "mapped_background",
        }
    }

    /// Number of fine labels of a trained head.
    #[must_use]
    pub const fn classes(self) -> Option<usize> {
        match self {
            Self::None | Self::AudioSet => None,
            Self::Attention { classes } | Self::Linear { classes } | Self::Mapped { classes, .. } => {
                Some(classes)
            }
        }
    }

    /// Whether there is such a head on a backbone.
    pub(crate) fn fits(self, backbone: Backbone) -> bool {
        let count = self
            .classes()
            .is_none_or(|classes| (2..=MAX_CLASSES).contains(&classes));
        let kind = match self {
            Self::Linear { .. } | Self::Attention { .. } => true,
            Self::AudioSet | Self::Mapped { .. } => backbone.label_list().is_some(),
            Self::None => backbone == Backbone::Vggish,
        };
        count && kind
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.backbone)?;
        match self.head {
            Head::None => f.write_str("embedding only"),
            Head::AudioSet => f.write_str("AudioSet classifier"),
            Head::Attention { classes } => write!(f, "attention classifier of {classes} labels"),
            Head::Linear { classes } => write!(f, "linear classifier of {classes} labels"),
            Head::Mapped { classes, background } => {
                let background = if background { " with a background" } else { "" };
                write!(
                    f,
                    "AudioSet mapping{background} and linear classifier of {classes} labels"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untrained() -> impl Iterator<Item = Architecture> {
        Backbone::all().into_iter().map(|backbone| Architecture {
            backbone,
            head: if backbone == Backbone::Vggish {
                Head::None
            } else {
                Head::AudioSet
            },
        })
    }

    #[test]
    fn names_survive_being_written_and_read() {
        let (classes, backbone) = (15, Backbone::Vggish);
        let trained = [Head::Attention { classes }, Head::Linear { classes }]
            .map(|head| Architecture { backbone, head });
        let mapped = [false, true].map(|background| Architecture {
            backbone: Backbone::Yamnet,
            head: Head::Mapped { classes, background },
        });
        for architecture in untrained().chain(trained).chain(mapped) {
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
            "backbone = \"vggish\"\nhead = \"mapped\"\nclasses = 15",
            "backbone = \"mn04\"\nhead = \"audioset\"\nclasses = 527",
            "backbone = \"vggish\"\nhead = \"attention\"",
            "backbone = \"vggish\"\nhead = \"linear\"\nclasses = 1",
            "backbone = \"vggish\"\nhead = \"attention\"\nclasses = 99999999999",
        ] {
            let error = toml::from_str::<Architecture>(text).unwrap_err().to_string();
            assert!(
                error.contains("mn04") && error.contains("audioset on mn and yamnet"),
                "{error}"
            );
        }
    }

    #[test]
    fn networks_are_told_apart_by_their_tensors() {
        let classes = 3;
        let trained = [
            Head::Linear { classes },
            Head::Mapped {
                classes,
                background: false,
            },
            Head::Mapped {
                classes,
                background: true,
            },
            Head::Attention { classes },
        ]
        .map(|head| Architecture {
            backbone: Backbone::Mn { width_tenths: 2 },
            head,
        });
        for architecture in untrained().chain(trained).filter(|a| a.parameters() < 4_000_000) {
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
