use std::fmt;
use std::slice;

use crate::Value;

/// Keys and their values, in the order in which they were read or inserted.
///
/// A key is there once: inserting it again replaces the value and keeps its place. Finding a key takes time in the
/// logarithm of the length; inserting keys one by one into a very large dictionary is slower than collecting them.
/// Two dictionaries are equal when they hold equal values under the same keys, whatever the order.
///
/// ```
/// use bounded_plist::{Dictionary, Value};
///
/// let mut asset = Dictionary::new();
/// asset.insert("kind", "software-package");
/// asset.insert("url", "https://apps.example/notes.ipa");
/// assert_eq!(asset.get("kind").and_then(Value::as_str), Some("software-package"));
/// assert_eq!(asset.keys().collect::<Vec<_>>(), ["kind", "url"]);
/// ```
#[derive(Clone, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
    /// Indexes into `entries`, by ascending key.
    sorted: Vec<usize>,
}

/// A key and its value.
pub(crate) type Entry = (String, Value);

impl Dictionary {
    /// What each entry takes, in bytes, besides what its key and value hold elsewhere.
    pub(crate) const ENTRY_BYTES: usize = size_of::<Entry>() + size_of::<usize>();

    /// An empty dictionary.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), sorted: Vec::new() }
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`, or `None` when it is not there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let at = self.find(key).ok()?;
        Some(&self.entries[self.sorted[at]].1)
    }

    /// The value of `key`, to be changed in place, or `None` when it is not there.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let at = self.find(key).ok()?;
        Some(&mut self.entries[self.sorted[at]].1)
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Puts `value` under `key`; answers the value that it replaces.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.find(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[self.sorted[at]].1, value)),
            Err(at) => {
                self.sorted.insert(at, self.entries.len());
                self.entries.push((key, value));
                None
            }
        }
    }

    /// Takes `key` out; answers its value. The order of the others stays.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.find(key).ok()?;
        let gone = self.sorted.remove(at);
        for index in &mut self.sorted {
            *index -= usize::from(*index > gone);
        }
        Some(self.entries.remove(gone).1)
    }

    /// Keys and values, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries.iter())
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// The values, in order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Wraps `entries`; of equal keys the last value wins, in the place of the first.
    ///
    /// Takes nothing but [`Self::ENTRY_BYTES`] for each entry, the entries' own room included, so that a reader can
    /// account for it beforehand.
    pub(crate) fn from_entries(mut entries: Vec<Entry>) -> Self {
        let mut sorted = Vec::with_capacity(entries.len());
        sorted.extend(0..entries.len());
        sorted.sort_unstable_by(|a: &usize, b: &usize| entries[*a].0.cmp(&entries[*b].0).then(a.cmp(b)));

        // The first of each run of equal keys goes to the front and takes over the value of the last.
        let mut distinct = 0;
        let mut at = 0;
        while at < sorted.len() {
            let first = sorted[at];
            let run = sorted[at..].iter().take_while(|index| entries[**index].0 == entries[first].0).count();
            let last = sorted[at + run - 1];
            if last != first {
                entries[first].1 = std::mem::replace(&mut entries[last].1, Value::Boolean(false));
            }
            sorted.swap(distinct, at);
            distinct += 1;
            at += run;
        }
        let (kept, superseded) = sorted.split_at_mut(distinct);
        if !superseded.is_empty() {
            superseded.sort_unstable();
            let (mut index, mut gone) = (0, 0);
            entries.retain(|_| {
                let superseded_here = superseded.get(gone) == Some(&index);
                gone += usize::from(superseded_here);
                index += 1;
                !superseded_here
            });
            for index in kept {
                *index -= superseded.partition_point(|gone| gone < index);
            }
            sorted.truncate(distinct);
        }
        Self { entries, sorted }
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|index| self.entries[*index].0.as_str().cmp(key))
    }
}

/// The iterator of [`Dictionary::iter`].
#[derive(Clone, Debug)]
pub struct Iter<'a>(slice::Iter<'a, Entry>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key.as_str(), value))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Dictionary {
    type Item = (&'a str, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Dictionary {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Dictionary {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self::from_entries(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Dictionary {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> Extend<(K, V)> for Dictionary {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        let mut entries = std::mem::take(self).entries;
        entries.extend(pairs.into_iter().map(|(key, value)| (key.into(), value.into())));
        *self = Self::from_entries(entries);
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.sorted.iter().zip(&other.sorted).all(|(a, b)| self.entries[*a] == other.entries[*b])
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(dictionary: &Dictionary) -> Vec<(&str, i64)> {
        let number = |value: &Value| value.as_integer().and_then(crate::Integer::as_i64).unwrap();
        dictionary.iter().map(|(key, value)| (key, number(value))).collect()
    }

    #[test]
    fn of_equal_keys_the_last_value_wins_in_the_place_of_the_first() {
        let dictionary: Dictionary =
            [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5), ("b", 6)].into_iter().collect();
        assert_eq!(shown(&dictionary), [("b", 6), ("a", 5), ("c", 4)]);
    }

    #[test]
    fn equality_ignores_the_order() {
        assert_eq!(Dictionary::from([("a", 1), ("b", 2)]), Dictionary::from([("b", 2), ("a", 1)]));
        assert_ne!(Dictionary::from([("a", 1), ("b", 2)]), Dictionary::from([("a", 2), ("b", 1)]));
        assert_ne!(Dictionary::from([("a", 1)]), Dictionary::from([("a", 1), ("b", 2)]));
    }

    proptest! {
        #[test]
        fn collecting_extending_and_inserting_agree_with_a_plain_list(
            pairs in prop::collection::vec(("[a-e]{0,2}", any::<i64>()), 0..40),
            split in 0_usize..40,
            gone in "[a-e]{0,2}",
        ) {
            let mut expected: Vec<(String, i64)> = Vec::new();
            let mut inserted = Dictionary::new();
            for (key, value) in &pairs {
                let old = inserted.insert(key.clone(), *value);
                let known = expected.iter_mut().find(|(known, _)| known == key);
                prop_assert_eq!(old, known.as_ref().map(|(_, known)| Value::from(*known)));
                if let Some((_, known)) = known {
                    *known = *value;
                } else {
                    expected.push((key.clone(), *value));
                }
            }
            let (head, tail) = pairs.split_at(split.min(pairs.len()));
            let mut extended: Dictionary = head.iter().cloned().collect();
            extended.extend(tail.iter().cloned());
            for mut dictionary in [inserted, extended, pairs.iter().cloned().collect()] {
                let plain = |expected: &[(String, i64)]| -> Vec<(String, i64)> { expected.to_vec() };
                let seen = |dictionary: &Dictionary| -> Vec<(String, i64)> {
                    shown(dictionary).into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
                };
                prop_assert_eq!(seen(&dictionary), plain(&expected));
                let mut left = expected.clone();
                left.retain(|(key, _)| *key != gone);
                let removed = dictionary.remove(&gone);
                prop_assert_eq!(removed.is_some(), left.len() != expected.len());
                prop_assert_eq!(seen(&dictionary), left.clone());
                for (key, value) in &left {
                    prop_assert_eq!(dictionary.get(key), Some(&Value::from(*value)));
                }
                prop_assert!(!dictionary.contains_key(&gone));
            }
        }
    }
}
