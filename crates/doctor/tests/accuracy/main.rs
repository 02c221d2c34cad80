//! How right the doctor is: on everything that can be wrong, alone and in pairs, and on clean neighbours.

mod compare;
mod measure;
mod neighbours;
mod page;
mod pairs;
mod singles;

use std::collections::BTreeSet;

use testkit::labelled::breakages;

use page::Scores;

#[test]
fn every_rule_is_broken_by_something() {
    let broken = breakages();
    let seen: BTreeSet<&str> = broken.iter().flat_map(|broken| broken.findings).copied().collect();
    let without: Vec<&str> =
        doctor::rules::ALL.iter().map(|rule| rule.name).filter(|name| !seen.contains(name)).collect();
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
