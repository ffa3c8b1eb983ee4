use woofer::WindowWeights;
use woofer::augment::{AugmentConfig, Chain, MixupStage};
use woofer::features::FrontEnd;
use woofer::schema_version_fault;

use super::sections::{CopiesPerEpoch, EpochChoice, Freeze, HeadKind, LabelsReach, Recipe, ScheduleShape};
use crate::bundle::shifts_fault;

/// The version of the file format that this program writes and reads.
pub(super) const SCHEMA_VERSION: u32 = 2;

/// Most copies of a segment, which are made once and kept.
const MAX_COPIES: f64 = 1_000.0;

impl Recipe {
    /// What is wrong with the values, if anything is.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        schema_version_fault(self.schema_version, SCHEMA_VERSION)
            .or_else(|| self.range_fault())
            .or_else(|| self.together_fault())
            .or_else(|| shifts_fault(&self.copies.shifts_s).map(|fault| format!("copies.{fault}")))
            .or_else(|| self.backgrounds.fault())
            .or_else(|| self.augment_fault())
            .or_else(|| {
                let mut ways = self.validation.degraded.iter();
                ways.find_map(|way| way.fault(&self.backgrounds))
            })
    }

    fn range_fault(&self) -> Option<String> {
        let (optimizer, schedule) = (&self.optimizer, &self.schedule);
        let (loss, copies, validation) = (&self.loss, &self.copies, &self.validation);
        let temperatures = validation.temperatures.iter().copied();
        let priors = self.network.class_prior.values().copied();
        let ranges = [
            (
                "network.attention_dropout",
                self.network.attention_dropout,
                0.0,
                0.9,
            ),
            ("optimizer.learning_rate", optimizer.learning_rate, 1e-9, 10.0),
            ("optimizer.backbone_rate", optimizer.backbone_rate, 0.0, 100.0),
            ("optimizer.layer_decay", optimizer.layer_decay, 0.01, 1.0),
            (
                "optimizer.adam_epsilon",
                as_written(optimizer.adam_epsilon),
                1e-20,
                1.0,
            ),
            ("optimizer.head_pull", optimizer.head_pull, 0.0, 10.0),
            ("optimizer.backbone_pull", optimizer.backbone_pull, 0.0, 10.0),
            (
                "schedule.epochs",
                schedule.epochs as f64,
                // A refit can be all there is to it.
                if self.refit.is_some() { 0.0 } else { 1.0 },
                100_000.0,
            ),
            ("schedule.batch_size", schedule.batch_size as f64, 1.0, 65_536.0),
            ("schedule.warm_up_epochs", schedule.warm_up_epochs, 0.0, 100_000.0),
            (
                "schedule.step_epochs",
                schedule.step_epochs.unwrap_or(1) as f64,
                1.0,
                100_000.0,
            ),
            ("loss.label_smoothing", loss.label_smoothing, 0.0, 0.99),
            ("loss.teacher", loss.teacher, 0.0, 1.0),
            ("loss.keep_published", loss.keep_published, 0.0, 1_000.0),
            ("copies.augmented", copies.augmented as f64, 0.0, MAX_COPIES),
            ("copies.clean_share", copies.clean_share, 0.0, 1.0),
            ("copies.noise_clips", copies.noise_clips as f64, 0.0, 100_000.0),
            ("sampling.balance", self.sampling.balance, 0.0, 1.0),
            ("averaging.decay", self.averaging.decay, 0.0, 0.999_999),
            ("averaging.start_share", self.averaging.start_share, 0.0, 1.0),
            ("validation.held_out_share", validation.held_out_share, 0.01, 0.9),
            (
                "validation.keep_every",
                validation.keep_every as f64,
                0.0,
                100_000.0,
            ),
            (
                "model.rest_weight",
                self.model.rest_weight,
                WindowWeights::LEAST,
                1.0,
            ),
            (
                "model.temperature",
                self.model.temperature.before_fit(),
                1e-3,
                1e3,
            ),
        ];
        let pulls = self.refit.iter().flat_map(|refit| refit.pull.candidates());
        let shares = self.refit.iter().map(|refit| refit.source_share);
        let backgrounds = self.refit.iter().map(|refit| refit.background_yields);
        ranges
            .into_iter()
            .chain(pulls.map(|&pull| ("refit.pull", pull, 1e-9, 1e9)))
            .chain(shares.map(|share| ("refit.source_share", share, 0.0, 0.9)))
            .chain(backgrounds.map(|power| ("refit.background_yields", power, 0.0, 1_000.0)))
            .chain(temperatures.map(|t| ("validation.temperatures", t, 1e-3, 1e6)))
            .chain(priors.map(|factor| ("network.class_prior", factor, 1e-3, 1e3)))
            .find(|(_, value, low, high)| !(value >= low && value <= high))
            .map(|(name, value, low, high)| format!("{name} = {value} is not between {low} and {high}"))
    }

    /// Values that are allowed alone and not together.
    fn together_fault(&self) -> Option<String> {
        let steps = self.schedule.shape == ScheduleShape::Steps;
        if steps != self.schedule.step_epochs.is_some() {
            return Some(
                "schedule.step_epochs goes with shape = \"steps\", and shape = \"steps\" needs it".to_owned(),
            );
        }
        if self.copies.augmented > 0 && self.augment.is_empty() {
            return Some("copies.augmented needs [[augment]] steps that make them".to_owned());
        }
        if self.copies.clean_share > 0.0 && self.copies.per_epoch == CopiesPerEpoch::All {
            return Some(
                "copies.clean_share needs per_epoch = \"one\": with all copies none is drawn".to_owned(),
            );
        }
        if self.network.freeze == Freeze::Backbone && self.loss.keep_published > 0.0 {
            return Some(
                "loss.keep_published has no meaning with freeze = \"backbone\": what it says does not change"
                    .to_owned(),
            );
        }
        if self.network.head == HeadKind::Attention && self.loss.keep_published > 0.0 {
            return Some(
                "loss.keep_published is for linear and mapped heads, which read all that a backbone says"
                    .to_owned(),
            );
        }
        if self.loss.labels_reach == LabelsReach::Head && self.loss.keep_published <= 0.0 {
            return Some(
                "loss.labels_reach = \"head\" leaves nothing to train the backbone by; give loss.keep_published, or \
                 network.freeze = \"backbone\""
                    .to_owned(),
            );
        }
        if self.network.standardise && self.network.head == HeadKind::Attention {
            return Some("network.standardise is for linear and mapped heads".to_owned());
        }
        if self.refit.is_some() && self.network.head == HeadKind::Attention {
            return Some("[refit] is for linear and mapped heads".to_owned());
        }
        if let Some(refit) = &self.refit
            && refit.pull.candidates().is_empty()
        {
            return Some("refit.pull = []: give a number, or some to choose among".to_owned());
        }
        if !self.network.class_prior.is_empty() && self.network.head == HeadKind::Attention {
            return Some("network.class_prior is for linear and mapped heads".to_owned());
        }
        if self.validation.keep_every > 0 && self.validation.epoch == EpochChoice::HeldOut {
            // The kept networks would invite choosing among them by the tested clips.
            return Some("validation.keep_every does not go with epoch = \"held_out\"".to_owned());
        }
        None
    }

    fn augment_fault(&self) -> Option<String> {
        if let Err(error) = Chain::new(self.augment.clone(), FrontEnd::Mn.rate_hz()) {
            return Some(error.to_string());
        }
        if let Some(fault) = self.backgrounds.fault_of(&self.augment) {
            return Some(fault);
        }
        let of_samples = |step: &AugmentConfig| matches!(step, AugmentConfig::Mixup(mixup) if mixup.stage == MixupStage::Waveform);
        self.augment
            .iter()
            .any(of_samples)
            .then(|| "augment kind \"mixup\" mixes what the network reads: stage = \"log_mel\"".to_owned())
    }
}

/// The number that is written for one of 32 bits: 1e-20 is 1e-20, not what it is rounded to.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}
