//! Targets that look like broken ones.

use doctor::Device;
use itms_services::InstallLink;
use testkit::labelled::{Layer, Neighbour, Road, Target, neighbours};

use crate::compare::{Expected, compare};
use crate::measure::{Part, device, judged, manifest};
use crate::page::Scores;

/// Judges each by itself; a manifest beside the package it leads to.
pub(crate) fn judge_all(scores: &mut Scores) -> Vec<String> {
    let sound = Part::of(&Road::default(), Layer::Package);
    let anybody = Device::default();
    let mut surprises = Vec::new();
    for Neighbour { what, target, findings, cause } in neighbours() {
        let (layer, report) = match target {
            Target::Link(link) => (Layer::Link, judged(&[&Part::Link(InstallLink::parse(link))], &anybody)),
            Target::Manifest(bytes) => {
                (Layer::Manifest, judged(&[&Part::Manifest(manifest(bytes)), &sound], &anybody))
            }
            Target::Package(target) => {
                let device = device(&target);
                (Layer::Package, judged(&[&Part::package(target.bytes)], &device))
            }
        };
        let expected = Expected { findings: findings.iter().copied().collect(), cause };
        let compared = compare(what, &report, &expected);
        if findings.is_empty() {
            scores.count_neighbour(layer, &report, compared.is_quiet);
        }
        surprises.extend(compared.surprise);
    }
    surprises
}
