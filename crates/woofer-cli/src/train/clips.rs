//! Which clips are trained on: those of the list, and those of another.

use std::collections::HashSet;
use std::path::Path;

use anyhow::bail;
use woofer::dataset::{FoldProblem, Folds, Manifest, Row, Severity};
use woofer::taxonomy::Taxonomy;

use crate::logging;

/// Reads a list whose clips may lie elsewhere.
pub fn open(list: &Path, clips: Option<&Path>, taxonomy: &Taxonomy) -> anyhow::Result<Manifest> {
    Ok(match clips {
        Some(clips) => Manifest::open_with_clips(list, clips, taxonomy)?,
        None => Manifest::open(list, taxonomy)?,
    })
}

/// The rows of another list whose classes are wanted: `all`, a group, `non-` and a group, or names of classes.
pub fn of_classes(manifest: &Manifest, wanted: &str, taxonomy: &Taxonomy) -> anyhow::Result<Vec<Row>> {
    let rows = any_of_classes(manifest, wanted, taxonomy)?;
    if rows.is_empty() {
        bail!(
            "{}: has no clip of the classes \"{wanted}\"",
            manifest.path.display()
        );
    }
    Ok(rows)
}

/// The same, where it may be none.
pub fn any_of_classes(manifest: &Manifest, wanted: &str, taxonomy: &Taxonomy) -> anyhow::Result<Vec<Row>> {
    let classes = wanted_classes(wanted, taxonomy)?;
    let rows = manifest.rows.iter().filter(|row| classes.contains(&row.class));
    Ok(rows.cloned().collect())
}

fn wanted_classes(wanted: &str, taxonomy: &Taxonomy) -> anyhow::Result<HashSet<usize>> {
    let of = |is_wanted: &dyn Fn(&woofer::taxonomy::Class) -> bool| -> HashSet<usize> {
        let classes = taxonomy.classes.iter().enumerate();
        classes
            .filter(|(_, class)| is_wanted(class))
            .map(|(id, _)| id)
            .collect()
    };
    let is_group = |name: &str| taxonomy.classes.iter().any(|c| c.group.as_deref() == Some(name));
    if wanted == "all" {
        return Ok(of(&|_| true));
    }
    if is_group(wanted) {
        return Ok(of(&|class| class.group.as_deref() == Some(wanted)));
    }
    if let Some(group) = wanted.strip_prefix("non-").filter(|group| is_group(group)) {
        return Ok(of(&|class| class.group.as_deref() != Some(group)));
    }
    let mut classes = HashSet::new();
    for name in wanted.split(',').map(str::trim) {
        match taxonomy.classes.iter().position(|class| class.name == name) {
            Some(id) => classes.insert(id),
            None => bail!(
                "--extra-classes: {name:?} is no class or group of \"{}\"; give all, classes ({}){}",
                taxonomy.name,
                names(taxonomy),
                groups(taxonomy)
            ),
        };
    }
    Ok(classes)
}

fn names(taxonomy: &Taxonomy) -> String {
    let names: Vec<&str> = taxonomy.classes.iter().map(|class| class.name.as_str()).collect();
    names.join(", ")
}

fn groups(taxonomy: &Taxonomy) -> String {
    let mut groups: Vec<&str> = taxonomy
        .classes
        .iter()
        .filter_map(|c| c.group.as_deref())
        .collect();
    groups.dedup();
    match groups.first() {
        None => String::new(),
        Some(first) => format!(
            ", a group ({}), or non- before a group (non-{first})",
            groups.join(", ")
        ),
    }
}

/// Says what is worth knowing of the folds, and ends here if training could not be done with them.
pub fn check_folds(folds: &Folds, manifest: &Manifest, taxonomy: &Taxonomy) -> anyhow::Result<()> {
    let classes: HashSet<usize> = manifest.rows.iter().map(|row| row.class).collect();
    if classes.len() < 2 {
        let names: Vec<&str> = classes
            .iter()
            .filter_map(|&id| Some(taxonomy.classes.get(id)?.name.as_str()))
            .collect();
        bail!(
            "{}: all clips are of one class ({}); training needs at least two",
            manifest.path.display(),
            names.join(", ")
        );
    }
    let mut errors = Vec::new();
    for problem in folds.check(manifest, taxonomy) {
        match problem.severity() {
            // A class that the list lacks is never learned and never scored; one that only a fold lacks is a mistake.
            Severity::Error if !matches!(problem, FoldProblem::ClassWithoutRows { .. }) => {
                errors.push(problem.to_string());
            }
            Severity::Error | Severity::Warning => logging::warning(&problem.to_string()),
            Severity::Note => logging::detail(&problem.to_string()),
        }
    }
    if !errors.is_empty() {
        bail!("{}: {}", manifest.path.display(), errors.join("; "));
    }
    Ok(())
}
