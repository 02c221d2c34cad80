//! How right the doctor is on live roads: real sockets, real TLS, and all that can be wrong with them, alone and in
//! pairs.

mod breakage;
mod breakages;
mod certificates;
mod compare;
mod hidden;
mod judging;
mod neighbours;
mod page;
mod pairs;
mod road;
mod server;
mod walk;

use std::collections::BTreeSet;

use breakage::Breakage;
use compare::Expected;
use doctor::{Check, Rule};
use judging::{Case, judge_all};
use page::Scores;

fn all() -> Vec<Breakage> {
    [breakages::served(), breakages::of_files()].concat()
}

#[test]
fn every_rule_on_what_a_network_answers_is_broken_by_something() {
    let is_of_live_roads = |rule: &&&Rule| {
        matches!(
            rule.check,
            Check::Page(_)
                | Check::EachHost(_)
                | Check::EachFetch(_)
                | Check::ManifestFetch(_)
                | Check::EachIcon(_)
                | Check::PackageFetch(_)
        )
    };
    let broken = all();
    let seen: BTreeSet<&str> = broken.iter().flat_map(|broken| broken.findings).copied().collect();
    let rules = doctor::rules::ALL.iter().filter(is_of_live_roads);
    // Whether a certificate was revoked is for its authority to say.
    let names = rules.map(|rule| rule.name).filter(|name| *name != "revoked-certificate");
    let without: Vec<&str> = names.filter(|name| !seen.contains(name)).collect();
    assert!(without.is_empty(), "nothing here shows {without:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_road_gets_its_diagnosis_as_the_page_says() {
    let mut scores = Scores::default();
    let mut surprises = Vec::new();

    let sound = judge_all(vec![Case::of(&[], Expected::default())]).await;
    surprises.extend(sound.into_iter().filter_map(|compared| compared.surprise));

    let broken = all();
    let singles = broken.iter().map(|broken| Case::of(&[broken], Expected::of(broken)));
    for (broken, compared) in broken.iter().zip(judge_all(singles.collect()).await) {
        scores.count_single(broken.findings[0], compared.is_found, compared.is_cause_right);
        surprises.extend(compared.surprise);
    }

    let pairs = pairs::cases();
    let causes: Vec<_> = pairs.iter().map(Case::cause).collect();
    for (cause, compared) in causes.into_iter().zip(judge_all(pairs).await) {
        if let Some(cause) = cause {
            scores.count_pair(cause, compared.is_cause_right);
        }
        surprises.extend(compared.surprise);
    }

    assert!(surprises.is_empty(), "{} surprises\n{}", surprises.len(), surprises.join("\n"));
    if !pairs::has_all() {
        page::compare(&scores);
    }
}
