//! Two servers on one catalog and one depot.

use catalog::{Actor, Attempt, AuditSubject, PageSize};
use testkit::app::AppPackage;
use tokio::sync::broadcast::Receiver;

use crate::app::{INSTALLER, TestApp};

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

async fn until(news: &mut Receiver<Attempt>, is_it: impl Fn(&Attempt) -> bool) -> Attempt {
    loop {
        let attempt = news.recv().await.expect("the server runs");
        if is_it(&attempt) {
            return attempt;
        }
    }
}

#[tokio::test]
async fn what_one_node_publishes_the_other_installs() {
    let one = TestApp::start().await;
    let other = one.another_node().await;
    let page_url = one.publish(&notes()).await;
    let offered = other.offered(&other.manifest_url(&page_url).await, INSTALLER).await;
    assert_eq!(other.get(&offered.package_url, INSTALLER).await.body, notes().build());
}

#[tokio::test]
async fn an_attempt_is_watched_wherever_the_device_goes_on() {
    let one = TestApp::start().await;
    let other = one.another_node().await;
    let mut news = other.distribution.watch_attempts();
    let manifest_url = one.manifest_url(&one.publish(&notes()).await).await;
    let offered = one.offered(&manifest_url, INSTALLER).await;
    let opened = until(&mut news, |attempt| attempt.progress.manifest_at.is_some()).await;

    let bytes = notes().build();
    let half = bytes.len() / 2;
    let mut there = one.distribution.watch_attempts();
    for (node, range) in [(&one, format!("bytes=0-{}", half - 1)), (&other, format!("bytes={half}-"))] {
        node.request("GET", &offered.package_url, &[("range", &range), ("user-agent", INSTALLER)]).await;
    }
    for news in [&mut news, &mut there] {
        let done = until(news, |attempt| attempt.progress.all_sent_at.is_some()).await;
        assert_eq!(done.id, opened.id, "one attempt on two nodes");
    }
}

#[tokio::test]
async fn a_key_that_one_node_rotates_signs_on_both_and_old_tickets_stay_good() {
    let one = TestApp::start().await;
    let other = one.another_node().await;
    let page_url = one.publish(&notes()).await;
    let old = other.manifest_url(&page_url).await;
    one.clock.advance(std::time::Duration::from_secs(1));
    let administration = one.distribution.administration();
    administration.rotate_ticket_keys(TestApp::secret_key(), Actor::Operator).await.expect("the right key");
    while key_of(&one.manifest_url(&page_url).await) == key_of(&old) {
        tokio::task::yield_now().await;
    }
    let new = one.manifest_url(&page_url).await;
    while key_of(&other.manifest_url(&page_url).await) != key_of(&new) {
        tokio::task::yield_now().await;
    }
    for (node, ticket) in [(&one, &old), (&other, &old), (&one, &new), (&other, &new)] {
        node.offered(ticket, INSTALLER).await;
    }
    let mut snapshot = one.catalog.read().await.expect("a working catalog");
    let log = snapshot.audit().list(None, PageSize::MAX).await.expect("a working catalog").items;
    let rotations = log.iter().filter(|entry| entry.action.as_str() == "ticket-key.rotated");
    assert!(rotations.clone().all(|entry| matches!(entry.subject, AuditSubject::TicketKey(_))));
    let by = rotations.map(|entry| entry.actor).collect::<Vec<_>>();
    assert_eq!(by, [Actor::Operator, Actor::Server], "the first key was made by the server itself");
}

/// The part of a ticket that names its key.
fn key_of(manifest_url: &str) -> &str {
    let ticket = manifest_url.split("/t/").nth(1).expect("a ticket");
    &ticket[..20]
}
