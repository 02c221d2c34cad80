use bounded_plist::{Dictionary, Kind, Value};

/// A key that stands in a manifest.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SeenKey {
    /// Where: `items[0].metadata.title`.
    pub path: String,
    /// What is known of it.
    pub standing: KeyStanding,
    /// The kind of value that belongs there; `None` for keys that are unknown or removed.
    pub expected: Option<Kind>,
    /// The kind of value that stands there.
    pub found: Kind,
}

impl SeenKey {
    /// Whether the value is of a kind that does not belong there.
    #[must_use]
    pub fn is_of_other_kind(&self) -> bool {
        self.expected.is_some_and(|expected| expected != self.found)
    }
}

/// What is known of a key in its place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyStanding {
    /// In Apple's schema (device management, *Manifest URL*).
    Documented,
    /// Written by Xcode for thinned exports and read by devices (read from decompiled daemons).
    Thinning,
    /// Not in Apple's schema, but read by devices (read from decompiled daemons).
    Undocumented,
    /// Once in Apple's schema, now removed from it; iOS ignores it (documented).
    Removed,
    /// Nothing is known to read it.
    Unknown,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    Asset,
    Metadata,
}

struct Known {
    place: Place,
    key: &'static str,
    standing: KeyStanding,
    expected: Option<Kind>,
}

const fn known(place: Place, key: &'static str, standing: KeyStanding, expected: Kind) -> Known {
    Known { place, key, standing, expected: Some(expected) }
}

const fn removed(place: Place, key: &'static str) -> Known {
    Known { place, key, standing: KeyStanding::Removed, expected: None }
}

const KEYS: [Known; 25] = {
    use KeyStanding::{Documented, Thinning, Undocumented};
    use Place::{Asset, Item, Metadata, Root};
    [
        known(Root, "items", Documented, Kind::Array),
        known(Item, "assets", Documented, Kind::Array),
        known(Item, "thinned-assets", Thinning, Kind::Array),
        known(Item, "metadata", Documented, Kind::Dictionary),
        known(Asset, "kind", Documented, Kind::String),
        known(Asset, "url", Documented, Kind::String),
        known(Asset, "sha256", Documented, Kind::String),
        known(Asset, "sha256s", Documented, Kind::Array),
        known(Asset, "sha256-size", Documented, Kind::Integer),
        known(Asset, "md5", Documented, Kind::String),
        known(Asset, "md5s", Documented, Kind::Array),
        known(Asset, "md5-size", Documented, Kind::Integer),
        known(Asset, "variantIds", Thinning, Kind::Array),
        removed(Asset, "needs-shine"),
        removed(Asset, "sizeInBytes"),
        known(Metadata, "kind", Documented, Kind::String),
        known(Metadata, "bundle-identifier", Documented, Kind::String),
        known(Metadata, "title", Documented, Kind::String),
        known(Metadata, "bundle-version", Documented, Kind::String),
        known(Metadata, "subtitle", Documented, Kind::String),
        known(Metadata, "platform-identifier", Undocumented, Kind::String),
        known(Metadata, "has-messages-extension", Undocumented, Kind::Boolean),
        known(Metadata, "launch-prohibited", Undocumented, Kind::Boolean),
        removed(Metadata, "sizeInBytes"),
        removed(Metadata, "items"),
    ]
};

pub(super) fn walk(root: &Value) -> Vec<SeenKey> {
    let mut seen = Vec::new();
    let Some(dictionary) = root.as_dictionary() else { return seen };
    keys(dictionary, Place::Root, "", &mut seen);
    for (index, item) in list(dictionary, "items") {
        let path = format!("items[{index}].");
        keys(item, Place::Item, &path, &mut seen);
        for assets in ["assets", "thinned-assets"] {
            for (index, asset) in list(item, assets) {
                keys(asset, Place::Asset, &format!("{path}{assets}[{index}]."), &mut seen);
            }
        }
        if let Some(metadata) = item.get("metadata").and_then(Value::as_dictionary) {
            keys(metadata, Place::Metadata, &format!("{path}metadata."), &mut seen);
        }
    }
    seen
}

fn keys(dictionary: &Dictionary, place: Place, path: &str, seen: &mut Vec<SeenKey>) {
    seen.extend(dictionary.iter().map(|(key, value)| {
        let known = KEYS.iter().find(|known| known.place == place && known.key == key);
        SeenKey {
            path: format!("{path}{key}"),
            standing: known.map_or(KeyStanding::Unknown, |known| known.standing),
            expected: known.and_then(|known| known.expected),
            found: value.kind(),
        }
    }));
}

fn list<'a>(dictionary: &'a Dictionary, key: &str) -> impl Iterator<Item = (usize, &'a Dictionary)> {
    let values = dictionary.get(key).and_then(Value::as_array).unwrap_or_default();
    values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_dictionary()?)))
}
