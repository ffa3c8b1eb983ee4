//! The group of processes that a child and its own children form.

use std::io;
use std::process::{Child, Command};

#[cfg(unix)]
pub fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    // 0 stands for a new group with the child's number.
    command.process_group(0);
}

#[cfg(not(unix))]
pub fn own_group(_: &mut Command) {}

/// Whether a child has ended. Its number stays taken until it is waited for, so that its group can still be ended safely.
#[cfg(unix)]
pub fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = pid(child.id()) else {
        return Ok(true);
    };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(pid), options) {
        Ok(status) => Ok(status.is_some()),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
pub fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

/// Ends a child, and what it started; nothing happens if all of it has ended.
pub fn end(child: &mut Child) {
    #[cfg(unix)]
    end_by_number(child.id());
    // The child may have left its group.
    let _ = child.kill();
}

/// Ends all processes of a group.
#[cfg(unix)]
pub fn end_by_number(group: u32) {
    use rustix::process::{Signal, kill_process_group};
    if let Some(group) = pid(group) {
        // A group that is no more is as wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
pub fn end_by_number(_: u32) {}

#[cfg(unix)]
fn pid(number: u32) -> Option<rustix::process::Pid> {
    // 1 would stand for every process, as a group.
    let number = i32::try_from(number).ok().filter(|number| *number > 1)?;
    rustix::process::Pid::from_raw(number)
}
