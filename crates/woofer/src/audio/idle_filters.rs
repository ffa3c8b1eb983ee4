//! Prepared filters that wait for another stream of the same rates.
//!
//! To plan the FFTs of a resampling or to tabulate its sinc takes as long as to resample some seconds of sound with it,
//! so that among many short clips each thread keeps those that it used last.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::resampling_method::Method;

/// Filters that a thread keeps: as many as there are kinds of recordings in most folders, some hundred kilobytes each.
const MOST: usize = 4;

thread_local! {
    static IDLE: RefCell<VecDeque<Idle>> = const { RefCell::new(VecDeque::new()) };
}

struct Idle {
    from_hz: u32,
    to_hz: u32,
    method: Method,
}

/// A filter for these rates that nobody uses, ready for a new stream.
pub(super) fn take(from_hz: u32, to_hz: u32) -> Option<Method> {
    IDLE.with_borrow_mut(|idle| {
        let place = idle
            .iter()
            .position(|idle| (idle.from_hz, idle.to_hz) == (from_hz, to_hz))?;
        idle.remove(place).map(|idle| idle.method)
    })
}

/// Keeps a filter that is ready for a new stream; the one that has waited longest goes where there are too many.
pub(super) fn give(from_hz: u32, to_hz: u32, method: Method) {
    let idle = Idle {
        from_hz,
        to_hz,
        method,
    };
    // It fails only while the thread ends, and then nobody will ask again.
    let _ = IDLE.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        kept.push_back(idle);
        if kept.len() > MOST {
            kept.pop_front();
        }
    });
}
