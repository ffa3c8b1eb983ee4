use woofer::audioset::PlannedCut;

/// How much more is fetched before and behind, in seconds: servers begin where a packet does.
const MARGIN_S: u32 = 1;
/// Cuts closer than this are fetched in one piece.
const GAP_S: u32 = 10;

/// A stretch of a video that is fetched in one piece, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    pub start_s: u32,
    pub end_s: u32,
}

impl Section {
    /// As `yt-dlp` takes it.
    pub fn argument(self) -> String {
        format!("*{}-{}", self.start_s, self.end_s)
    }

    pub fn holds(self, cut: &PlannedCut) -> bool {
        self.start_s * 1_000 <= cut.start_ms && cut.end_ms <= self.end_s * 1_000
    }
}

/// The stretches that hold all cuts of a video, none closer than ten seconds to the next.
pub fn sections(cuts: &[&PlannedCut]) -> Vec<Section> {
    let mut all: Vec<Section> = cuts
        .iter()
        .map(|cut| Section {
            start_s: (cut.start_ms / 1_000).saturating_sub(MARGIN_S),
            end_s: cut.end_ms.div_ceil(1_000) + MARGIN_S,
        })
        .collect();
    all.sort_by_key(|section| section.start_s);
    let mut joined: Vec<Section> = Vec::new();
    for section in all {
        match joined.last_mut() {
            Some(last) if section.start_s < last.end_s + GAP_S => last.end_s = last.end_s.max(section.end_s),
            _ => joined.push(section),
        }
    }
    joined
}

#[cfg(test)]
pub(super) fn cut(video: &str, start_ms: u32, end_ms: u32) -> PlannedCut {
    PlannedCut {
        file: format!("{video}_{start_ms}.wav"),
        video: video.parse().unwrap(),
        start_ms,
        end_ms,
        class: "Barking".into(),
        fine: "Barking".into(),
        mid: "/m/05tny_".into(),
        name: "Bark".into(),
        clip_start_ms: Some(0),
        onset_ms: 0,
        offset_ms: 0,
        weak: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_of_a_clip_are_one_section_and_far_ones_two() {
        let cuts = [
            cut("abcdefghijk", 30_500, 33_000),
            cut("abcdefghijk", 32_001, 37_001),
            cut("abcdefghijk", 90_000, 91_000),
            cut("abcdefghijk", 200, 400),
        ];
        let cuts: Vec<_> = cuts.iter().collect();
        let expected = [(0, 2), (29, 39), (89, 92)].map(|(start_s, end_s)| Section { start_s, end_s });
        assert_eq!(sections(&cuts), expected);
        assert_eq!(expected[1].argument(), "*29-39");
        assert!(
            cuts.iter()
                .all(|cut| expected.iter().filter(|s| s.holds(cut)).count() == 1)
        );
    }
}
