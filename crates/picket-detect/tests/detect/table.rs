//! The table of detectors is what people read, so it must be true.

use std::collections::BTreeSet;

use picket_detect::{DETECTORS, Settings, all};

#[test]
fn every_detector_has_a_name_of_its_own() {
    let ids: Vec<&str> =
        DETECTORS.iter().flat_map(|row| row.also.iter().chain([&row.id])).copied().collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn every_row_makes_the_detector_that_it_names() {
    let detectors = all(&Settings::default());
    for (row, detector) in DETECTORS.iter().zip(&detectors) {
        assert_eq!(detector.name(), row.id);
        assert!(row.says.chars().any(|c| c.is_ascii_digit()) || row.id == "distress");
        assert!(!row.group.is_empty() && !row.metric.is_empty());
        let mut state = Vec::new();
        detector.digest(&mut state);
        assert!(!state.is_empty());
    }
}
