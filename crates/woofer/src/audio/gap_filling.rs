//! Silence for the time of pages that are missing from an Ogg, so that what follows keeps its time.

use std::collections::VecDeque;

use symphonia::core::packet::Packet;

use super::ogg_pages::{Losses, LostPages};

/// The longest silence that stands for one loss: a granule position may be anything.
const MAX_SILENCE_S: u64 = 60;

/// Packets that are held back at most until it is known how much is missing before them; a page has 255.
const MAX_WAITING: usize = 512;

/// What comes next.
pub(super) enum Step {
    /// A packet to decode.
    Packet(Packet),
    /// So many frames are missing here; 0 when it is not known how many.
    Lost(u64),
}

/// Packets in their order, with what is missing between them.
#[derive(Default)]
pub(super) struct GapFilling {
    losses: Losses,
    ready: VecDeque<Step>,
    waiting: Option<Waiting>,
}

/// Packets of the page behind a loss.
struct Waiting {
    lost: LostPages,
    packets: Vec<Packet>,
    /// Frames in `packets`.
    frames: u64,
}

impl GapFilling {
    /// Asks `losses` what is missing.
    pub fn new(losses: Losses) -> Self {
        Self {
            losses,
            ..Self::default()
        }
    }

    /// What comes next; `None` when another packet is wanted first.
    pub fn next_step(&mut self) -> Option<Step> {
        self.ready.pop_front()
    }

    /// Takes a packet of the track that is read.
    ///
    /// Symphonia times the packets behind a loss as if nothing were missing, up to the end of their page; with the
    /// next page its times are right again. So the page is held back until then.
    pub fn push(&mut self, packet: Packet, rate_hz: u32) {
        let at = u64::try_from(packet.pts.get()).unwrap_or(0);
        if let Some(mut waiting) = self.waiting.take() {
            let goes_on = at == waiting.lost.after.saturating_add(waiting.frames);
            if goes_on && at < waiting.lost.until && waiting.packets.len() < MAX_WAITING {
                waiting.frames = waiting.frames.saturating_add(duration(&packet));
                waiting.packets.push(packet);
                self.waiting = Some(waiting);
                return;
            }
            let until = if goes_on { waiting.lost.until } else { at };
            self.resolve(waiting, until, rate_hz);
        }
        match self.losses.take(packet.track_id, at) {
            Some(lost) => {
                self.waiting = Some(Waiting {
                    lost,
                    frames: duration(&packet),
                    packets: vec![packet],
                });
            }
            None => self.ready.push_back(Step::Packet(packet)),
        }
    }

    /// At the end: hands on what was held back; false when there is nothing.
    pub fn flush(&mut self, rate_hz: u32) -> bool {
        let Some(waiting) = self.waiting.take() else {
            return false;
        };
        let until = waiting.lost.until;
        self.resolve(waiting, until, rate_hz);
        true
    }

    fn resolve(&mut self, waiting: Waiting, until: u64, rate_hz: u32) {
        let missing = until
            .saturating_sub(waiting.lost.after)
            .saturating_sub(waiting.frames);
        let believed = missing <= MAX_SILENCE_S * u64::from(rate_hz);
        self.ready
            .push_back(Step::Lost(if believed { missing } else { 0 }));
        self.ready.extend(waiting.packets.into_iter().map(Step::Packet));
    }
}

/// Frames that a packet decodes to, with those that are trimmed.
fn duration(packet: &Packet) -> u64 {
    [packet.dur, packet.trim_start, packet.trim_end]
        .iter()
        .fold(0, |sum, part| u64::saturating_add(sum, part.get()))
}
