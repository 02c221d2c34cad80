//! Everything that can be wrong, with everything else that can be wrong beside it.

use std::collections::BTreeMap;

use crate::breakage::{Breakage, Cost, Hides, Place};
use crate::breakages;
use crate::compare::Expected;
use crate::judging::Case;

/// What follows from something else that is wrong in the same place, and so is not the first cause.
struct Follows {
    from: &'static str,
    /// Why.
    #[expect(dead_code, reason = "it is for those who read the table")]
    why: &'static str,
    names: &'static [&'static str],
}

const FOLLOWS: &[Follows] = &[Follows {
    from: "certificate-name-mismatch",
    why: "another certificate is needed, whatever the dates of this one are",
    names: &["certificate-expired", "certificate-not-yet-valid"],
}];

/// What should be said of two.
fn expected(one: &Breakage, other: &Breakage) -> Expected {
    let both = [(one, other), (other, one)];
    let seen: Vec<&Breakage> = both
        .into_iter()
        .filter(|(broken, beside)| broken.is_seen_beside(beside))
        .map(|(broken, _)| broken)
        .collect();
    let follows = |broken: &Breakage, name: &str| {
        let is_there = |from: &str| {
            seen.iter().any(|other| other.place == broken.place && other.findings.contains(&from))
        };
        FOLLOWS.iter().any(|row| row.names.contains(&name) && is_there(row.from))
    };
    // `one` comes first in the order of the road, but for stations that are passed again for the package.
    let mut causes: Vec<(&Breakage, &'static str)> =
        seen.iter().filter_map(|broken| Some((*broken, broken.cause?))).collect();
    causes.sort_by_key(|(broken, _)| broken.place.station());
    let cause = causes.into_iter().find(|(broken, cause)| !follows(broken, cause)).map(|(_, cause)| cause);
    Expected { findings: seen.iter().flat_map(|broken| broken.findings).copied().collect(), cause }
}

/// Whether the dearest pairs are asked for too.
#[expect(clippy::disallowed_methods, reason = "how much is judged is for those to say who run the test")]
pub(crate) fn has_all() -> bool {
    std::env::var_os("AIRSTAIR_TEST_PAIRS").is_some_and(|pairs| pairs == "all")
}

/// Of what the first of each kind is.
type Kind = (Place, bool, Hides);

fn kind(broken: &Breakage) -> Kind {
    (broken.place, broken.cause.is_some(), broken.hides)
}

/// Every two that can be had together, of which at least one keeps the app from being installed. What is wrong with files
/// alone is paired in the doctor's own tests. Unless all are wanted, what lies in one place is paired, and the first of
/// each kind with the first of every other, and nothing that takes long.
pub(crate) fn cases() -> Vec<Case> {
    let all = [breakages::served(), breakages::of_files()].concat();
    let mut firsts: BTreeMap<Kind, &'static str> = BTreeMap::new();
    for broken in all.iter().filter(|broken| broken.cost == Cost::Small) {
        firsts.entry(kind(broken)).or_insert(broken.what);
    }
    let has_all = has_all();
    let is_first = |broken: &Breakage| firsts.get(&kind(broken)) == Some(&broken.what);
    let is_wanted = |one: &Breakage, other: &Breakage| {
        let is_small = one.cost.max(other.cost) == Cost::Small;
        has_all || is_small && (one.place == other.place || is_first(one) && is_first(other))
    };
    let mut cases = Vec::new();
    for (place, one) in all.iter().enumerate() {
        for other in &all[place + 1..] {
            let is_had = !(one.excludes(other) || one.is_of_file() && other.is_of_file());
            let is_of_use = one.cause.is_some() || other.cause.is_some();
            if is_had && is_of_use && is_wanted(one, other) {
                cases.push(Case::of(&[one, other], expected(one, other)));
            }
        }
    }
    cases
}
