//! Pictures of what was measured: plots as SVG, log-mels as PNG, and a report as one HTML file.
//!
//! ```text
//! ScoredClips, Reliability, LearningCurve, samples -> plots  -> SVG text ─┐
//! LogMel                                           -> image  -> PNG bytes ─┤
//! Evaluation, recipe, hardest clips                                       ─┴> report -> HTML
//! ```
//!
//! An SVG stands on its own and follows the reader's light or dark setting. A log-mel's PNG holds the picture and no
//! text: axes are drawn around it as SVG, and what the picture shows is said in text that can be read aloud, searched and
//! enlarged. Only [`RecordingPicture::png`] has letters in pixels, which are part of the program. Nothing here reads a
//! clock, a font or a file.

mod canvas;
mod color;
mod confusion_plot;
mod curve_plots;
mod learning_plots;
mod line_chart;
mod log_mel_image;
mod log_mel_plot;
mod pixels;
mod pooled;
mod recording_picture;
mod reliability_plot;
mod report;
mod theme;
mod time_marks;
mod waveform;

pub use canvas::RenderError;
pub use color::{heat, series_color};
pub use confusion_plot::confusion_plot;
pub use curve_plots::{false_alarm_plot, precision_recall_plot, roc_plot};
pub use learning_plots::{EpochRecord, LearningCurve, auc_plot, loss_plot};
pub use log_mel_image::{log_mel_png, pooled_png};
pub use log_mel_plot::log_mel_plot;
pub use pooled::Pooled;
pub use recording_picture::{Lane, RecordingPicture, Span};
pub use reliability_plot::reliability_plot;
pub use report::{AudioFormat, HardClip, HardClips, Playable, ReportData, report};
pub use waveform::waveform;
