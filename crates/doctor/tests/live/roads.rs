//! A whole road, as sound as can be.

use std::sync::Arc;

use doctor::{Outcome, Station, Verdict};

use crate::facts::{Road, host, manifest};

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
    road.manifest = manifest(&Arc::new(host()));
    let answer = road.manifest.by_installer.hops[0].answer.as_mut().expect("it answers");
    answer.body.bytes = b"<!DOCTYPE html><title>Sign in</title>".to_vec();
    assert_eq!(road.first_cause().as_deref(), Some("manifest-is-html"));
    assert_eq!(road.report().fails_at, Some(Station::Manifest));
}
