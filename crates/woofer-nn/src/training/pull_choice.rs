use std::collections::BTreeMap;

use rayon::prelude::*;

use super::head_fit::{FittedHead, HeadProblem};
use super::scoring::ClipLogits;

/// Where a row comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfClip {
    /// Its clip.
    pub(super) clip: usize,
    /// Its segment.
    pub(super) segment: usize,
    /// The part of the clips that this one is held back with; none of one that is always learned from and never asked.
    pub(super) part: Option<usize>,
}

impl HeadProblem {
    /// The pull of `among` under which heads fitted to all parts but one tell the clips of that part best.
    ///
    /// `measure` says how well clips are told by the logits of their rows, all parts together: the more the better, none where that is
    /// not defined. `keeps_bias` says whether the biases are part of the head. Of one candidate, with rows of less than two parts, or
    /// where nothing is defined it is the first; of equals the first.
    pub(super) fn chosen_pull(
        &self,
        among: &[f64],
        rows: &[OfClip],
        keeps_bias: bool,
        measure: impl Fn(&[usize], Vec<ClipLogits>) -> Option<f64> + Sync,
    ) -> Option<f64> {
        let mut parts: Vec<usize> = rows.iter().filter_map(|row| row.part).collect();
        parts.sort_unstable();
        parts.dedup();
        if among.len() < 2 || parts.len() < 2 {
            return among.first().copied();
        }
        let measured: Vec<Option<f64>> = among
            .par_iter()
            .map(|&pull| {
                let mut said: BTreeMap<usize, BTreeMap<usize, Vec<Vec<f32>>>> = BTreeMap::new();
                for &part in &parts {
                    let is_held = |row: usize| rows.get(row).is_some_and(|row| row.part == Some(part));
                    let head = self.of_rows(|row| !is_held(row), pull).solve();
                    let logits = self.of_rows(is_held, pull).logits(&head, keeps_bias);
                    let clips = rows.iter().filter(|row| row.part == Some(part));
                    for (row, logits) in clips.zip(logits) {
                        let segments = said.entry(row.clip).or_default();
                        segments.entry(row.segment).or_default().push(logits);
                    }
                }
                let of_clip =
                    |(clip, segments): (usize, BTreeMap<_, _>)| (clip, segments.into_values().collect());
                let (clips, logits): (Vec<usize>, Vec<ClipLogits>) = said.into_iter().map(of_clip).unzip();
                measure(&clips, logits)
            })
            .collect();
        let mut best = (among.first().copied(), None);
        for (&pull, measured) in among.iter().zip(measured) {
            if measured > best.1 {
                best = (Some(pull), measured);
            }
        }
        best.0
    }

    /// The same problem of some of its rows, with another pull.
    fn of_rows(&self, is_of: impl Fn(usize) -> bool, pull: f64) -> Self {
        let kept: Vec<usize> = (0..self.weights.len()).filter(|&row| is_of(row)).collect();
        let rows = |values: &[f32], width: usize| {
            let of_row = |&row: &usize| values.get(row * width..(row + 1) * width).unwrap_or_default();
            kept.iter().flat_map(of_row).copied().collect()
        };
        Self {
            columns: self.columns,
            labels: self.labels,
            inputs: rows(&self.inputs, self.columns),
            compared: rows(&self.compared, self.columns),
            offsets: rows(&self.offsets, self.labels),
            targets: rows(&self.targets, self.labels),
            weights: rows(&self.weights, 1),
            origins: kept
                .iter()
                .filter_map(|&row| self.origins.get(row).copied())
                .collect(),
            pull,
            source_share: self.source_share,
            has_bias: self.has_bias,
        }
    }

