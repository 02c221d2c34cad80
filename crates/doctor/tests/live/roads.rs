//! A whole road, as sound as can be.

use std::sync::Arc;

use doctor::{Outcome, Station, Verdict};

use crate::facts::{MANIFEST_URL, Road, answer, fetch, fetched, host};

#[test]
fn nothing_is_said_of_a_sound_road() {
    let road = Road::sound();
    let report = road.report();
    assert_eq!((road.findings(), road.first_cause()), (vec![], None));
    assert_eq!(report.verdict, Verdict::Installs, "{:?}", report.skipped);
    assert!(report.stations.iter().all(|one| one.outcome == Outcome::Passes), "{:?}", report.stations);
}

#[test]
fn what_came_in_place_of_a_manifest_is_judged() {
    let mut road = Road::sound();
    let page = answer(200, "text/html", b"<!DOCTYPE html><title>Notes</title>");
    road.manifest = fetched(fetch(MANIFEST_URL, &Arc::new(host()), page));
    assert_eq!(road.first_cause().as_deref(), Some("manifest-is-html"));
    assert_eq!(road.report().fails_at, Some(Station::Manifest));
}
