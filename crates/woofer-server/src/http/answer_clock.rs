use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Since when the last answer of a connection is being sent.
///
/// It counts as being sent until the next request comes: what the system still holds of it cannot be seen.
#[derive(Clone)]
pub struct AnswerClock(Arc<watch::Sender<Option<Instant>>>);

/// Tells when an answer was not taken in time.
pub struct Watchdog(watch::Receiver<Option<Instant>>);

impl AnswerClock {
    /// The clock of a connection that has answered nothing as yet, and who looks at it.
    pub fn new() -> (Self, Watchdog) {
        let (sender, receiver) = watch::channel(None);
        (Self(Arc::new(sender)), Watchdog(receiver))
    }

    /// Notes that a request came.
    pub fn asked(&self) {
        self.0.send_replace(None);
    }

    /// Notes that its answer begins.
    pub fn answered(&self) {
        self.0.send_replace(Some(Instant::now()));
    }
}

impl Watchdog {
    /// Comes to an end once an answer is being sent for longer than `patience`.
    pub async fn bark(mut self, patience: Duration) {
        loop {
            let since = *self.0.borrow_and_update();
            let late = async {
                match since {
                    Some(since) => sleep_until(since + patience).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = late => return,
                moved = self.0.changed() => if moved.is_err() { std::future::pending::<()>().await },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn only_an_answer_that_nobody_follows_up_is_late() {
        let (clock, watchdog) = AnswerClock::new();
        let barking = tokio::spawn(watchdog.bark(Duration::from_millis(50)));
        clock.answered();
        clock.asked();
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(!barking.is_finished());
        clock.answered();
        timeout(Duration::from_secs(10), barking).await.unwrap().unwrap();
    }
}
