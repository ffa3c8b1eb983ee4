//! A relative link in a Markdown file leads to a file or folder of the repository.

/// The links of a Markdown file that lead nowhere; `paths` are all files of the repository.
pub fn faults(path: &str, text: &str, paths: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fenced = false;
    for (i, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let broken = targets(&without_code(line))
                .into_iter()
                .filter(|link| !leads_somewhere(path, link, paths));
            faults.extend(broken.map(|link| format!("{path}:{}: the link to {link:?} leads nowhere", i + 1)));
        }
    }
    faults
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// Where a line's links lead: `](target)`, `[name]: target`, `src="target"`, `href="target"`.
fn targets(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        found.extend(
            line.split(opening)
                .skip(1)
                .filter_map(|rest| rest.split_once(closing))
                .map(|(link, _)| link),
        );
    }
    if line.starts_with('[') {
        found.extend(line.split_once("]: ").map(|(_, link)| link));
    }
    // What follows a space is a title.
    let links = found
        .into_iter()
        .filter_map(|link| link.split_whitespace().next());
    links
        .map(|link| link.trim_matches(['<', '>']).to_owned())
        .collect()
}

fn leads_somewhere(from: &str, link: &str, paths: &[&str]) -> bool {
    let file = link.split('#').next().unwrap_or_default();
    // Within the page, or to elsewhere: `https:`, `mailto:`.
    if file.is_empty() || file.split('/').next().is_some_and(|first| first.contains(':')) {
        return true;
    }
    let Some(path) = resolve(from, file) else {
        return false;
    };
    path.is_empty()
        || paths.iter().any(|known| {
            known
                .strip_prefix(path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// The path from the root that a link in the file `from` means, unless it leaves the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = match link.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 3] = ["README.md", "docs/guide/start.md", "docs/glossary.md"];

    fn broken(path: &str, text: &str) -> usize {
        faults(path, text, &PATHS).len()
    }

    #[test]
    fn links_to_files_and_folders_of_the_repository_are_good() {
        for link in [
            "README.md",
            "./docs/guide/start.md#first",
            "docs",
            "docs/",
            "#here",
            "https://example.org/x",
        ] {
            assert_eq!(broken("README.md", &format!("see [this]({link}).")), 0, "{link}");
        }
        for link in [
            "../glossary.md",
            "../../README.md",
            "/README.md",
            "start.md \"Title\"",
            "<start.md>",
            "../..",
        ] {
            assert_eq!(
                broken("docs/guide/start.md", &format!("![this]({link})")),
                0,
                "{link}"
            );
        }
    }

    #[test]
    fn links_to_nothing_or_out_of_the_repository_are_broken() {
        for link in [
            "REDME.md",
            "doc",
            "docs/guide/star",
            "../shared/README.md",
            "docs/../../README.md",
        ] {
            assert_eq!(broken("README.md", &format!("see [this]({link}).")), 1, "{link}");
        }
        assert_eq!(
            broken(
                "README.md",
                "[a]: none.md\n<img src=\"none.png\"> <a href=\"none\">x</a>"
            ),
            3
        );
    }

    #[test]
    fn the_line_and_the_link_are_named() {
        let faults = faults("docs/glossary.md", "a\n[x](y.md)\n", &PATHS);
        assert_eq!(faults, ["docs/glossary.md:2: the link to \"y.md\" leads nowhere"]);
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(
            broken("README.md", "```\n[x](y)\n```\nand `[x](y)` but [x](z)\n"),
            1
        );
    }
}
