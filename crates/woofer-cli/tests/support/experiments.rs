use std::path::Path;

/// That the table of the experiments tells how many clips of the other list joined in each (none of it, all, without dogs, dogs
/// alone), and that each left its model.
pub fn assert_experiments(text: &str, output: &Path, added: [usize; 4]) {
    for (row, added) in ["none", "all", "non-dog", "dog"].iter().zip(added) {
        let line = text.lines().find(|line| line.trim_start().starts_with(row));
        assert!(line.is_some(), "{row}: {text}");
        assert_eq!(
            line.and_then(|line| line.split_whitespace().nth(1)),
            Some(added.to_string().as_str()),
            "{text}"
        );
        assert!(output.join(row).join("metrics.json").exists());
    }
}
