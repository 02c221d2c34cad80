//! What this server tells its other nodes, and whoever follows the log of events.

use catalog::{AttemptId, Event, EventId, Timestamp, Topic};
use serde_json::{Map, Value};
use uuid::{Builder, Uuid};

use crate::random;

/// A build was put on a channel: `channel`, `release`, `build`.
pub(crate) const BUILD_RELEASED: Topic = Topic::new("build.released");

/// The keys that sign tickets changed.
pub(crate) const TICKET_KEYS_ROTATED: Topic = Topic::new("ticket-keys.rotated");

/// Attempts went on: `node`, which saw it, and `attempts`, a list. One that was opened makes its first progress with the
/// request that opened it.
pub(crate) const ATTEMPTS_PROGRESSED: Topic = Topic::new("attempts.progressed");

/// One running server among those that share a catalog.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NodeId(Uuid);

impl NodeId {
    pub(crate) fn random() -> Self {
        Self(Builder::from_random_bytes(random::bytes()).into_uuid())
    }
}

/// An event about these things, as of now.
pub(crate) fn event(
    at: Timestamp,
    topic: Topic,
    body: impl IntoIterator<Item = (&'static str, Value)>,
) -> Event {
    let body = body.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Event { id: EventId::new(at, random::bytes()), at, topic, body }
}

/// That attempts went on, on this node.
pub(crate) fn attempts_progressed(
    at: Timestamp,
    node: NodeId,
    attempts: impl IntoIterator<Item = AttemptId>,
) -> Event {
    let attempts = attempts.into_iter().map(|id| id.to_string()).collect::<Vec<_>>();
    event(at, ATTEMPTS_PROGRESSED, [("node", node.0.to_string().into()), ("attempts", attempts.into())])
}

/// The attempts that another node saw go on; none when it was this one.
pub(crate) fn attempts_elsewhere(body: &Map<String, Value>, node: NodeId) -> Vec<AttemptId> {
    if body.get("node").and_then(Value::as_str) == Some(node.0.to_string().as_str()) {
        return Vec::new();
    }
    let ids = body.get("attempts").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_passes_over_its_own_attempts() {
        let (here, there) = (NodeId::random(), NodeId::random());
        let at = Timestamp::from_millis(1_795_000_000_000).unwrap();
        let ids = [AttemptId::new(at, [1; 10]), AttemptId::new(at, [2; 10])];
        let event = attempts_progressed(at, here, ids);
        assert_eq!(attempts_elsewhere(&event.body, there), ids);
        assert_eq!(attempts_elsewhere(&event.body, here), []);
        assert_eq!(attempts_elsewhere(&Map::new(), here), [], "what a newer version may write");
    }
}
