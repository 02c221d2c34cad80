//! How right the doctor is: on everything that can be wrong, alone and in pairs, and on clean neighbours.

mod compare;
mod measure;
mod neighbours;
mod page;
mod pairs;
mod singles;

use std::collections::BTreeSet;

use doctor::{Check, Rule};
use testkit::labelled::breakages;

use page::Scores;

/// The rules that files can show broken. The others look at what a network answers.
fn rules_on_files() -> impl Iterator<Item = &'static Rule> {
    let is_on_files = |rule: &&Rule| {
        let is_of_live_roads = matches!(
            rule.check,
            Check::Page(_)
                | Check::EachHost(_)
                | Check::EachFetch(_)
                | Check::ManifestFetch(_)
                | Check::EachIcon(_)
                | Check::PackageFetch(_)
        );
        // Whether a signer was revoked is for its authority to say.
        !is_of_live_roads && rule.name != "signer-revoked"
    };
    doctor::rules::ALL.iter().copied().filter(is_on_files)
}

#[test]
fn every_rule_on_files_is_broken_by_something() {
    let broken = breakages();
    let seen: BTreeSet<&str> = broken.iter().flat_map(|broken| broken.findings).copied().collect();
    let names = rules_on_files().map(|rule| rule.name);
    let without: Vec<&str> = names.filter(|name| !seen.contains(name)).collect();
    assert!(without.is_empty(), "nothing in testkit::labelled shows {without:?}");
}

#[test]
fn every_target_gets_its_diagnosis_as_the_page_says() {
    let mut scores = Scores::default();
    let surprises =
        [singles::judge_all(&mut scores), neighbours::judge_all(&mut scores), pairs::judge_all(&mut scores)]
            .concat();
    assert!(surprises.is_empty(), "{} surprises\n{}", surprises.len(), surprises.join("\n"));
    if !pairs::has_all() {
        page::compare(&scores);
    }
}
