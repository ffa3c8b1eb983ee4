//! A test that is not run by default says why, as `needs ../shared`.

/// The ignored tests without a reason.
pub fn faults<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    text.lines()
        .enumerate()
        .filter(|(_, line)| is_fault(line))
        .map(move |(i, _)| {
            format!(
                "{path}:{}: an ignored test has to say why, as in #[ignore = \"needs ../shared\"]",
                i + 1
            )
        })
}

fn is_fault(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("#[ignore") else {
        return false;
    };
    let reason = rest
        .trim_start()
        .strip_prefix('=')
        .map(|value| value.trim_start().trim_start_matches('"'));
    reason.is_none_or(|reason| reason.trim_start().starts_with(['"', ']']) || reason.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_test_needs_a_reason() {
        for line in ["#[ignore]", "    #[ignore = \"\"]", "#[ignore=\" \"]"] {
            assert!(is_fault(line), "{line}");
        }
        for line in ["#[ignore = \"needs ../shared\"]", "// #[ignore]", "#[test]"] {
            assert!(!is_fault(line), "{line}");
        }
    }

    #[test]
    fn the_line_is_named() {
        let faults: Vec<_> = faults("a.rs", "#[test]\n#[ignore]\nfn f() {}\n").collect();
        assert!(
            faults.len() == 1 && faults[0].starts_with("a.rs:2: "),
            "{faults:?}"
        );
    }
}
