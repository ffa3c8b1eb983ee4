use super::args::TableArgs;
use super::provide::Gathered;

/// Which fine labels have not one event, and where there may be some; none where none lacks them.
pub fn lacking(gathered: &Gathered, args: &TableArgs) -> Option<String> {
    let fine_labels = gathered.taxonomy.fine_labels();
    let names: Vec<String> = fine_labels
        .iter()
        .enumerate()
        .filter(|(fine, _)| !is_there(gathered, *fine))
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

fn is_there(gathered: &Gathered, fine: usize) -> bool {
    let amount = gathered.events.amount(|event| {
        let label = gathered.wanted.label(event.label);
        label.is_some_and(|label| label.is_source && label.fine == fine)
    });
    amount.events > 0
}
