use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundKind {
    /// A smoke alarm: three pulses and a pause (ISO 8201).
    SmokeAlarm,
    /// A carbon monoxide alarm: four short pulses and a long pause (UL 2034).
    CoAlarm,
    /// A doorbell: struck bars, electronic tones, melodies, bells with a hammer, buzzers.
    DoorChime,
    /// What beeps and is no alarm: ovens, keys, telephones, reversing vehicles, kettles.
    Beep,
    /// Noise of one colour.
    Noise,
    /// Mains hum and the buzz of transformers.
    Hum,
    /// A fan or ventilator.
    Fan,
    /// Nothing: zeros, a faint noise floor, an offset.
    Silence,
    /// A home in which now and then something falls, drips, creaks or is put down.
    Room,
    /// Notes, tunes, drums and pieces of several instruments.
    Music,
    /// A window or a bottle that goes to pieces.
    Glass,
    /// Water that runs: a tap, a shower, rain.
    Water,
    /// A vacuum cleaner, a mixer, a washing machine: what runs until somebody turns it off.
    Appliance,
}

impl SoundKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::SmokeAlarm,
        Self::CoAlarm,
        Self::DoorChime,
        Self::Beep,
        Self::Noise,
        Self::Hum,
        Self::Fan,
        Self::Silence,
        Self::Room,
        Self::Music,
        Self::Glass,
        Self::Water,
        Self::Appliance,
    ];

    /// The name by which it is asked for, as in `smoke_alarm`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SmokeAlarm => "smoke_alarm",
            Self::CoAlarm => "co_alarm",
            Self::DoorChime => "door_chime",
            Self::Beep => "beep",
            Self::Noise => "noise",
            Self::Hum => "hum",
            Self::Fan => "fan",
            Self::Silence => "silence",
            Self::Room => "room",
            Self::Music => "music",
            Self::Glass => "glass",
            Self::Water => "water",
            Self::Appliance => "appliance",
        }
    }

    /// The class of the taxonomy `tomofun` that it belongs to; its fine label has the same name.
    #[must_use]
    pub const fn tomofun_label(self) -> &'static str {
        match self {
            Self::SmokeAlarm | Self::CoAlarm => "CO_Smoke",
            Self::DoorChime => "Doorbell",
            Self::Music => "Music_Instrument",
            Self::Glass => "GlassBreaking",
            Self::Beep
            | Self::Noise
            | Self::Hum
            | Self::Fan
            | Self::Silence
            | Self::Room
            | Self::Water
            | Self::Appliance => "Other",
        }
    }
}

impl fmt::Display for SoundKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SoundKind {
    type Err = UnknownSoundKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownSoundKind {
                name: name.to_owned(),
            })
    }
}

/// A name that no kind of sound has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no kind of sound; there are {}", SoundKind::ALL.map(SoundKind::name).join(", "))]
pub struct UnknownSoundKind {
    /// The name as given.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::Taxonomy;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in SoundKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            let quoted = serde_json::to_string(&kind).unwrap();
            assert_eq!(quoted, format!("{:?}", kind.name()));
            assert_eq!(serde_json::from_str::<SoundKind>(&quoted).unwrap(), kind);
        }
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let said = "smoke".parse::<SoundKind>().unwrap_err().to_string();
        assert!(
            said.starts_with("\"smoke\" is no kind of sound; there are smoke_alarm, co_alarm,"),
            "{said}"
        );
    }

    #[test]
    fn the_labels_are_those_of_the_taxonomy() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let fine = taxonomy.fine_labels();
        for kind in SoundKind::ALL {
            let label = kind.tomofun_label();
            let found = fine.iter().find(|(_, fine)| fine.name == label);
            let class = found.map(|(class, _)| taxonomy.classes[*class].name.as_str());
            assert_eq!(class, Some(label), "{kind}");
        }
    }
}
