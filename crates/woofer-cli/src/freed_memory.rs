/// The largest block that comes from the heap: glibc allows no larger value.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGEST_ON_HEAP: i32 = 32 << 20;

/// Freed memory that is kept at the end of a heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MOST_KEPT: i32 = 256 << 20;

/// Keeps freed memory for what is computed next.
///
/// Each layer of a network allocates and frees some megabytes. By default glibc gives these back to the system at once and
/// asks for them anew, and the system clears every page in between: a sixth of the time of a classification. False
/// where nothing was set, which costs that time and nothing else.
pub fn keep() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "there is no safe call for it")]
        // SAFETY: mallopt takes two numbers and no pointers; it is called at the start, before there is another thread.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_ON_HEAP) == 1
                && libc::mallopt(libc::M_TRIM_THRESHOLD, MOST_KEPT) == 1
        }
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn glibc_takes_the_settings() {
        assert_eq!(super::keep(), cfg!(all(target_os = "linux", target_env = "gnu")));
    }
}
