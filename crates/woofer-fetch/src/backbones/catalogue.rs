/// A published network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backbone {
    /// A short name: `mn04`.
    pub name: &'static str,
    /// The published file's name.
    pub file: &'static str,
    /// The folder of the release, with a slash at its end.
    pub release: &'static str,
    /// The licence of the weights, by its SPDX name.
    pub licence: &'static str,
    /// Who made it.
    pub author: &'static str,
    /// The SHA-256 in hex where it is known, or the first digits of it.
    pub sha256: Option<&'static str>,
}

const EFFICIENTAT: &str = "https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/";
const TORCHVGGISH: &str = "https://github.com/harritaylor/torchvggish/releases/download/v0.1/";

const fn efficientat(name: &'static str, file: &'static str, sha256: Option<&'static str>) -> Backbone {
    Backbone {
        name,
        file,
        release: EFFICIENTAT,
        licence: "MIT",
        author: "EfficientAT, (c) 2022 Florian Schmid",
        sha256,
    }
}

/// The published networks that Woofer knows, the smallest of each family first.
///
/// Sources: the releases of `fschmid56/EfficientAT` v0.0.1 and `harritaylor/torchvggish` v0.1 on GitHub.
pub const BACKBONES: [Backbone; 9] = [
    efficientat("mn01", "mn01_as_mAP_298.pt", None),
    efficientat("mn02", "mn02_as_mAP_378.pt", None),
    efficientat(
        "mn04",
        "mn04_as_mAP_432.pt",
        Some("899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c"),
    ),
    efficientat("mn05", "mn05_as_mAP_443.pt", None),
    efficientat("mn10", "mn10_as_mAP_471.pt", None),
    efficientat("mn20", "mn20_as_mAP_478.pt", None),
    efficientat("mn30", "mn30_as_mAP_482.pt", None),
    efficientat("mn40", "mn40_as_mAP_484.pt", None),
    Backbone {
        name: "vggish",
        file: "vggish-10086976.pth",
        release: TORCHVGGISH,
        licence: "Apache-2.0",
        author: "torchvggish, from Google's VGGish",
        sha256: Some("10086976"),
    },
];

/// The network of a name.
#[must_use]
pub fn backbone(name: &str) -> Option<&'static Backbone> {
    BACKBONES.iter().find(|backbone| backbone.name == name)
}

impl Backbone {
    /// Its address; `mirror`, where given, takes the place of the release's folder.
    #[must_use]
    pub fn url(&self, mirror: Option<&str>) -> String {
        let folder = mirror.unwrap_or(self.release);
        format!("{}/{}", folder.trim_end_matches('/'), self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_hashes_are_hex() {
        for (i, one) in BACKBONES.iter().enumerate() {
            assert_eq!(backbone(one.name), Some(one));
            assert!(BACKBONES[..i].iter().all(|other| other.file != one.file));
            let hash = one.sha256.unwrap_or_default();
            assert!([0, 8, 64].contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }

    #[test]
    fn a_mirror_takes_the_place_of_the_release() {
        let mn04 = backbone("mn04").unwrap();
        assert!(
            mn04.url(None)
                .ends_with("/releases/download/v0.0.1/mn04_as_mAP_432.pt")
        );
        assert_eq!(
            mn04.url(Some("http://127.0.0.1:1/x/")),
            "http://127.0.0.1:1/x/mn04_as_mAP_432.pt"
        );
    }
}
