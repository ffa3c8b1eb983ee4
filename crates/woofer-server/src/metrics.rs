use std::sync::Arc;
use std::time::Duration;

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder, core::AtomicF64, core::Collector, core::GenericCounter,
};

use crate::http::Code;

/// Upper edges of times in seconds.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Upper edges of numbers of recordings.
const COUNTS: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// What Prometheus is told.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    refused: IntCounterVec,
    connections: IntGauge,
    classes: IntCounterVec,
    /// Recordings that wait.
    pub queue: IntGauge,
    /// Bytes of bodies and answers that are held.
    pub held_bytes: IntGauge,
    /// From the queue's end to a worker.
    pub wait: Histogram,
    /// Recordings that a worker takes at once.
    pub batch: Histogram,
    /// Sound that has been scored.
    pub audio_seconds: GenericCounter<AtomicF64>,
    /// Models that are loaded.
    pub models: IntGauge,
    /// Panics that were caught.
    pub panics: IntCounter,
    /// Workers that never came back and were replaced.
    pub lost_workers: IntCounter,
}

/// An open connection, counted until it is dropped.
pub struct OpenConnection(IntGauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> prometheus::Result<Arc<Self>> {
        let registry = Registry::new();
        let seconds = |name, help| HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new("woofer_http_requests_total", "Requests answered."),
                &["method", "route", "status"],
            )?,
            latency: HistogramVec::new(
                seconds(
                    "woofer_http_request_duration_seconds",
                    "Time from the end of a request's head to its answer.",
                ),
                &["route"],
            )?,
            refused: IntCounterVec::new(
                Opts::new(
                    "woofer_problems_total",
                    "Requests answered by an error, by its code.",
                ),
                &["code"],
            )?,
            connections: IntGauge::new("woofer_connections", "Open connections.")?,
            classes: IntCounterVec::new(
                Opts::new(
                    "woofer_clips_total",
                    "Recordings scored, by the class that scored best.",
                ),
                &["model", "class"],
            )?,
            queue: IntGauge::new("woofer_queue_length", "Recordings that wait to be scored.")?,
            held_bytes: IntGauge::new("woofer_held_bytes", "Bytes of bodies and answers that are held.")?,
            wait: Histogram::with_opts(seconds(
                "woofer_queue_wait_seconds",
                "Time that recordings waited to be scored.",
            ))?,
            batch: Histogram::with_opts(
                HistogramOpts::new("woofer_batch_size", "Recordings that a worker took at once.")
                    .buckets(COUNTS.to_vec()),
            )?,
            audio_seconds: GenericCounter::new("woofer_audio_seconds_total", "Seconds of sound scored.")?,
            models: IntGauge::new("woofer_models", "Models that are loaded.")?,
            panics: IntCounter::new("woofer_panics_total", "Panics that were caught while scoring.")?,
            lost_workers: IntCounter::new(
                "woofer_lost_workers_total",
                "Workers that never came back and were replaced.",
            )?,
            registry,
        };
        let all: [Box<dyn Collector>; 13] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.latency.clone()),
            Box::new(metrics.refused.clone()),
            Box::new(metrics.connections.clone()),
            Box::new(metrics.classes.clone()),
            Box::new(metrics.queue.clone()),
            Box::new(metrics.held_bytes.clone()),
            Box::new(metrics.wait.clone()),
            Box::new(metrics.batch.clone()),
            Box::new(metrics.audio_seconds.clone()),
            Box::new(metrics.models.clone()),
            Box::new(metrics.panics.clone()),
            Box::new(metrics.lost_workers.clone()),
        ];
        for collector in all {
            metrics.registry.register(collector)?;
        }
        Ok(Arc::new(metrics))
    }

    /// Notes an answer.
    pub fn answered(&self, method: &str, route: &str, status: u16, code: Option<Code>, took: Duration) {
        let status = status.to_string();
        self.requests.with_label_values(&[method, route, &status]).inc();
        self.latency
            .with_label_values(&[route])
            .observe(took.as_secs_f64());
        if let Some(code) = code {
            self.refused.with_label_values(&[&code.word()]).inc();
        }
    }

    /// Notes a connection for as long as the value lives.
    pub fn connection(&self) -> OpenConnection {
        self.connections.inc();
        OpenConnection(self.connections.clone())
    }

    /// The counters of a model's classes, in their order.
    pub fn of_classes(&self, model: &str, classes: &[String]) -> Vec<IntCounter> {
        classes
            .iter()
            .map(|class| self.classes.with_label_values(&[model, class]))
            .collect()
    }

    /// Forgets a model's classes.
    pub fn forget_classes(&self, model: &str, classes: &[String]) {
        for class in classes {
            // One that is not there needs no forgetting.
            let _ = self.classes.remove_label_values(&[model, class]);
        }
    }

    /// All of it as Prometheus reads it.
    pub fn text(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
