use std::fmt::Write;

use super::data::ReportData;
use super::figures::{cards, class_table};
use super::hardest::hardest;
use super::html::escaped;
use crate::render::{
    EpochRecord, RenderError, auc_plot, confusion_plot, false_alarm_plot, loss_plot, precision_recall_plot,
    reliability_plot, roc_plot,
};

const STYLE: &str = include_str!("report.css");
/// Nothing is fetched; what is within the file may be shown and played.
const POLICY: &str = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'";

/// The report as the text of an HTML file that needs nothing beside it.
///
/// # Errors
///
/// A picture could not be drawn.
pub fn report(data: &ReportData) -> Result<String, RenderError> {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta charset=\"utf-8\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><main><header><h1>{title}</h1>",
        title = escaped(&data.title)
    );
    let mut add = |part: &str| {
        page.push_str(part);
        page.push('\n');
    };
    add(&lead(data));
    add(&section(
        "Figures",
        &interval_note(data),
        &cards(&data.evaluation),
    ));
    add(&section("Classes", "", &class_table(&data.evaluation)));
    let classes: Vec<String> = data
        .evaluation
        .per_class
        .iter()
        .map(|c| c.class.clone())
        .collect();
    add(&section(
        "Confusion",
        "Clips of each class by the class with their highest score, and their share of the row.",
        &figure("wide", &confusion_plot(&data.evaluation.confusion, &classes)?),
    ));
    if let Some(clips) = &data.clips {
        let mut curves = vec![
            ("ROC, with AUC", roc_plot(clips)?),
            (
                "Precision and recall, with average precision",
                precision_recall_plot(clips)?,
            ),
            (
                "Reliability: dots below the line are too sure; a larger dot has more clips",
                reliability_plot(&clips.reliability())?,
            ),
        ];
        if let Some(hours) = data.hours {
            let caption =
                "Share found against false alarms an hour; in the legend, what is found at one an hour";
            curves.push((caption, false_alarm_plot(clips, hours)?));
        }
        add(&section("Curves", "", &captioned(&curves)));
    }
    let measured = |of: fn(&EpochRecord) -> Option<f64>| {
        let mut epochs = data.learning.iter().flat_map(|curve| &curve.epochs);
        epochs.any(|record| of(record).is_some())
    };
    let (has_loss, has_auc) = (measured(|record| record.loss), measured(|record| record.auc));
    if has_loss || has_auc {
        let mut curves = Vec::new();
        if has_loss {
            curves.push(("Loss on the training clips", loss_plot(&data.learning)?));
        }
        if has_auc {
            let caption = "AUC on the clips that the epoch is chosen by";
            curves.push((caption, auc_plot(&data.learning)?));
        }
        add(&section(
            "Learning",
            "A dot marks the epoch that was kept.",
            &captioned(&curves),
        ));
    }
    if !data.hardest.is_empty() {
        add(&section(
            "Hardest clips",
            "Those taken for another class, the surest mistakes first. Some may be labelled wrongly: look and listen.",
            &hardest(&data.hardest)?,
        ));
    }
    if !data.recipe.is_empty() {
        let recipe = format!("<pre>{}</pre>", escaped(&data.recipe));
        add(&section("Recipe", "", &recipe));
    }
    page.push_str("</main></body></html>\n");
    Ok(page)
}

fn lead(data: &ReportData) -> String {
    let mut lead = format!("<p class=\"aside\">{}</p>", escaped(&data.date));
    for warning in &data.warnings {
        // Writing to a String does not fail.
        let _ = write!(lead, "<p class=\"warning\">{}</p>", escaped(warning));
    }
    if !data.facts.is_empty() {
        let fact = |(name, value): &(String, String)| {
            format!(
                "<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>",
                escaped(name),
                escaped(value)
            )
        };
        let facts: String = data.facts.iter().map(fact).collect();
        let _ = write!(lead, "<dl class=\"facts\">{facts}</dl>");
    }
    lead + "</header>"
}

fn interval_note(data: &ReportData) -> String {
    let evaluation = &data.evaluation;
    let counts = format!(
        "{} clips of {} recordings.",
        evaluation.clips, evaluation.recordings
    );
    if evaluation.draws == 0 || evaluation.recordings < 2 {
        return counts;
    }
    format!(
        "{counts} Small figures are 95 % intervals: where the value falls when recordings are drawn anew {} times.",
        evaluation.draws
    )
}

fn section(title: &str, note: &str, content: &str) -> String {
    let note = if note.is_empty() {
        String::new()
    } else {
        format!("<p class=\"aside\">{}</p>", escaped(note))
    };
    format!("<section><h2>{}</h2>{note}{content}</section>", escaped(title))
}

fn figure(class: &str, svg: &str) -> String {
    format!("<div class=\"{class}\"><figure>{svg}</figure></div>")
}

fn captioned(plots: &[(&str, String)]) -> String {
    let plot = |(caption, svg): &(&str, String)| {
        format!(
            "<figure><figcaption>{}</figcaption>{svg}</figure>",
            escaped(caption)
        )
    };
    format!(
        "<div class=\"plots\">{}</div>",
        plots.iter().map(plot).collect::<String>()
    )
}
