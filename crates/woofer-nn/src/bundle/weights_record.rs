use serde::{Deserialize, Serialize};

use super::ensemble::MEMBERS;

/// The files of weights of a bundle: `model.safetensors`, or `member-1.safetensors` and so on of an ensemble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub struct WeightsRecord {
    /// Number of parameters of one network.
    pub parameters: usize,
    /// SHA-256 of each file in hexadecimal: one a network.
    pub sha256: Vec<String>,
}

/// The record as `model.toml` has it: `sha256` for one network, `members` for an ensemble.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    parameters: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Member>>,
}

/// A network of an ensemble; its file has its place in the list for a name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    sha256: String,
}

impl WeightsRecord {
    /// Name and SHA-256 of each file.
    pub fn files(&self) -> impl Iterator<Item = (String, &str)> {
        let names = file_names(self.sha256.len());
        names.zip(self.sha256.iter().map(String::as_str))
    }
}

/// Names of the files of weights of a bundle of so many networks.
pub(super) fn file_names(networks: usize) -> impl Iterator<Item = String> {
    (1..=networks).map(move |place| match networks {
        1 => "model.safetensors".to_owned(),
        _ => format!("member-{place}.safetensors"),
    })
}

/// Whether a file of weights of some bundle has this name.
pub(super) fn is_weights_name(name: &str) -> bool {
    file_names(1)
        .chain(file_names(*MEMBERS.end()))
        .any(|of_weights| of_weights == name)
}

impl From<WeightsRecord> for Table {
    fn from(record: WeightsRecord) -> Self {
        let parameters = record.parameters;
        match <[String; 1]>::try_from(record.sha256) {
            Ok([sha256]) => Self {
                sha256: Some(sha256),
                parameters,
                members: None,
            },
            Err(several) => Self {
                sha256: None,
                parameters,
                members: Some(several.into_iter().map(|sha256| Member { sha256 }).collect()),
            },
        }
    }
}

impl TryFrom<Table> for WeightsRecord {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let (least, most) = (MEMBERS.start(), MEMBERS.end());
        let sha256 = match (table.sha256, table.members) {
            (Some(one), None) => vec![one],
            (None, Some(several)) if MEMBERS.contains(&several.len()) => {
                several.into_iter().map(|member| member.sha256).collect()
            }
            (None, Some(several)) => {
                return Err(format!(
                    "{} members are listed; an ensemble has {least} to {most}",
                    several.len()
                ));
            }
            _ => {
                return Err(format!(
                    "either sha256, of one network, or a list of {least} to {most} members is needed"
                ));
            }
        };
        Ok(Self {
            parameters: table.parameters,
            sha256,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_and_several_survive_being_written_and_read() {
        for count in [1, 2, 64] {
            let record = WeightsRecord {
                parameters: 7,
                sha256: (0..count).map(|i| format!("{i:064x}")).collect(),
            };
            let text = toml::to_string(&record).unwrap();
            assert_eq!(toml::from_str::<WeightsRecord>(&text).unwrap(), record, "{text}");
            assert_eq!(record.files().count(), count);
        }
    }

    #[test]
    fn files_are_named_by_their_place() {
        assert_eq!(file_names(1).collect::<Vec<_>>(), ["model.safetensors"]);
        assert_eq!(
            file_names(2).collect::<Vec<_>>(),
            ["member-1.safetensors", "member-2.safetensors"]
        );
        for name in [
            "model.safetensors",
            "member-1.safetensors",
            "member-64.safetensors",
        ] {
            assert!(is_weights_name(name), "{name}");
        }
        for name in [
            "mn04.safetensors",
            "member-0.safetensors",
            "member-65.safetensors",
            "model.pt",
        ] {
            assert!(!is_weights_name(name), "{name}");
        }
    }

    #[test]
    fn lists_that_are_no_ensemble_are_refused() {
        let members = |count: usize| {
            format!(
                "parameters = 7\n{}",
                "[[members]]\nsha256 = \"a\"\n".repeat(count)
            )
        };
        for (text, part) in [
            ("parameters = 7".to_owned(), "either sha256"),
            ("parameters = 7\nmembers = []".to_owned(), "0 members"),
            (members(1), "1 members"),
            (members(65), "65 members"),
            (format!("sha256 = \"b\"\n{}", members(2)), "either sha256"),
        ] {
            let error = toml::from_str::<WeightsRecord>(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
