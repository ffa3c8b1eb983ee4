//! A helper that ends children when this program was killed and cannot do so itself.
//!
//! The helper is the program once more, with arguments of its own, and reads from a pipe which groups there are. The
//! system closes the pipe when the program ends, however it ends; the helper then ends the groups that are left, and
//! itself. So a `kill -9` leaves nothing running.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::group;

static HELPER: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Starts the helper: a command that does nothing but call [`serve`]. Every child that starts from now on is guarded.
///
/// # Errors
/// The command cannot be started.
pub fn start(mut helper: Command) -> io::Result<()> {
    helper
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C is for the program, not for its helper.
    group::own_group(&mut helper);
    let mut helper = helper.spawn()?;
    *HELPER.lock().unwrap_or_else(PoisonError::into_inner) = helper.stdin.take();
    Ok(())
}

/// What the helper does: reads from standard input until it ends, then ends what is left.
pub fn serve() {
    for group in left_over(io::stdin().lock()) {
        group::end_by_number(group);
    }
}

/// A child began.
pub(super) fn watch(group: u32) {
    tell(&format!("+{group}\n"));
}

/// A child is gone.
pub(super) fn forget(group: u32) {
    tell(&format!("-{group}\n"));
}

fn tell(line: &str) {
    let mut helper = HELPER.lock().unwrap_or_else(PoisonError::into_inner);
    // Without its helper the program still works; it is only not prepared for its own sudden end.
    if let Some(pipe) = helper.as_mut()
        && pipe.write_all(line.as_bytes()).is_err()
    {
        *helper = None;
    }
}

fn left_over(lines: impl BufRead) -> BTreeSet<u32> {
    let mut groups = BTreeSet::new();
    for line in lines.lines().map_while(Result::ok) {
        match (
            line.get(..1),
            line.get(1..).and_then(|number| number.parse().ok()),
        ) {
            (Some("+"), Some(group)) => {
                groups.insert(group);
            }
            (Some("-"), Some(group)) => {
                groups.remove(&group);
            }
            _ => {}
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_and_did_not_end_is_left_over() {
        let lines = "+10\n+11\n-10\n+12\n-12\nx\n+\n-99\n+12\n";
        assert_eq!(left_over(lines.as_bytes()), BTreeSet::from([11, 12]));
    }
}
