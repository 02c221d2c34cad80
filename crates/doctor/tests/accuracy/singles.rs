//! Each trouble alone.

use testkit::labelled::{Layer, PackageFor, Road, breakages};

use crate::compare::{Expected, compare};
use crate::measure::{Part, device, judged};
use crate::page::{Scores, family};

/// Judges the part of the road that is broken by itself, as somebody has it who asks.
pub(crate) fn judge_all(scores: &mut Scores) -> Vec<String> {
    let phone = device(&PackageFor::phone(Vec::new()));
    let package = Part::of(&Road::default(), Layer::Package);
    let mut surprises = Vec::new();
    for broken in breakages() {
        let part = Part::of(&Road::with(&[&broken]), broken.layer());
        let report = match broken.layer() {
            // What a manifest says of its app is compared with it.
            Layer::Manifest => judged(&[&part, &package], &phone),
            Layer::Link | Layer::Package => judged(&[&part], &phone),
        };
        let findings = broken.findings.iter().copied().collect();
        let expected = Expected { findings, cause: broken.cause };
        let compared = compare(broken.what, &report, &expected);
        let score = scores.of(family(broken.findings[0]));
        score.found.count(compared.is_found);
        score.cause.count(compared.is_cause_right);
        surprises.extend(compared.surprise);
    }
    surprises
}
