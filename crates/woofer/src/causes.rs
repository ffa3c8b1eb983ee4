/// An error and what caused it, in one line.
#[must_use]
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::with_causes;

    #[derive(Debug, thiserror::Error)]
    #[error("bark.wav: cannot be read")]
    struct Unreadable(#[source] std::io::Error);

    #[test]
    fn causes_follow_the_error_in_one_line() {
        let error = Unreadable(std::io::Error::other("the disk is gone"));
        assert_eq!(with_causes(&error), "bark.wav: cannot be read: the disk is gone");
        assert_eq!(with_causes(&std::fmt::Error), std::fmt::Error.to_string());
    }
}
