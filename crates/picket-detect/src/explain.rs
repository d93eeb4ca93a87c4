//! Explanations: reasons with numbers, claims with evidence and label.

use std::sync::Arc;

use picket_model::{
    Alert, Body, Claim, Entry, Label, Met, Position, Reason, RecordId, Time, Track,
};

/// A record that shows something, with the label that it bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Witness {
    pub(crate) record: RecordId,
    /// `None` is the lowest label.
    label: Option<Arc<Label>>,
}

impl Witness {
    pub(crate) fn of(entry: &Entry) -> Self {
        let label = &entry.record.label;
        let lowest =
            label.level == 0 && label.compartments.is_empty() && label.releasable_to.is_empty();
        Self { record: entry.id, label: (!lowest).then(|| Arc::new(label.clone())) }
    }
}

/// Most records cited by one alert: the first and the newest show it.
pub(crate) const EVIDENCE_MAX: usize = 8;

/// The records of an episode: the first half stays, the second half is the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence(Vec<Witness>);

impl Evidence {
    pub(crate) fn of(witness: &Witness) -> Self {
        Self(vec![witness.clone()])
    }

    /// Adds a record, once.
    pub(crate) fn add(&mut self, witness: &Witness) {
        if self.0.iter().any(|known| known.record == witness.record) {
            return;
        }
        if self.0.len() >= EVIDENCE_MAX {
            self.0.remove(EVIDENCE_MAX / 2);
        }
        self.0.push(witness.clone());
    }

    /// The ids, as a reason or a claim cites them.
    pub(crate) fn records(&self) -> Vec<RecordId> {
        self.0.iter().map(|witness| witness.record).collect()
    }

    /// The join of the labels; `None` is the lowest.
    fn label(&self) -> Label {
        let mut labels = self.0.iter().map(|witness| witness.label.as_deref());
        let lowest = Label::lowest();
        let first = labels.next().flatten().unwrap_or(&lowest).clone();
        labels.fold(first, |joined, label| joined.join(label.unwrap_or(&lowest)))
    }
}

/// A condition that was looked at, what was found, and what it was held against.
pub(crate) fn reason(
    text: &str,
    value: &str,
    threshold: &str,
    met: Met,
    decibans: f64,
    evidence: &Evidence,
) -> Reason {
    Reason {
        text: Arc::from(text),
        value: Arc::from(value),
        threshold: Arc::from(threshold),
        met,
        decibans,
        evidence: evidence.records(),
    }
}

/// The claim of an alert: cites its evidence, bears the join of its label and the track's.
pub(crate) fn claim(
    alert: Alert,
    occurred_at: Time,
    evidence: &Evidence,
    track: Option<&Track>,
) -> Claim {
    let mut floor = evidence.label();
    if let Some(track) = track {
        floor.raise(&track.label);
    }
    Claim {
        occurred_at: Some(occurred_at),
        subject: Some(alert.subject.clone()),
        cites: evidence.records(),
        floor: Some(floor),
        body: Body::Alert(Box::new(alert)),
    }
}

/// A share in per cent, never rounded up to certainty.
pub(crate) fn percent(share: f64) -> String {
    if share > 0.995 { "over 99 %".to_owned() } else { format!("{:.0} %", share * 100.0) }
}

/// A span of time, in the unit in which people say it.
pub(crate) fn span(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else if seconds < 7_200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3_600.0)
    }
}

/// A distance, in the unit in which people say it.
pub(crate) fn distance(metres: f64) -> String {
    if metres < 1_000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) }
}

/// A place in degrees and decimals, as it is read out.
pub(crate) fn place(position: &Position) -> String {
    let (lat, lon) = (position.lat.degrees(), position.lon.degrees());
    let (ns, ew) = (if lat < 0.0 { 'S' } else { 'N' }, if lon < 0.0 { 'W' } else { 'E' });
    format!("{:.4}° {ns} {:.4}° {ew}", lat.abs(), lon.abs())
}

/// A track as people name it: `ALPHA (T12)`, or `T12`.
pub(crate) fn track_name(track: &Track) -> String {
    let name = track.display_name();
    let id = track.id.to_string();
    if name == id { id } else { format!("{name} ({id})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_model::Levels;

    fn witness(number: u8, label: &str) -> Witness {
        let label = Levels::default().parse(label).unwrap();
        let label = (label != Label::lowest()).then(|| Arc::new(label));
        Witness { record: RecordId([number; 32]), label }
    }

    #[test]
    fn evidence_keeps_the_first_and_the_newest() {
        let mut evidence = Evidence::default();
        for number in 0..20 {
            evidence.add(&witness(number, "open"));
            evidence.add(&witness(number, "open"));
        }
        let kept: Vec<u8> = evidence.records().iter().map(|id| id.0[0]).collect();
        assert_eq!(kept, [0, 1, 2, 3, 16, 17, 18, 19]);
    }

    #[test]
    fn a_label_is_the_join_of_what_is_cited() {
        let mut evidence = Evidence::of(&witness(1, "open REL A,B"));
        assert_eq!(evidence.label(), Levels::default().parse("open REL A,B").unwrap());
        evidence.add(&witness(2, "restricted/N REL A"));
        assert_eq!(evidence.label(), Levels::default().parse("restricted/N REL A").unwrap());
        evidence.add(&witness(3, "open"));
        assert_eq!(evidence.label(), Levels::default().parse("restricted/N").unwrap());
    }
}
