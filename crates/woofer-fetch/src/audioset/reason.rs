use serde::{Deserialize, Serialize};

/// Why there is no clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The video was taken down, by whomever.
    Removed,
    /// The video is private.
    Private,
    /// The video is blocked in this country.
    Blocked,
    /// The video wants a login that tells one's age.
    AgeRestricted,
    /// The video is for members of its channel.
    MembersOnly,
    /// The video is not there, and it is not said why.
    Unavailable,
    /// The video, or the file of the copy, ends before the cut.
    TooShort,
    /// The whole video is larger than what is fetched.
    TooLarge,
    /// There is no sound in the video.
    NoSound,
    /// The copy on disk has no file for it.
    NotInCopy,
    /// The copy's file holds a clip, and the plan does not say where in the video that begins.
    UnknownStart,
    /// The copy's file cannot be read.
    Unreadable,
    /// Too many requests were made, or a proof is wanted that this is no robot.
    RateLimited,
    /// It took longer than the time limit.
    TimedOut,
    /// The connection failed.
    Network,
    /// What came does not reach from the beginning of the cut to its end.
    Truncated,
    /// The program failed for another reason.
    ToolFailed,
}

impl Reason {
    /// Whether another attempt is vain, as far as one can tell.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        !matches!(
            self,
            Self::UnknownStart
                | Self::RateLimited
                | Self::TimedOut
                | Self::Network
                | Self::Truncated
                | Self::ToolFailed
        )
    }

    /// The reason in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Private => "private",
            Self::Blocked => "blocked in this country",
            Self::AgeRestricted => "age-restricted (can be had with --cookies)",
            Self::MembersOnly => "for members only",
            Self::Unavailable => "unavailable",
            Self::TooShort => "ends before the cut",
            Self::TooLarge => "too large to be fetched whole",
            Self::NoSound => "has no sound",
            Self::NotInCopy => "not in the copy",
            Self::UnknownStart => "in a clip of unknown start (the plan has no clip_start_s)",
            Self::Unreadable => "file cannot be read",
            Self::RateLimited => "too many requests",
            Self::TimedOut => "took too long",
            Self::Network => "connection failed",
            Self::Truncated => "came cut short",
            Self::ToolFailed => "yt-dlp or ffmpeg failed",
        }
    }

    /// What `yt-dlp` means by its last words.
    ///
    /// The phrases are YouTube's own, as `yt-dlp` passes them on in English; what is not known counts as passing, so
    /// that nothing is given up for a phrase that changed.
    #[must_use]
    pub fn of_yt_dlp(stderr: &str) -> Self {
        const PHRASES: [(&str, Reason); 47] = [
            // First what only means that one asked too often, since it also speaks of what is unavailable.
            ("http error 429", Reason::RateLimited),
            ("too many requests", Reason::RateLimited),
            ("rate-limited", Reason::RateLimited),
            ("rate limited", Reason::RateLimited),
            ("not a bot", Reason::RateLimited),
            ("captcha", Reason::RateLimited),
            ("try again later", Reason::RateLimited),
            ("confirm your age", Reason::AgeRestricted),
            ("age-restricted", Reason::AgeRestricted),
            ("age restricted", Reason::AgeRestricted),
            ("inappropriate for some users", Reason::AgeRestricted),
            ("private video", Reason::Private),
            ("video is private", Reason::Private),
            ("members-only", Reason::MembersOnly),
            ("join this channel", Reason::MembersOnly),
            ("available to this channel's members", Reason::MembersOnly),
            ("requires payment", Reason::MembersOnly),
            ("music premium members", Reason::MembersOnly),
            ("in your country", Reason::Blocked),
            ("from your location", Reason::Blocked),
            ("geo restrict", Reason::Blocked),
            ("geo-restrict", Reason::Blocked),
            ("has been removed", Reason::Removed),
            ("been terminated", Reason::Removed),
            ("no longer available", Reason::Removed),
            ("account has been closed", Reason::Removed),
            ("copyright claim", Reason::Removed),
            ("copyright grounds", Reason::Blocked),
            ("video does not exist", Reason::Removed),
            ("larger than max-filesize", Reason::TooLarge),
            ("no audio", Reason::NoSound),
            ("timed out", Reason::Network),
            ("timeout", Reason::Network),
            ("connection", Reason::Network),
            ("name resolution", Reason::Network),
            ("getaddrinfo", Reason::Network),
            ("network is unreachable", Reason::Network),
            ("incompleteread", Reason::Network),
            ("[ssl", Reason::Network),
            ("http error 5", Reason::Network),
            ("http error 403", Reason::Network),
            ("unable to download", Reason::Network),
            ("requested format is not available", Reason::ToolFailed),
            ("not available on this app", Reason::ToolFailed),
            ("video unavailable", Reason::Unavailable),
            ("video is unavailable", Reason::Unavailable),
            ("video is not available", Reason::Unavailable),
        ];
        let errors: Vec<&str> = stderr.lines().filter(|line| line.contains("ERROR")).collect();
        let said = if errors.is_empty() {
            stderr.to_owned()
        } else {
            errors.join("\n")
        };
        // The typographic apostrophe is YouTube's.
        let said = said.to_lowercase().replace('\u{2019}', "'");
        let known = PHRASES.iter().find(|(phrase, _)| said.contains(phrase));
        known.map_or(Self::ToolFailed, |(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yt_dlp_says_is_understood() {
        for (said, reason) in [
            (
                "WARNING: [youtube] Falling back\nERROR: [youtube] b0RFKhbpFJA: Video unavailable. This video has been removed by the uploader",
                Reason::Removed,
            ),
            (
                "ERROR: [youtube] x: Video unavailable. This video is no longer available because the YouTube account associated with this video has been terminated.",
                Reason::Removed,
            ),
            (
                "ERROR: [youtube] x: Private video. Sign in if you've been granted access to this video. Use --cookies-from-browser",
                Reason::Private,
            ),
            (
                "ERROR: [youtube] x: Video unavailable. The uploader has not made this video available in your country",
                Reason::Blocked,
            ),
            (
                "ERROR: [youtube] x: Video unavailable. This video contains content from SME, who has blocked it in your country on copyright grounds",
                Reason::Blocked,
            ),
            (
                "ERROR: [youtube] x: Sign in to confirm your age. This video may be inappropriate for some users.",
                Reason::AgeRestricted,
            ),
            (
                "ERROR: [youtube] x: Sign in to confirm you\u{2019}re not a bot. Use --cookies",
                Reason::RateLimited,
            ),
            (
                "ERROR: [youtube] x: Video unavailable. This content isn\u{2019}t available, try again later. The current session has been rate-limited by YouTube",
                Reason::RateLimited,
            ),
            (
                "ERROR: unable to download video data: HTTP Error 429: Too Many Requests",
                Reason::RateLimited,
            ),
            (
                "ERROR: [youtube] x: Join this channel to get access to members-only content",
                Reason::MembersOnly,
            ),
            ("ERROR: [youtube] x: Video unavailable", Reason::Unavailable),
            (
                "ERROR: [youtube] x: Unable to download API page: <urlopen error [Errno -3] Temporary failure in name resolution>",
                Reason::Network,
            ),
            (
                "ERROR: unable to download video data: HTTP Error 403: Forbidden",
                Reason::Network,
            ),
            (
                "ERROR: [youtube] x: Requested format is not available",
                Reason::ToolFailed,
            ),
            ("something new", Reason::ToolFailed),
            ("", Reason::ToolFailed),
            // A warning decides nothing.
            (
                "WARNING: private video\nERROR: HTTP Error 503: Service Unavailable",
                Reason::Network,
            ),
        ] {
            assert_eq!(Reason::of_yt_dlp(said), reason, "{said}");
        }
    }

    #[test]
    fn passing_reasons_are_not_permanent() {
        assert!(Reason::Removed.is_permanent() && !Reason::ToolFailed.is_permanent());
    }
}