    /// What a head says of each row, one logit a label.
    #[expect(clippy::cast_possible_truncation, reason = "summed in f64, kept in f32")]
    fn logits(&self, head: &FittedHead, keeps_bias: bool) -> Vec<Vec<f32>> {
        let of_label = |row: &[f32], label: usize| -> f64 {
            let weights = head.weight.iter().skip(label * self.columns);
            let dense: f64 = (row.iter().zip(weights))
                .map(|(x, w)| f64::from(*x) * f64::from(*w))
                .sum();
            let bias = if keeps_bias { head.bias.get(label) } else { None };
            let added = [head.centring.get(label), bias];
            dense + added.into_iter().flatten().map(|b| f64::from(*b)).sum::<f64>()
        };
        let rows = self.inputs.chunks_exact(self.columns.max(1));
        rows.zip(self.offsets.chunks_exact(self.labels.max(1)))
            .map(|(row, offsets)| {
                let labels = offsets.iter().enumerate();
                labels
                    .map(|(label, offset)| (f64::from(*offset) + of_label(row, label)) as f32)
                    .collect()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use woofer::augment::StreamKey;

    /// Clips of two rows of ten columns in four parts. The mapping, which is the offsets, is right in four of five clips; the first
    /// column says what the label is and, in every other part, the opposite if it is `turned`. The others say nothing.
    fn problem(turned: bool) -> (HeadProblem, Vec<OfClip>) {
        let mut random = StreamKey::new(5, 6, 7).stream(8);
        let mut problem = HeadProblem {
            columns: 10,
            labels: 2,
            inputs: Vec::new(),
            compared: Vec::new(),
            offsets: Vec::new(),
            targets: Vec::new(),
            weights: Vec::new(),
            origins: Vec::new(),
            pull: 0.0,
            source_share: 0.0,
            has_bias: true,
        };
        let mut rows = Vec::new();
        for clip in 0..80 {
            let part = clip / 20;
            let label = is_first(clip);
            let says = label != (turned && part % 2 == 1);
            let sign = if says { 1.0 } else { -1.0 };
            let mapped = if label == random.chance(0.8) { 1.0 } else { -1.0 };
            let first = f32::from(u8::from(label));
            for segment in 0..2 {
                #[expect(clippy::cast_possible_truncation, reason = "made-up numbers")]
                problem.inputs.extend((0..10).map(|column| match column {
                    0 => (sign + random.between(-0.2, 0.2)) as f32,
                    _ => random.between(-1.0, 1.0) as f32,
                }));
                problem.offsets.extend([mapped, 0.0]);
                problem.targets.extend([first, 1.0 - first]);
                problem.weights.push(1.0);
                rows.push(OfClip {
                    clip,
                    segment,
                    part: Some(part),
                });
            }
        }
        (problem, rows)
    }

    fn is_first(clip: usize) -> bool {
        clip.is_multiple_of(3)
    }

    /// The AUC of the first label, of clips whose rows are both there.
    #[expect(clippy::needless_pass_by_value, reason = "as a measure has it")]
    fn auc(clips: &[usize], logits: Vec<ClipLogits>) -> Option<f64> {
        assert_eq!(clips.len(), 80);
        let scored = clips.iter().zip(&logits).map(|(&clip, segments)| {
            assert_eq!(segments.len(), 2);
            let rows = segments.iter().flatten();
            let above: f32 = rows.map(|row| row[0] - row[1]).sum();
            (f64::from(above), is_first(clip))
        });
        woofer::metrics::roc_auc(scored)
    }

    #[test]
    fn what_holds_in_all_parts_wants_a_weak_pull_and_what_does_not_a_strong_one() {
        for among in [[1e-3, 1e3], [1e3, 1e-3]] {
            let chosen = |turned: bool| {
                let (problem, rows) = problem(turned);
                problem.chosen_pull(&among, &rows, false, auc)
            };
            assert_eq!(chosen(false), Some(1e-3));
            assert_eq!(chosen(true), Some(1e3));
        }
    }

    #[test]
    fn where_nothing_can_be_held_back_or_measured_the_first_is_taken() {
        let (problem, rows) = problem(false);
        let one: Vec<OfClip> = rows
            .iter()
            .map(|row| OfClip {
                part: Some(0),
                ..*row
            })
            .collect();
        assert_eq!(problem.chosen_pull(&[0.5, 0.1], &one, true, auc), Some(0.5));
        assert_eq!(problem.chosen_pull(&[0.2], &rows, true, auc), Some(0.2));
        assert_eq!(problem.chosen_pull(&[], &rows, true, auc), None);
        assert_eq!(
            problem.chosen_pull(&[0.5, 0.1], &rows, true, |_, _| None),
            Some(0.5)
        );
        assert_eq!(
            problem.chosen_pull(&[0.5, 0.1], &rows, true, |_, _| Some(0.5)),
            Some(0.5)
        );
    }
}
