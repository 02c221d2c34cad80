//! What a `CodeResources` lists.

use bounded_plist::{Dictionary, Limits, Value};

use super::rules::Rules;

/// The files a bundle seals, and the rules about those it does not.
pub(super) struct List {
    files: Dictionary,
    pub(super) rules: Rules,
}

/// How a file is sealed.
pub(super) enum Sealed<'a> {
    /// By the digest of its content.
    Digest(Digest),
    /// A link, by where it leads.
    Link(&'a str),
    /// Nested code, by what its signature is known by.
    Code(&'a [u8]),
    /// In a way not known here.
    Unknown,
}

/// The digest of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Digest {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl List {
    /// Reads the newer list (`files2`) where there is one, else the older.
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Self, String> {
        let value = bounded_plist::read(bytes, limits).map_err(|error| error.to_string())?;
        let mut lists =
            value.into_dictionary().map_err(|other| format!("{} in place of a dictionary", other.kind()))?;
        let mut take = |newer: &str, older: &str| lists.remove(newer).or_else(|| lists.remove(older));
        let files = take("files2", "files")
            .and_then(|files| files.into_dictionary().ok())
            .ok_or("it holds no list of files")?;
        let rules = take("rules2", "rules").and_then(|rules| rules.into_dictionary().ok());
        Ok(Self { files, rules: Rules::new(&rules.unwrap_or_default()) })
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether a file at this path is sealed.
    pub(super) fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Each path, how it is sealed, and whether it may be missing.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, Sealed<'_>, bool)> {
        self.files.iter().map(|(path, value)| {
            let optional = value.get("optional").and_then(Value::as_bool) == Some(true);
            (path, Sealed::of(value), optional)
        })
    }
}

impl<'a> Sealed<'a> {
    fn of(value: &'a Value) -> Self {
        let bytes = |key| value.get(key).and_then(Value::as_data);
        let digest = |bytes: &[u8]| match bytes.len() {
            20 => bytes.try_into().ok().map(Digest::Sha1),
            32 => bytes.try_into().ok().map(Digest::Sha256),
            _ => None,
        };
        if let Some(target) = value.get("symlink").and_then(Value::as_str) {
            return Self::Link(target);
        }
        if let Some(code) = bytes("cdhash") {
            return Self::Code(code);
        }
        let found = bytes("hash2").or_else(|| bytes("hash")).or_else(|| value.as_data());
        found.and_then(digest).map_or(Self::Unknown, Self::Digest)
    }
}
