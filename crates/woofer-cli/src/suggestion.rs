/// How alike two words must be, from 0 to 1, for one to be a slip of the other.
const ALIKE: f64 = 0.7;

/// `; did you mean "..."?` with the name that is most like the given one, or nothing where none is.
pub fn suggestion<S: AsRef<str>>(given: &str, names: &[S]) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&given.to_lowercase(), &name.to_lowercase());
    let best = names
        .iter()
        .map(|name| (likeness(name.as_ref()), name.as_ref()))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, name)) => format!("; did you mean \"{name}\"?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        let names = ["threads", "taxonomy", "model"];
        assert_eq!(suggestion("thread", &names), "; did you mean \"threads\"?");
        assert_eq!(suggestion("Taxonmy", &names), "; did you mean \"taxonomy\"?");
        assert_eq!(suggestion("volume", &names), "");
        assert_eq!(suggestion("x", &[] as &[&str]), "");
    }
}
