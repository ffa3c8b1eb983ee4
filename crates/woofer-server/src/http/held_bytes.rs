use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes of all bodies that are held, and how many there may be.
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
}
