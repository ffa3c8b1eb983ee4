/// A labelled recording as training sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledClip {
    /// Index of its fine label.
    pub fine: usize,
    /// What the frozen backbone says of each of its segments ([`crate::Model::summary`]); all of one length.
    pub segments: Vec<Vec<f32>>,
}
