use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant as StdInstant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use woofer::audio::wav_bytes;
use woofer::{LoadedModel, ModelLoader, ModelSource};

use crate::compute::{Job, Outcome, Pool, Task};
use crate::http::{Code, HeldBytes, Problem, Upload};
use crate::metrics::Metrics;
use crate::models::{Models, ServedModel};
use crate::settings::Settings;

/// The whole service: settings, models, workers; cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

struct Parts {
    settings: Settings,
    loader: Arc<dyn ModelLoader>,
    metrics: Arc<Metrics>,
    held: Arc<HeldBytes>,
    models: Models,
    pool: Arc<Pool>,
    /// How many models may still be read at a time.
    turns: Arc<Semaphore>,
    state: RwLock<State>,
}

/// Longest time for a request; what is set beyond it is taken for it.
const LONGEST_REQUEST: Duration = Duration::from_hours(24);

/// Models that are read at a time: each may be large before it is known whether there is room for it.
const READ_AT_A_TIME: usize = 2;

/// Whether the service may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Starting,
    Ready,
    Failed(String),
    Stopping,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
#[error("the service cannot start: {0}")]
pub struct StartError(String);

/// Sets a job's stop when whoever waits for it goes away.
struct StopWhenGone(Arc<AtomicBool>);

impl Drop for StopWhenGone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Service {
    /// Starts the workers; no model is loaded yet ([`Service::load`]).
    ///
    /// # Errors
    ///
    /// The system gives no threads.
    pub fn start(mut settings: Settings, loader: Arc<dyn ModelLoader>) -> Result<Self, StartError> {
        let failed = |error: &dyn std::error::Error| StartError(error.to_string());
        settings.limits.request = settings.limits.request.min(LONGEST_REQUEST);
        let workers = settings
            .workers
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, std::num::NonZeroUsize::get);
        let metrics = Metrics::new().map_err(|error| failed(&error))?;
        let pool =
            Pool::start(workers, &settings.limits, Arc::clone(&metrics)).map_err(|error| failed(&error))?;
        Ok(Self(Arc::new(Parts {
            held: HeldBytes::new(settings.limits.held_bytes),
            models: Models::new(Arc::clone(&metrics)),
            state: RwLock::new(State::Starting),
            settings,
            loader,
            metrics,
            pool,
            turns: Arc::new(Semaphore::new(READ_AT_A_TIME)),
        })))
    }

    /// Loads models and lets each answer a warm-up clip; the service is ready after that.
    ///
    /// Of two models of one name the second gets a number. To be called once, while the service may answer already
    /// that it is not ready.
    ///
    /// # Errors
    ///
    /// A model is refused or does not answer; the service then stays unready and says why.
    pub async fn load(&self, sources: &[ModelSource]) -> Result<(), StartError> {
        for source in sources {
            if let Err(reason) = self.load_one(source).await {
                tracing::error!(reason, "not ready");
                self.set_state(State::Failed(reason.clone()));
                return Err(StartError(reason));
            }
        }
        self.set_state(State::Ready);
        Ok(())
    }

    async fn load_one(&self, source: &ModelSource) -> Result<(), String> {
        let turn = self.turn_to_load().await.map_err(|problem| problem.message)?;
        let (model, turn) = self.read_model(source.clone(), turn).await?;
        let url = match source {
            ModelSource::BuiltIn => "built in".to_owned(),
            ModelSource::Path(path) => path.display().to_string(),
        };
        let names =
            std::iter::once(model.name.clone()).chain((2..).map(|number| format!("{}-{number}", model.name)));
        let max = self.settings().limits.models;
        let mut names = names.filter(|name| {
            let room = self.models().check_room(name, max);
            !matches!(
                room,
                Err(Problem {
                    code: Code::ModelExists,
                    ..
                })
            )
        });
        let name = names.next().unwrap_or_default();
        let model = self
            .models()
            .add(&name, &url, model, max)
            .map_err(|problem| problem.message)?;
        drop(turn);
        self.warm_up(&model).await.map_err(|problem| problem.message)?;
        tracing::info!(model = model.name, network = model.description, "ready");
        Ok(())
    }

    /// Waits until another model may be read.
    pub(crate) async fn turn_to_load(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(&self.0.turns).acquire_owned();
        match timeout_at(self.deadline(), turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(Problem::new(Code::NotReady, "the service stops")),
            Err(_) => Err(Problem::new(
                Code::Timeout,
                format!("{READ_AT_A_TIME} other models were read all the time; try again"),
            )),
        }
    }

    /// Reads a model on a thread of its own; a loader that panics refuses it.
    ///
    /// The turn goes with it, so that it lasts as long as the reading does, also when nobody waits for it any more.
    pub(crate) async fn read_model(
        &self,
        source: ModelSource,
        turn: OwnedSemaphorePermit,
    ) -> Result<(LoadedModel, OwnedSemaphorePermit), String> {
        let loader = Arc::clone(&self.0.loader);
        let loading = tokio::task::spawn_blocking(move || loader.load(&source).map(|model| (model, turn)));
        match loading.await {
            Ok(Ok(model_and_turn)) => Ok(model_and_turn),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("loading the model panicked".to_owned()),
        }
    }

    /// Lets a model answer a second of a quiet tone, by the way that requests take.
    pub(crate) async fn warm_up(&self, model: &Arc<ServedModel>) -> Result<(), Problem> {
        let tone: Vec<f32> = (0..16_000u16).map(|t| (f32::from(t) * 0.3).sin() * 0.1).collect();
        let mut upload = Upload::empty(&self.0.held);
        upload.push(&wav_bytes(&tone, 16_000), usize::MAX)?;
        let deadline = self.deadline();
        let task = Task::Score { timeline: false };
        match self
            .hear(model, "the warm-up clip", upload, task, true, deadline)
            .await?
        {
            Outcome::Heard(heard) if heard.clip.scores.len() == model.classes.len() => Ok(()),
            _ => Err(Problem::new(
                Code::Internal,
                format!(
                    "{}: the model does not score its {} classes",
                    model.name,
                    model.classes.len()
                ),
            )),
        }
    }

    /// Has a recording scored, or looked at.
    ///
    /// With `patient` it waits for a place in the queue; otherwise a full queue is the answer.
    pub(crate) async fn hear(
        &self,
        model: &Arc<ServedModel>,
        name: &str,
        upload: Upload,
        task: Task,
        patient: bool,
        deadline: Instant,
    ) -> Result<Outcome, Problem> {
        let timeout = || {
            let seconds = self.settings().limits.request.as_secs_f64();
            Problem::new(Code::Timeout, format!("{name}: no answer within {seconds} s"))
        };
        let place = if patient {
            timeout_at(deadline, self.0.pool.wait_for_place())
                .await
                .map_err(|_| timeout())??
        } else {
            self.0.pool.place()?
        };
        let stop = Arc::new(AtomicBool::new(false));
        let _stop_when_gone = StopWhenGone(Arc::clone(&stop));
        let (reply, answer) = oneshot::channel();
        self.0.pool.submit(Job {
            model: Arc::clone(model),
            name: name.to_owned(),
            upload,
            task,
            max_duration_s: self.settings().limits.duration_s,
            stop,
            reply,
            place: Some(place),
            entered: StdInstant::now(),
        });
        match timeout_at(deadline, answer).await {
            Err(_) => Err(timeout()),
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Problem::new(Code::NotReady, "the service stops")),
        }
    }

    /// When a request that comes now must be answered.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.settings().limits.request
    }

    /// Whether requests may be sent, or why not.
    ///
    /// # Errors
    ///
    /// Models are loading or refused, or the service stops.
    pub fn readiness(&self) -> Result<(), String> {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Starting => Err("the model is loading".to_owned()),
            State::Ready => Ok(()),
            State::Failed(reason) => Err(reason.clone()),
            State::Stopping => Err("the service stops".to_owned()),
        }
    }

    /// The folder of the multi-model API, if it is on.
    pub(crate) fn model_root(&self) -> Option<PathBuf> {
        self.settings().multi_model.as_ref().map(|on| on.root.clone())
    }

    pub(crate) fn stopping(&self) {
        self.set_state(State::Stopping);
    }

    fn set_state(&self, state: State) {
        *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn models(&self) -> &Models {
        &self.0.models
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    pub(crate) fn held(&self) -> &Arc<HeldBytes> {
        &self.0.held
    }
}
