use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does work on each item, so many at a time; after the first error nothing new is begun, and it is returned.
pub fn for_each<T: Send, E: Send>(
    items: Vec<T>,
    jobs: usize,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let jobs = jobs.clamp(1, items.len().max(1));
    let queue = Mutex::new(items.into_iter());
    let failed: Mutex<Option<E>> = Mutex::new(None);
    let lock = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(item) = next.filter(|_| lock().is_none()) else {
                        return;
                    };
                    if let Err(error) = work(item) {
                        lock().get_or_insert(error);
                        return;
                    }
                }
            });
        }
    });
    failed
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn all_is_done_and_an_error_ends_it() {
        let done = AtomicUsize::new(0);
        let count = |n: usize| {
            done.fetch_add(n, Ordering::Relaxed);
            Ok::<(), String>(())
        };
        for_each((0..100).collect(), 8, count).unwrap();
        assert_eq!(done.load(Ordering::Relaxed), 4_950);
        for_each(Vec::new(), 8, count).unwrap();
        let error = for_each(
            (0..1_000_000).collect(),
            2,
            |n: usize| if n == 10 { Err(n) } else { Ok(()) },
        );
        assert_eq!(error, Err(10));
    }
}
