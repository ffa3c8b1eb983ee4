use plotters::style::RGBColor;

/// Letters and what matters most.
pub const INK: RGBColor = RGBColor(0x1b, 0x1d, 0x22);
/// Axis labels and what is said aside.
pub const MUTED: RGBColor = RGBColor(0x5f, 0x65, 0x70);
/// Grid lines and lines to compare with.
pub const GRID: RGBColor = RGBColor(0xdd, 0xe0, 0xe6);
/// The one colour of plots that need but one.
pub const ACCENT: RGBColor = RGBColor(0x1f, 0x55, 0xae);
/// Letters on a full [`ACCENT`].
pub const ON_ACCENT: RGBColor = RGBColor(0xfd, 0xfd, 0xfe);

/// Each colour with its class name, its light value as plotters writes it, and its value on a dark ground.
const COLORS: [(&str, &str, &str); 5] = [
    ("ink", "#1B1D22", "#e9ebef"),
    ("muted", "#5F6570", "#a2a9b4"),
    ("grid", "#DDE0E6", "#3a3e46"),
    ("accent", "#1F55AE", "#6ea2f5"),
    ("on-accent", "#FDFDFE", "#0c0e12"),
];

/// Marks what plotters drew in a colour of the theme, so that [`style`] can change it.
pub fn mark(svg: &str) -> String {
    let mut svg = svg.to_owned();
    for (name, light, _) in COLORS {
        for (attribute, letter) in [("fill", 'f'), ("stroke", 's')] {
            let plain = format!(" {attribute}=\"{light}\"");
            svg = svg.replace(&plain, &format!(" class=\"wf-{letter}-{name}\"{plain}"));
        }
    }
    svg
}

/// The style element by which an SVG follows the reader's dark setting.
pub fn style() -> String {
    let rule = |name: &str, dark: &str| format!(".wf-f-{name}{{fill:{dark}}}.wf-s-{name}{{stroke:{dark}}}");
    let rules = COLORS.map(|(name, _, dark)| rule(name, dark)).concat();
    format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marked_colours_are_those_that_are_drawn() {
        for (color, (_, light, _)) in [INK, MUTED, GRID, ACCENT, ON_ACCENT].iter().zip(COLORS) {
            assert_eq!(format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2), light);
        }
        let marked = mark("<text fill=\"#1B1D22\">&quot; fill=&quot;</text>");
        assert_eq!(
            marked,
            "<text class=\"wf-f-ink\" fill=\"#1B1D22\">&quot; fill=&quot;</text>"
        );
    }
}
