use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Where half-made files lie, in the folder of clips.
const NAME: &str = ".work";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The folder of half-made files. Whoever holds the journal owns it.
pub struct WorkRoot {
    path: PathBuf,
}

impl WorkRoot {
    /// An empty one; what a sudden end left there is removed.
    pub fn create(clips: &Path) -> io::Result<Self> {
        const TRIES: usize = 20;
        let path = clips.join(NAME);
        // The children of a program that was killed a moment ago may still be at it.
        for _ in 1..TRIES {
            if remove(&path).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        remove(&path)?;
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// Whether a sudden end left one.
    pub fn is_left(clips: &Path) -> bool {
        clips.join(NAME).exists()
    }

    /// A folder for one job, of a name that no other job has.
    pub fn job(&self) -> io::Result<JobFolder> {
        let path = self.path.join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&path)?;
        Ok(JobFolder { path })
    }
}

impl Drop for WorkRoot {
    fn drop(&mut self) {
        // The next run removes it otherwise.
        let _ = remove(&self.path);
    }
}

/// The folder of one job, removed with all that is in it when the job is done.
pub struct JobFolder {
    pub path: PathBuf,
}

impl Drop for JobFolder {
    fn drop(&mut self) {
        let _ = remove(&self.path);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
