use std::borrow::Cow;

use woofer::features::{EXPANDER_VERSION, Examples, FrontEnd, LEVEL_VERSION, expanded, level};

use super::recipe::Recipe;

/// What is done to each segment before it is heard, as the scorer of a finished model does it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preparation {
    level: bool,
    expand: bool,
    front_end: FrontEnd,
}

impl Preparation {
    pub(super) const fn new(recipe: &Recipe, front_end: FrontEnd) -> Self {
        Self {
            level: recipe.network.level_segments,
            expand: recipe.network.expand_segments,
            front_end,
        }
    }

    pub(super) fn bring_to_level(self, samples: &mut Cow<'_, [f32]>) {
        if self.level {
            level(samples.to_mut(), self.front_end);
        }
    }

    pub(super) fn expand(self, examples: Examples) -> Examples {
        if self.expand {
            return expanded(examples, self.front_end);
        }
        examples
    }

    /// Tells all that decides it, for the key of a cache.
    pub(super) fn description(self) -> String {
        let expanded = if self.expand {
            format!(" expanded {EXPANDER_VERSION}")
        } else {
            String::new()
        };
        format!("{LEVEL_VERSION} {}{expanded}", self.level)
    }
}
