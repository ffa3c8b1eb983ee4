use super::recipe::{Recipe, ScheduleShape};

/// The learning rate's factor in a step: `step` of `steps` in `epoch`, all counted from 0.
pub(super) fn rate_factor(recipe: &Recipe, epoch: usize, step: usize, steps: usize) -> f64 {
    let schedule = &recipe.schedule;
    let at = epoch as f64 + step as f64 / steps.max(1) as f64;
    let warm_up = schedule.warm_up_epochs;
    // The first step of a warm-up is not nothing, and the first after it is whole.
    let rising = if at < warm_up {
        (at + (steps.max(1) as f64).recip()).min(warm_up) / warm_up
    } else {
        1.0
    };
    rising
        * match schedule.shape {
            ScheduleShape::Constant => 1.0,
            ScheduleShape::Cosine => {
                let whole = (schedule.epochs as f64 - warm_up).max(f64::MIN_POSITIVE);
                let gone = ((at - warm_up) / whole).clamp(0.0, 1.0);
                f64::midpoint(1.0, (std::f64::consts::PI * gone).cos())
            }
            ScheduleShape::Steps => {
                let tenths = epoch / schedule.step_epochs.unwrap_or(usize::MAX);
                0.1_f64.powi(i32::try_from(tenths).unwrap_or(i32::MAX))
            }
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(changes: &[&str]) -> Recipe {
        let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
        Recipe::open("frozen", &changes).unwrap()
    }

    #[test]
    fn the_originals_rate_falls_to_a_tenth_after_25_epochs() {
        let recipe = Recipe::open("adee", &[]).unwrap();
        assert!((rate_factor(&recipe, 24, 9, 10) - 1.0).abs() < 1e-12);
        assert!((rate_factor(&recipe, 25, 0, 10) - 0.1).abs() < 1e-12);
        assert!((rate_factor(&recipe, 39, 9, 10) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_cosine_rises_and_then_falls_to_nothing() {
        let recipe = recipe(&[
            "schedule.shape=cosine",
            "schedule.epochs=10",
            "schedule.warm_up_epochs=2",
        ]);
        let factors: Vec<f64> = (0..10)
            .flat_map(|epoch| (0..5).map(move |step| (epoch, step)))
            .map(|(epoch, step)| rate_factor(&recipe, epoch, step, 5))
            .collect();
        assert!((factors[0] - 0.1).abs() < 1e-12, "{factors:?}");
        assert!(factors[..10].is_sorted(), "{factors:?}");
        assert!((factors[10] - 1.0).abs() < 1e-12);
        assert!(factors[10..].is_sorted_by(|a, b| a >= b));
        assert!(factors[49] < 0.01 && factors[49] > 0.0);
    }
}
