use std::collections::HashSet;

use super::args::TableArgs;
use super::provide::Gathered;

/// Which fine labels have not one event, and where there may be some; none where none lacks them.
pub fn lacking(gathered: &Gathered, args: &TableArgs) -> Option<String> {
    let fine_labels = gathered.taxonomy.fine_labels();
    let there = there(gathered);
    let names: Vec<String> = fine_labels
        .iter()
        .enumerate()
        .filter(|(fine, _)| !there.contains(fine))
        .filter_map(|(_, (class, fine))| {
            let class = &gathered.taxonomy.classes.get(*class)?.name;
            Some(if *class == fine.name {
                class.clone()
            } else {
                format!("{class} ({})", fine.name)
            })
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let mut options = Vec::new();
    if !args.extended {
        options.push("--extended");
    }
    if !args.with_weak && args.weak.is_empty() {
        options.push("--with-weak");
    }
    let hint = if options.is_empty() {
        String::new()
    } else {
        format!("; there may be something with {}", options.join(" or "))
    };
    Some(format!("Nothing is there for {}{hint}.", names.join(", ")))
}

/// The fine labels of which there is an event.
fn there(gathered: &Gathered) -> HashSet<usize> {
    let labels: HashSet<_> = gathered.events.all.iter().map(|event| event.label).collect();
    let labels = labels
        .into_iter()
        .filter_map(|label| gathered.wanted.label(label));
    labels
        .filter(|label| label.is_source)
        .map(|label| label.fine)
        .collect()
}
