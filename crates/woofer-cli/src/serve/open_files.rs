/// Files that the program needs beside its connections.
#[cfg(unix)]
const BESIDE: u64 = 256;

/// Lets the process open so many connections, as far as the system allows.
#[cfg(unix)]
pub fn raise_limit(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = connections as u64 + BESIDE;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if current.is_none_or(|current| current >= allowed) {
        return;
    }
    let limit = Rlimit {
        current: Some(allowed),
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
}

/// Other systems have no such limit, or none that can be changed.
#[cfg(not(unix))]
pub fn raise_limit(_connections: usize) {}
