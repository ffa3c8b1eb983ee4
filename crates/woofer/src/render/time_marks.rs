/// Steps between marks in seconds, from which the first is taken that gives few enough marks.
const STEPS_S: [f64; 24] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0,
    1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0,
];

/// Most marks along an axis.
const MAX_MARKS: f64 = 11.0;

/// The step between marks from one time to another, in seconds, and the marks: multiples of the step.
pub(super) fn time_marks(from_s: f64, to_s: f64) -> (f64, Vec<f64>) {
    let duration_s = to_s - from_s;
    let fits = |step: &f64| duration_s / step <= MAX_MARKS;
    let step = STEPS_S
        .into_iter()
        .find(fits)
        .unwrap_or((duration_s / MAX_MARKS / 86_400.0).ceil() * 86_400.0);
    let first = (from_s / step - 1e-4).ceil();
    let marks = (0..=12u8).map(|i| (first + f64::from(i)) * step);
    let marks = marks.take_while(|mark| *mark <= to_s + step * 1e-4);
    (step, marks.collect())
}

/// What the times of an axis with marks at a step are told in, up to a time.
pub(super) fn unit(to_s: f64, step_s: f64) -> &'static str {
    if to_s < 60.0 && step_s < 10.0 {
        "seconds"
    } else if to_s < 3_600.0 && step_s < 600.0 {
        "minutes and seconds"
    } else {
        "hours, minutes and seconds"
    }
}

/// A time on an axis that ends at another, with marks at a step: `1.5`, `2:30`, `2:30.5` or `1:02:30`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time, never below 0"
)]
pub(super) fn clock(seconds: f64, to_s: f64, step_s: f64) -> String {
    let digits = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    if unit(to_s, step_s) == "seconds" {
        return digits(format!("{seconds:.2}"));
    }
    let whole = if step_s < 1.0 {
        seconds.floor() as u64
    } else {
        seconds.round() as u64
    };
    let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60);
    let fraction = if step_s < 1.0 {
        digits(
            format!("{:.2}", seconds.fract())
                .trim_start_matches('0')
                .to_owned(),
        )
    } else {
        String::new()
    };
    if unit(to_s, step_s) == "minutes and seconds" {
        format!("{minutes}:{rest:02}{fraction}")
    } else {
        format!("{hours}:{minutes:02}:{rest:02}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from_s: f64, to_s: f64) -> String {
        let (step, marks) = time_marks(from_s, to_s);
        let texts: Vec<String> = marks.into_iter().map(|mark| clock(mark, to_s, step)).collect();
        texts.join(" ")
    }

    #[test]
    fn times_are_marked_at_round_steps() {
        assert_eq!(texts(0.0, 0.3), "0 0.05 0.1 0.15 0.2 0.25 0.3");
        assert_eq!(texts(0.0, 5.0), "0 0.5 1 1.5 2 2.5 3 3.5 4 4.5 5");
        assert_eq!(
            texts(0.0, 90.0),
            "0:00 0:10 0:20 0:30 0:40 0:50 1:00 1:10 1:20 1:30"
        );
        assert_eq!(
            texts(0.0, 7_200.0),
            "0:00:00 0:15:00 0:30:00 0:45:00 1:00:00 1:15:00 1:30:00 1:45:00 2:00:00"
        );
    }

    #[test]
    fn a_later_stretch_is_marked_at_its_own_times() {
        assert_eq!(texts(3.2, 5.0), "3.2 3.4 3.6 3.8 4 4.2 4.4 4.6 4.8 5");
        assert_eq!(
            texts(3_599.0, 3_601.0),
            "0:59:59 0:59:59.2 0:59:59.4 0:59:59.6 0:59:59.8 1:00:00 1:00:00.2 1:00:00.4 1:00:00.6 1:00:00.8 1:00:01"
        );
        assert_eq!(
            texts(61.0, 66.5),
            "1:01 1:01.5 1:02 1:02.5 1:03 1:03.5 1:04 1:04.5 1:05 1:05.5 1:06 1:06.5"
        );
    }

    #[test]
    fn there_are_never_too_many_marks() {
        for seconds in [0.001, 0.11, 59.0, 61.0, 3_599.0, 36_000.0, 864_000.0, 1e9] {
            let (_, marks) = time_marks(0.0, seconds);
            assert!((1..=12).contains(&marks.len()), "{seconds}: {}", marks.len());
        }
    }
}
