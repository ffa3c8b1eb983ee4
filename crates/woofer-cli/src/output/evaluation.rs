use std::fmt::Write;

use woofer::metrics::{Estimate, Evaluation};

use super::table::{TextTable, table};

/// The figures of an evaluation for people: a row a figure, then a row a class.
pub fn evaluation_table(evaluation: &Evaluation) -> TextTable {
    let mut rows = table(["figure", "value (95 % interval)", "clips", "recordings"]);
    for (name, estimate) in figures(evaluation) {
        let counts = [evaluation.clips.to_string(), evaluation.recordings.to_string()];
        rows.add_row([name, estimate.to_string(), counts[0].clone(), counts[1].clone()]);
    }
    for class in &evaluation.per_class {
        rows.add_row([
            format!("AUC {}", class.class),
            class.auc.to_string(),
            class.clips.to_string(),
            class.recordings.to_string(),
        ]);
    }
    rows
}

/// The same as a table in Markdown.
pub fn markdown_table(evaluation: &Evaluation) -> String {
    let mut text = "| figure | value (95 % interval) | clips | recordings |\n|---|---|---|---|\n".to_owned();
    let mut row = |name: &str, estimate: &Estimate, clips: usize, recordings: usize| {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {estimate} | {clips} | {recordings} |",
            name.replace('|', "\\|")
        );
    };
    for (name, estimate) in figures(evaluation) {
        row(&name, &estimate, evaluation.clips, evaluation.recordings);
    }
    for class in &evaluation.per_class {
        row(
            &format!("AUC {}", class.class),
            &class.auc,
            class.clips,
            class.recordings,
        );
    }
    text
}

fn figures(e: &Evaluation) -> Vec<(String, Estimate)> {
    let mut figures = vec![
        ("AUC, weighted".to_owned(), e.auc_weighted),
        ("AUC, macro".to_owned(), e.auc_macro),
    ];
    for subset in &e.auc_subsets {
        figures.push((
            format!("AUC, mean of {} ({})", subset.classes.len(), subset.name),
            subset.auc,
        ));
    }
    figures.extend([
        ("accuracy".to_owned(), e.accuracy),
        ("accuracy, balanced".to_owned(), e.balanced_accuracy),
        ("average precision, macro".to_owned(), e.average_precision_macro),
        ("F1, macro".to_owned(), e.f1_macro),
        ("log loss".to_owned(), e.log_loss),
        ("calibration error".to_owned(), e.calibration_error),
    ]);
    figures
}
