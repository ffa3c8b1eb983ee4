//! The test command that README.md tells people is the one that CI runs, so that the two cannot drift apart.

use std::path::Path;

use crate::Failure;

/// Stands above the command's code block, unseen by readers.
const MARKER: &str = "<!-- test -->";

/// The arguments that README.md's test command gives cargo.
pub fn test_arguments(root: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(root.join("README.md")).map_err(|e| format!("README.md: {e}"))?;
    parse(&text).map_err(|reason| format!("README.md: {reason}"))
}

/// Finds the one `cargo` line of the code block below the marker.
fn parse(readme: &str) -> Result<Vec<String>, String> {
    let mut lines = readme
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != MARKER)
        .skip(1);
    let mut block = lines.by_ref().skip_while(|line| line.is_empty());
    if !block.next().is_some_and(|line| line.starts_with("```")) {
        return Err(format!("there is no code block right below a line {MARKER}"));
    }
    let commands: Vec<_> = block
        .take_while(|line| *line != "```")
        .filter(|line| !line.is_empty())
        .collect();
    let [command] = commands.as_slice() else {
        return Err(format!(
            "the code block below {MARKER} has {} lines; it has to have one",
            commands.len()
        ));
    };
    if let Some(c) = command.chars().find(|c| "\"'`\\$&|;<>*#".contains(*c)) {
        return Err(format!(
            "{command:?} needs a shell for its {c:?}; CI splits it at spaces only"
        ));
    }
    let mut words = command.split_whitespace().map(str::to_owned);
    if words.next().as_deref() != Some("cargo") {
        return Err(format!("{command:?} does not begin with cargo"));
    }
    let arguments: Vec<_> = words.collect();
    if arguments.iter().any(|word| word == "--") {
        return Err(format!("{command:?} has a --, and CI appends one of its own"));
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stands_in_the_block_below_the_marker() {
        let readme =
            "# W\n```sh\ncargo run\n```\n<!-- test -->\n\n```sh\ncargo test --workspace\n```\n```\nx\n```\n";
        assert_eq!(
            parse(readme),
            Ok(vec!["test".to_owned(), "--workspace".to_owned()])
        );
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_the_reason() {
        let block = |text: &str| format!("{MARKER}\n```sh\n{text}\n```\n");
        for (readme, part) in [
            ("no marker\n```\ncargo test\n```".to_owned(), "no code block"),
            (format!("{MARKER}\ntext\n```\ncargo test\n```"), "no code block"),
            (block(""), "0 lines"),
            (block("cargo test\ncargo doc"), "2 lines"),
            (block("make test"), "does not begin with cargo"),
            (block("cargo test && rm x"), "'&'"),
            (block("cargo test -- --nocapture"), "--"),
        ] {
            let reason = parse(&readme).unwrap_err();
            assert!(reason.contains(part), "{readme}: {reason}");
        }
    }
}
