//! The fold: one entry in, all views moved on, claims out.

use std::fmt::{self, Write};
use std::sync::Arc;

use aws_lc_rs::digest;
use picket_detect::Detector;
use picket_fusion::Fusion;
use picket_model::{Claim, Entry, Picture, Seq, Site, Time, ViewName, Watch};

use crate::view::{AlertBook, DeviceBook, View, Views};

/// All state that follows from the entries.
pub struct Fold {
    seq: Option<Seq>,
    at: Time,
    watch: Arc<Watch>,
    fusion: Fusion,
    picture: Picture,
    detectors: Vec<Box<dyn Detector>>,
    views: Views,
}

impl fmt::Debug for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("seq", &self.seq).finish_non_exhaustive()
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

impl Fold {
    /// A fold before its first entry. It learns the site from the log.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seq: None,
            at: Time::MIN,
            fusion: Fusion::new(picket_fusion::Settings::default()),
            picture: Picture::default(),
            detectors: picket_detect::all(&picket_detect::Settings::default()),
            watch: Arc::default(),
            views: Views::default(),
        }
    }

    /// Moves everything on by one entry: fusion, then each detector, then the views.
    pub fn apply(&mut self, entry: &Entry, claims: &mut Vec<(ViewName, Claim)>) {
        self.seq = Some(entry.seq);
        self.at = self.at.max(entry.record.received_at);
        if Watch::is_about(&entry.record) {
            Arc::make_mut(&mut self.watch).apply(&entry.record);
        }
        self.fusion.apply(entry, &mut self.picture);
        let mut found = Vec::new();
        for detector in &mut self.detectors {
            detector.watch(entry, &self.picture, &mut found);
        }
        claims.extend(found.into_iter().map(|claim| (ViewName::Detect, claim)));
        self.views.apply(entry, &self.picture);
    }

    /// The node's time: the latest receive time folded; it never goes back.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.at
    }

    /// The site's configuration that is in force.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.watch.site
    }

    /// What is watched: the configuration, and what officers drew.
    #[must_use]
    pub fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// The alert queue.
    #[must_use]
    pub const fn alerts(&self) -> &AlertBook {
        &self.views.alerts
    }

    /// Feeds and sensors.
    #[must_use]
    pub const fn devices(&self) -> &DeviceBook {
        &self.views.devices
    }

    /// The tracks.
    #[must_use]
    pub const fn picture(&self) -> &Picture {
        &self.picture
    }

    /// One consistent look at all views.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            seq: self.seq,
            at: self.at,
            tracks: self.picture.tracks.clone(),
            trails: self.views.trails.all().clone(),
            alerts: self.views.alerts.all().clone(),
            devices: self.views.devices.all().clone(),
            alerting: self.views.alerts.alerting(),
            watch: Arc::clone(&self.watch),
        }
    }

    /// SHA-256 over every field of every view and of the state behind them.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = HashWriter(digest::Context::new(&digest::SHA256));
        let mut state = Vec::new();
        self.fusion.digest(&mut state);
        for detector in &self.detectors {
            state.extend_from_slice(detector.name().as_bytes());
            detector.digest(&mut state);
        }
        hash.0.update(&state);
        // Debug prints every field, floats in the shortest form that reads back the same.
        let views = (&self.seq, &self.picture.tracks, &self.views, &self.watch);
        // A hash takes any text.
        let written = write!(hash, "{views:?}");
        debug_assert!(written.is_ok());
        let mut out = [0; 32];
        out.copy_from_slice(hash.0.finish().as_ref());
        out
    }
}

struct HashWriter(digest::Context);

impl Write for HashWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
