use woofer::dataset::Manifest;

/// Another list of the same recordings, of another codec or microphone, whose clips are only tested.
#[derive(Debug, Clone, PartialEq)]
pub struct Retest {
    /// For people.
    pub name: String,
    /// The list.
    pub manifest: Manifest,
    /// The fold of each row: that in which its recording is tested.
    pub fold_of_row: Vec<usize>,
}
