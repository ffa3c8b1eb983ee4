use serde::{Deserialize, Serialize};

/// What the logits of a model are divided by before the softmax.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TemperatureText", into = "TemperatureText")]
pub enum SoftmaxTemperature {
    /// This.
    Given(f64),
    /// That at which the classes of the clips, each scored by the network that had not met it, are most likely.
    Fitted,
}

impl SoftmaxTemperature {
    /// The one given, or else 1: what is used before any can be fitted.
    #[must_use]
    pub const fn before_fit(self) -> f64 {
        match self {
            Self::Given(temperature) => temperature,
            Self::Fitted => 1.0,
        }
    }
}

/// A [`SoftmaxTemperature`] as a recipe has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TemperatureText {
    Number(f64),
    Word(String),
}

impl TryFrom<TemperatureText> for SoftmaxTemperature {
    type Error = String;

    fn try_from(text: TemperatureText) -> Result<Self, String> {
        match text {
            TemperatureText::Number(temperature) => Ok(Self::Given(temperature)),
            TemperatureText::Word(word) if word == "fitted" => Ok(Self::Fitted),
            TemperatureText::Word(word) => {
                Err(format!("temperature = {word:?}; it is a number or \"fitted\""))
            }
        }
    }
}

impl From<SoftmaxTemperature> for TemperatureText {
    fn from(temperature: SoftmaxTemperature) -> Self {
        match temperature {
            SoftmaxTemperature::Given(temperature) => Self::Number(temperature),
            SoftmaxTemperature::Fitted => Self::Word("fitted".to_owned()),
        }
    }
}
