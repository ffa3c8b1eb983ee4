use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes that are held for requests: bodies as they come and answers until they are sent, and how many there may be.
#[derive(Debug)]
pub struct HeldBytes {
    used: AtomicUsize,
    max: usize,
}

/// A share of them, given back when dropped.
#[derive(Debug)]
pub struct Hold {
    of: Arc<HeldBytes>,
    bytes: usize,
}

impl HeldBytes {
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            used: AtomicUsize::new(0),
            max,
        })
    }

    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// A share that is empty as yet.
    pub fn hold(self: &Arc<Self>) -> Hold {
        Hold {
            of: Arc::clone(self),
            bytes: 0,
        }
    }
}

impl Hold {
    /// Another share of the same, empty as yet.
    pub fn another(&self) -> Self {
        self.of.hold()
    }

    /// A part of this share, or all of it where it has no more.
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self {
            of: Arc::clone(&self.of),
            bytes,
        }
    }

    /// Takes over what another share of the same has.
    pub fn join(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// Takes more; false when there is not so much left.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let room = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.of.max);
        let taken = self
            .of
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .is_ok();
        if taken {
            self.bytes += bytes;
        }
        taken
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.of.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_and_given_back() {
        let held = HeldBytes::new(10);
        let (mut first, mut second) = (held.hold(), held.hold());
        assert!(first.grow(6) && second.grow(4) && !second.grow(1) && !first.grow(usize::MAX));
        assert_eq!(held.used(), 10);
        drop(first);
        assert_eq!(held.used(), 4);
        assert!(second.grow(6));
    }

    #[test]
    fn what_passes_from_one_to_another_is_counted_once() {
        let held = HeldBytes::new(10);
        let mut first = held.hold();
        assert!(first.grow(8));
        let mut second = first.another();
        second.join(first.split(3));
        second.join(first.split(100));
        assert_eq!(held.used(), 8);
        drop(first);
        assert_eq!(held.used(), 8);
        drop(second);
        assert_eq!(held.used(), 0);
    }
}
