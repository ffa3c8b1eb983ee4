use super::problem::{Code, Problem};

/// Types outside `audio/` and `video/` that may carry sound.
const CARRY_SOUND: [&str; 7] = [
    "application/octet-stream",
    "binary/octet-stream",
    "application/ogg",
    "application/mp4",
    "application/x-audio",
    "application/flac",
    "application/x-flac",
];

/// A media type without its parameters, in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType(String);

impl MediaType {
    /// The type that a `Content-Type` names.
    pub fn of(header: &str) -> Self {
        let essence = header.split(';').next().unwrap_or_default();
        Self(essence.trim().to_ascii_lowercase())
    }

    pub fn is(&self, essence: &str) -> bool {
        self.0 == essence
    }

    fn may_be_audio(&self) -> bool {
        let sounds = ["audio/", "video/"].iter().any(|kind| self.0.starts_with(kind));
        self.0.is_empty() || sounds || CARRY_SOUND.contains(&self.0.as_str())
    }
}

/// Refuses a body whose type says that it is no audio; what it really is, its content tells.
pub fn check_audio_type(content_type: Option<&str>) -> Result<(), Problem> {
    let Some(kind) = content_type.map(MediaType::of) else {
        return Ok(());
    };
    if kind.may_be_audio() {
        return Ok(());
    }
    let hint = match kind.0.as_str() {
        "application/x-www-form-urlencoded" => {
            "; curl sends this type unless told otherwise: add -H 'Content-Type: audio/wav'"
        }
        "multipart/form-data" => "; forms are taken at /v1/classify",
        _ => "",
    };
    Err(Problem::new(
        Code::UnsupportedMediaType,
        format!(
            "Content-Type {:?} is no audio; send audio/*, video/* or application/octet-stream, or leave it out{hint}",
            kind.0
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_and_unknown_types_are_taken_and_others_refused() {
        for good in [
            "audio/wav",
            "Audio/X-Whatever; rate=8000",
            "application/octet-stream",
            "video/mp4",
            "video/x-matroska",
            "Video/MPEG",
            "application/flac",
            "application/x-flac",
            "",
        ] {
            assert_eq!(check_audio_type(Some(good)), Ok(()), "{good}");
        }
        assert_eq!(check_audio_type(None), Ok(()));
        for bad in [
            "text/plain",
            "application/json",
            "image/png",
            "application/x-www-form-urlencoded",
        ] {
            let problem = check_audio_type(Some(bad)).unwrap_err();
            assert!(problem.code == Code::UnsupportedMediaType && problem.message.contains(bad));
        }
    }
}
