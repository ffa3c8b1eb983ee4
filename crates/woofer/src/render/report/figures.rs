use super::html::{escaped, estimate};
use crate::metrics::{ClassEvaluation, Estimate, Evaluation};

/// The figures over all classes, each a card.
pub fn cards(evaluation: &Evaluation) -> String {
    let subsets = evaluation.auc_subsets.iter();
    let subsets = subsets.map(|s| {
        (
            format!("AUC, {}", s.name.replace('_', " ")),
            s.classes.join(", "),
            s.auc,
        )
    });
    let plain = |name: &str, what: &str, value| (name.to_owned(), what.to_owned(), value);
    let mut all = vec![
        plain(
            "AUC, weighted",
            "one against the rest, by clips",
            evaluation.auc_weighted,
        ),
        plain(
            "AUC, macro",
            "one against the rest, by classes",
            evaluation.auc_macro,
        ),
    ];
    all.extend(subsets);
    all.extend([
        plain(
            "Average precision",
            "mean over classes",
            evaluation.average_precision_macro,
        ),
        plain("Accuracy", "highest score is right", evaluation.accuracy),
        plain(
            "Balanced accuracy",
            "the same, mean over classes",
            evaluation.balanced_accuracy,
        ),
        plain("F1", "mean over classes", evaluation.f1_macro),
        plain("Log loss", "lower is better", evaluation.log_loss),
        plain(
            "Calibration error",
            "lower is better",
            evaluation.calibration_error,
        ),
    ]);
    let card = |(name, what, value): (String, String, Estimate)| {
        format!(
            "<div class=\"card\"><dt>{}</dt><dd>{}</dd><dd class=\"aside\">{}</dd></div>",
            escaped(&name),
            estimate(value),
            // Names of classes are long.
            escaped(&what).replace('_', "_<wbr/>")
        )
    };
    let cards: String = all.into_iter().map(card).collect();
    format!("<dl class=\"cards\">{cards}</dl>")
}

/// The figures of each class as a table.
pub fn class_table(evaluation: &Evaluation) -> String {
    let row = |class: &ClassEvaluation| {
        let figures = [class.auc, class.average_precision, class.recall, class.f1]
            .map(|e| format!("<td>{}</td>", estimate(e)));
        format!(
            "<tr><th scope=\"row\">{}</th>{}<td>{}</td><td>{}</td></tr>",
            escaped(&class.class),
            figures.concat(),
            class.clips,
            class.recordings
        )
    };
    let rows: String = evaluation.per_class.iter().map(row).collect();
    format!(
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\">class</th><th scope=\"col\">AUC</th>\
         <th scope=\"col\">average precision</th><th scope=\"col\">recall</th><th scope=\"col\">F1</th><th scope=\"col\">clips</th>\
         <th scope=\"col\">recordings</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
}
