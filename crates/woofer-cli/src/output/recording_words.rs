/// `MP4, aac`, or `FLAC` where container and codec are one.
pub fn format_words(container: &str, codec: &str) -> String {
    if container.eq_ignore_ascii_case(codec) {
        container.to_owned()
    } else {
        format!("{container}, {codec}")
    }
}

/// `mono`, `stereo` or a number.
pub fn channels(channels: usize) -> String {
    match channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        n => format!("{n} channels"),
    }
}

/// A number with the word for it: `1 recording` or `60 recordings`.
pub fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A length of time for people: `8 h 03 min`, `12 min 05 s` or `7.5 s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time, never below 0"
)]
pub fn length(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    if whole < 3_600 {
        return format!("{} min {:02} s", whole / 60, whole % 60);
    }
    let minutes = (seconds / 60.0).round() as u64;
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

/// Seconds as `h:mm:ss.ss`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time, never below 0"
)]
pub fn clock(seconds: f64) -> String {
    let hundredths = (seconds * 100.0).round() as u64;
    let (minutes, rest) = (hundredths / 6_000, hundredths % 6_000);
    format!(
        "{}:{:02}:{:02}.{:02}",
        minutes / 60,
        minutes % 60,
        rest / 100,
        rest % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_two_units() {
        for (seconds, text) in [
            (0.0, "0.0 s"),
            (59.94, "59.9 s"),
            (59.96, "1 min 00 s"),
            (3_599.6, "1 h 00 min"),
            (28_980.0, "8 h 03 min"),
        ] {
            assert_eq!(length(seconds), text);
        }
    }

    #[test]
    fn clocks_carry_over() {
        assert_eq!(clock(0.0), "0:00:00.00");
        assert_eq!(clock(59.999), "0:01:00.00");
        assert_eq!(clock(36_061.5), "10:01:01.50");
    }
}
