use std::borrow::Cow;

use super::query::{Piece, Query, decode, shortened, starts_with};
use crate::https_url::first_illegal;

/// The parameters that make up an install link, as its author meant them.
pub(super) struct Parameters<'a> {
    pub(super) action: Option<Piece<'a>>,
    pub(super) manifest: Option<ManifestParameter<'a>>,
}

/// The `url` parameter and what belongs to it.
pub(super) struct ManifestParameter<'a> {
    /// Byte offset of its value.
    pub(super) at: usize,
    /// Its value, still encoded.
    pub(super) raw: &'a str,
    /// Pieces that were part of the manifest URL until the link's own `&` cut them off.
    lost: Vec<Piece<'a>>,
    /// Whether the `#` of the manifest URL cuts off the link's own action.
    hides_action: bool,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(query: &Query<'a>) -> Self {
        let is_action = |piece: &&Piece<'a>| piece.name == "action";
        let Some(url) = Self::url(query) else {
            return Self { action: query.pieces.iter().rfind(is_action).copied(), manifest: None };
        };
        let piece = query.pieces[url];
        let (before, after) = (&query.pieces[..url], &query.pieces[url + 1..]);
        let mut lost = Vec::new();
        let mut action = before.iter().rfind(is_action);
        if holds_query(&piece) {
            let mut has_digest = before.iter().any(|piece| piece.name == "digest");
            for later in after {
                match later.name {
                    "action" if action.is_none() => action = Some(later),
                    "digest" if !has_digest => has_digest = true,
                    _ => lost.push(*later),
                }
            }
            // An `&` at the very end parts nothing.
            lost.truncate(lost.iter().rposition(|piece| !piece.text.is_empty()).map_or(0, |last| last + 1));
        } else {
            action = after.iter().rfind(is_action).or(action);
        }
        let behind_fragment = query.behind_fragment.iter().find(is_action);
        let hides_action = action.is_none() && behind_fragment.is_some();
        let raw = piece.value.unwrap_or_default();
        let manifest = ManifestParameter { at: piece.value_at(), raw, lost, hides_action };
        Self { action: action.or(behind_fragment).copied(), manifest: Some(manifest) }
    }

    /// Which piece holds the manifest URL: the last `url`, as for the device, unless the first is an unencoded URL that
    /// the later ones are part of.
    fn url(query: &Query<'_>) -> Option<usize> {
        let is_url =
            |piece: &Piece<'_>| piece.name == "url" && piece.value.is_some_and(|value| !value.is_empty());
        let first = query.pieces.iter().position(is_url)?;
        let piece = query.pieces[first];
        let is_open = holds_query(&piece) || starts_with(piece.value?, "itms-services:");
        if is_open { Some(first) } else { query.pieces.iter().rposition(is_url) }
    }
}

impl ManifestParameter<'_> {
    pub(super) fn has_lost(&self) -> bool {
        self.hides_action || !self.lost.is_empty()
    }

    pub(super) fn lost_names(&self) -> Vec<String> {
        let names = self.lost.iter().map(|piece| piece.name).filter(|name| !name.is_empty());
        names.chain(self.hides_action.then_some("action")).map(shortened).collect()
    }

    /// The manifest URL as its author had it before pasting it into the link, with what got lost.
    pub(super) fn unencoded(&self) -> String {
        let mut text = self.raw.to_owned();
        for piece in &self.lost {
            text.push('&');
            text.push_str(piece.text);
        }
        let decoded = if text.contains("://") {
            // `encodeURI` and its like leave the signs between the parts plain, but encode what was encoded before.
            let is_encoded_loosely = text.contains("%25");
            decode(&text)
                .filter(|url| is_encoded_loosely && first_illegal(url).is_none())
                .map(Cow::into_owned)
        } else if let Some((front, query)) = text.split_once('?') {
            // The front was encoded, the query put behind it afterwards.
            decode(front).map(|front| format!("{front}?{query}"))
        } else {
            decode(&text).map(Cow::into_owned)
        };
        decoded.unwrap_or(text)
    }
}

fn holds_query(piece: &Piece<'_>) -> bool {
    piece.value.is_some_and(|value| value.contains('?'))
}
