//! Classes that are too small, and folds that do not fit.

use super::counts::ClassCount;
use super::findings::{Findings, counted};
use crate::dataset::{FoldProblem, Severity};

/// Fewer recordings give no figure to rely on.
const ENOUGH_RECORDINGS: usize = 8;

impl Findings {
    /// Classes that are too small.
    pub fn classes(&mut self, classes: &[ClassCount]) {
        let of = |wanted: fn(&ClassCount) -> bool| {
            let found = classes.iter().filter(move |class| wanted(class));
            found.map(|class| {
                let n = class.scored.recordings;
                format!(
                    "{}: {}",
                    class.name,
                    counted(n, "scored recording", "scored recordings")
                )
            })
        };
        self.add(
            Severity::Error,
            "class_without_clips",
            |n| format!("{} no clips", counted(n, "class has", "classes have")),
            "add clips, or give a taxonomy without the class: a network cannot learn what it never hears",
            classes
                .iter()
                .filter(|c| c.all.clips == 0)
                .map(|c| c.name.clone()),
        );
        let fine_labels = classes
            .iter()
            .filter(|class| class.all.clips > 0)
            .flat_map(|class| {
                let unheard = class.fine.iter().filter(|fine| fine.all.clips == 0);
                unheard.map(|fine| format!("{}{} of {}", class.id, fine.name, class.name))
            });
        self.add(
            Severity::Note,
            "fine_label_without_clips",
            |n| format!("{} no clips", counted(n, "fine label has", "fine labels have")),
            "nothing, if the class can do without; otherwise add clips",
            fine_labels,
        );
        self.add(
            Severity::Warning,
            "class_not_testable",
            |n| {
                format!(
                    "{} fewer than 2 scored recordings",
                    counted(n, "class has", "classes have")
                )
            },
            "add recordings: testing needs one, and training then needs another",
            of(|class| class.all.clips > 0 && class.scored.recordings < 2),
        );
        self.add(
            Severity::Note,
            "class_too_small_for_figures",
            |n| {
                format!(
                    "{} fewer than 8 scored recordings",
                    counted(n, "class has", "classes have")
                )
            },
            "add recordings, or read no figure of such a class by itself",
            of(|class| (2..ENOUGH_RECORDINGS).contains(&class.scored.recordings)),
        );
    }

    /// What is odd about the folds.
    pub fn folds(&mut self, problems: &[FoldProblem]) {
        let of = |kind: fn(&FoldProblem) -> bool| {
            let found = problems.iter().filter(move |problem| kind(problem));
            found.map(ToString::to_string)
        };
        self.add(
            Severity::Error,
            "class_not_in_training",
            |n| format!("{} whole in one fold, and missing when that fold is tested", counted(n, "class is", "classes are")),
            "add recordings of it, group by recording instead of by source, or put clips of it in another fold",
            of(|p| matches!(p, FoldProblem::ClassNotInTraining { .. })),
        );
        self.add(
            Severity::Warning,
            "recordings_in_several_folds",
            |n| {
                format!(
                    "{} in several folds: tested by a network that has heard the rest",
                    counted(n, "recording is", "recordings are")
                )
            },
            "split by recording; until then figures are too good",
            of(|p| matches!(p, FoldProblem::RecordingSplit { .. })),
        );
        self.add(
            Severity::Warning,
            "folds_without_tests",
            |n| format!("{} no scored clips", counted(n, "fold has", "folds have")),
            "use fewer folds, or put scored clips into it",
            of(|p| matches!(p, FoldProblem::NothingToTest { .. })),
        );
        self.add(
            Severity::Note,
            "class_not_in_every_test",
            |n| {
                format!(
                    "{} not tested in every fold",
                    counted(n, "class is", "classes are")
                )
            },
            "nothing: figures are taken over all folds together",
            of(|p| matches!(p, FoldProblem::ClassNotInTest { .. })),
        );
        self.plain(
            Severity::Note,
            "sources_in_several_folds",
            of(|p| matches!(p, FoldProblem::SourceSplit { .. })).count(),
            "nothing, if new recordings will come from these sources; for others, see what `--folds source` gives",
            |n| format!("{} in several folds", counted(n, "source is", "sources are")),
        );
    }

    /// Folds that cannot be made, or are too good to be true.
    pub fn no_folds(&mut self, reason: String) {
        self.add(
            Severity::Error,
            "no_folds",
            |_| "the clips cannot be split into folds".to_owned(),
            "choose others with --folds",
            [reason],
        );
    }
}
