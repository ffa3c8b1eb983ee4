use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use comfy_table::{ContentArrangement, Row, Table, presets};
use terminal_size::{Width, terminal_size_of};

/// A terminal that is told to be narrower is taken for one that does not know.
const LEAST_WIDTH: u16 = 40;

/// A table without a frame, two spaces between columns and none at the end of a line; no wider than the terminal that it is printed on.
pub struct TextTable(Table);

/// An empty table with this header.
pub fn table(header: impl Into<Row>) -> TextTable {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some((Width(width), _)) = terminal_size_of(io::stdout())
        && width >= LEAST_WIDTH
    {
        table.set_width(width);
    }
    TextTable(table)
}

impl Deref for TextTable {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.0
    }
}

impl DerefMut for TextTable {
    fn deref_mut(&mut self) -> &mut Table {
        &mut self.0
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_in_blanks_and_long_cells_are_wrapped_where_there_is_no_room() {
        let mut rows = table(["what", "found"]);
        rows.add_row([
            "program",
            "a long sentence that says what was found of it and where",
        ]);
        rows.add_row(["model", "ok"]);
        rows.set_width(40);
        let text = rows.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 3, "{text}");
        for line in lines {
            assert!(line.chars().count() <= 40 && line.trim_end() == line, "{line:?}");
        }
    }
}
