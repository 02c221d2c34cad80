//! The certificates that a walk has met.

use doctor::Revocations;
use ipa::Fact;
use time::UtcDateTime;

use super::{Question, RevocationCheck};
use crate::{Probe, Walk};

impl Probe {
    /// What the servers of the walk have sent along about their own certificates, where it counts; nobody is asked.
    #[must_use]
    pub fn stapled(&self, now: UtcDateTime) -> Revocations {
        let mut revocations = Revocations::default();
        for question in self.about_servers() {
            if let standing @ Fact::Known(_) = question.stapled_standing(now) {
                revocations.insert(question.certificate(), standing);
            }
        }
        revocations
    }

    /// Asks about the certificates of the walk's servers, unless they have sent the answer along, and about all that its
    /// packages are signed with.
    pub async fn revocations(&self, walk: &Walk, now: UtcDateTime) -> Revocations {
        let packages = walk.roads.iter().filter_map(|road| road.package.as_ref()?.examined.known());
        let packages = packages.filter_map(|examined| examined.package.as_ref().ok());
        let questions = self.about_servers().into_iter().chain(packages.flat_map(Question::about_signers));
        RevocationCheck::new(self.fetcher.client().clone(), now).ask(questions).await
    }

    fn about_servers(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (observed, host) in self.fetcher.servers() {
            let chain = host.spoken().and_then(|tls| tls.chain.as_ref());
            if let (Some(chain), Some(handshake)) = (chain, observed.handshake()) {
                questions.push(Question::about_first(chain).with_stapled(handshake.stapled.clone()));
            }
        }
        questions
    }
}
