//! Threads that read what a child says, so that it never waits for a full pipe.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long to wait for the end of a pipe after the whole group was ended: someone who left the group may hold it open.
const PATIENCE: Duration = Duration::from_secs(1);

/// A thread that reads a pipe to its end.
pub struct Drain<T> {
    kept: Arc<Mutex<T>>,
    ended: Receiver<()>,
}

impl<T: Default> Drain<T> {
    /// What was read; if the pipe stays open though the child is gone, what was read until now.
    pub fn finish(self) -> T {
        // Either way it is not waited for any longer.
        let _ = self.ended.recv_timeout(PATIENCE);
        std::mem::take(&mut *lock(&self.kept))
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was kept of a pipe.
#[derive(Debug, Default)]
pub struct Kept {
    pub bytes: Vec<u8>,
    /// There was more than was to be kept.
    pub too_much: bool,
    pub error: Option<io::Error>,
}

/// Keeps the first bytes of a pipe; calls `on_too_much` once when there are more, and reads on without keeping them.
pub fn first(
    mut pipe: impl Read + Send + 'static,
    most: usize,
    on_too_much: impl FnOnce() + Send + 'static,
) -> Drain<Kept> {
    spawn(move |kept: &Mutex<Kept>| {
        let mut on_too_much = Some(on_too_much);
        let read = each_piece(&mut pipe, |piece| {
            let mut kept = lock(kept);
            let room = most.saturating_sub(kept.bytes.len());
            kept.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room
                && let Some(tell) = on_too_much.take()
            {
                kept.too_much = true;
                tell();
            }
        });
        lock(kept).error = read.err();
    })
}

/// Keeps the last bytes of a pipe.
pub fn last(mut pipe: impl Read + Send + 'static, most: usize) -> Drain<Vec<u8>> {
    spawn(move |kept: &Mutex<Vec<u8>>| {
        // An error here loses words of a message and nothing else.
        let _ = each_piece(&mut pipe, |piece| {
            let mut kept = lock(kept);
            kept.extend_from_slice(piece);
            let surplus = kept.len().saturating_sub(most);
            kept.drain(..surplus);
        });
    })
}

fn spawn<T: Default + Send + 'static>(work: impl FnOnce(&Mutex<T>) + Send + 'static) -> Drain<T> {
    let (sender, ended) = sync_channel(1);
    let kept = Arc::new(Mutex::new(T::default()));
    let into = Arc::clone(&kept);
    thread::spawn(move || {
        work(&into);
        // Nobody waits for it any more if this fails.
        let _ = sender.send(());
    });
    Drain { kept, ended }
}

fn each_piece(pipe: &mut impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => take(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_first_bytes_are_kept_and_too_much_is_told_once() {
        let told = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&told);
        let text: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let kept = first(io::Cursor::new(text.clone()), 50_000, move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .finish();
        assert_eq!(kept.bytes, text[..50_000]);
        assert!(kept.too_much && told.load(Ordering::Relaxed) == 1);
        let kept = first(io::Cursor::new(text.clone()), text.len(), || {}).finish();
        assert!(kept.bytes == text && !kept.too_much);
    }

    #[test]
    fn the_last_bytes_are_kept() {
        let text: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(
            last(io::Cursor::new(text.clone()), 1_000).finish(),
            text[399_000..]
        );
        assert_eq!(last(io::Cursor::new(text.clone()), 1 << 20).finish(), text);
    }
}
