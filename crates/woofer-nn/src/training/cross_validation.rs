use rayon::prelude::*;

use super::clips::LabelledClip;
use super::linear_head::{TrainingError, train_head};
use super::recipe::Recipe;

/// Scores each clip by a head that was trained on the other folds: one row a clip, one score a fine label.
///
/// `fold_of_clip` tells in which fold each clip is tested. Nothing is chosen on a tested fold: every head
/// is trained for the recipe's epochs. `on_fold` is called when a fold is done.
///
/// # Errors
///
/// As [`train_head`], and a clip without a fold.
pub fn cross_validate(
    clips: &[LabelledClip],
    fold_of_clip: &[usize],
    folds: usize,
    labels: usize,
    recipe: &Recipe,
    on_fold: impl Fn(usize) + Sync,
) -> Result<Vec<Vec<f64>>, TrainingError> {
    let part = |fold: usize, tested: bool| {
        let wanted = move |(_, of): &(&LabelledClip, &usize)| (**of == fold) == tested;
        clips.iter().zip(fold_of_clip).filter(wanted).map(|(clip, _)| clip)
    };
    let heads: Vec<_> = (0..folds)
        .into_par_iter()
        .map(|fold| {
            let head = train_head(&part(fold, false).collect::<Vec<_>>(), labels, recipe, |_, _| ());
            on_fold(fold);
            head
        })
        .collect::<Result<_, _>>()?;
    clips
        .iter()
        .zip(fold_of_clip)
        .map(|(clip, &fold)| heads.get(fold).map(|head| head.score(clip)).ok_or(TrainingError::NoClips))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_scored_by_a_head_that_has_not_met_its_fold() {
        // Each fold has a mark of its own that gives the label away within it, and means the
        // opposite in the other: whoever has met the fold is right, whoever has not is wrong.
        let clip = |fine: usize, mark: f32| LabelledClip {
            fine,
            segments: vec![vec![mark, 1.0]],
        };
        let clips: Vec<_> = (0..40usize)
            .map(|i| {
                let (fine, fold) = (i % 2, i / 20);
                let sign = if (fine == 0) == (fold == 0) { 1.0 } else { -1.0 };
                clip(fine, sign * (1.0 + (i % 5) as f32 * 0.01))
            })
            .collect();
        let folds: Vec<usize> = (0..40).map(|i| i / 20).collect();
        let scores = cross_validate(&clips, &folds, 2, 2, &Recipe::open("frozen").unwrap(), |_| ()).unwrap();
        assert!(clips.iter().zip(&scores).all(|(clip, s)| s[clip.fine] < 0.5));
    }
}
