use toml::{Table, Value};

/// Sets a value in a recipe's table: `section.key=value`, the value as TOML has it or else a string.
pub(super) fn apply(table: &mut Table, change: &str) -> Result<(), String> {
    let unclear = || format!("{change:?} is not like section.key=value");
    let (path, value) = change.split_once('=').ok_or_else(unclear)?;
    let (sections, key) = match path.trim().rsplit_once('.') {
        Some((sections, key)) => (sections.split('.').collect(), key),
        None => (Vec::new(), path.trim()),
    };
    if key.is_empty() || sections.iter().any(|section: &&str| section.is_empty()) {
        return Err(unclear());
    }
    let value = parsed(value.trim()).map_err(|e| format!("{}: {e}", path.trim()))?;
    let mut place = table;
    for section in sections {
        let entry = place.entry(section).or_insert_with(|| Value::Table(Table::new()));
        place = entry
            .as_table_mut()
            .ok_or_else(|| format!("{change:?}: {section} is a value, not a section"))?;
    }
    place.insert(key.to_owned(), value);
    Ok(())
}

/// A TOML value; a bare word is a string.
fn parsed(text: &str) -> Result<Value, String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match toml::from_str::<Table>(&format!("value = {text}")) {
        Ok(mut table) => table.remove("value").ok_or_else(|| "no value".to_owned()),
        Err(_) if is_whole_number(text) => Err(format!(
            "{text} is beyond the whole numbers of TOML, {} to {}",
            i64::MIN,
            i64::MAX
        )),
        Err(_) if !text.is_empty() && text.chars().all(is_word) => Ok(Value::String(text.to_owned())),
        Err(_) => Err(format!("{text:?} is no value of TOML")),
    }
}

fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
