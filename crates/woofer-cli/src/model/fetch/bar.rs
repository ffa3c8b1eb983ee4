use indicatif::{ProgressBar, ProgressStyle};
use woofer_fetch::download::Event;

use crate::logging;

/// A bar on stderr over the bytes of a download; nothing when stderr is no terminal.
pub struct Bar {
    name: String,
    bar: Option<ProgressBar>,
}

impl Bar {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            bar: None,
        }
    }

    pub fn tell(&mut self, event: &Event) {
        match event {
            Event::Progress { bytes, total } => {
                if logging::is_quiet() {
                    return;
                }
                let name = &self.name;
                let bar = self.bar.get_or_insert_with(|| begin(name, *total));
                bar.set_position(*bytes);
            }
            Event::Waiting { reason, pause } => {
                let say =
                    || logging::warning(&format!("{reason}; trying again in {:.0} s", pause.as_secs_f64()));
                match &self.bar {
                    Some(bar) => bar.suspend(say),
                    None => say(),
                }
            }
        }
    }

    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn begin(name: &str, total: Option<u64>) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let template = if total.is_some() {
        "{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"
    } else {
        "{msg} {spinner} {bytes}, {bytes_per_sec}"
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(name.to_owned())
}
