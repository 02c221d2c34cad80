//! Which files a bundle leaves out of its seal.

use bounded_plist::{Dictionary, Value};
use regex_lite::{Regex, RegexBuilder};

/// The most rules; Xcode writes ten.
const RULES: usize = 64;
/// What one rule's pattern may take once compiled, in bytes.
const PATTERN_BYTES: usize = 64 << 10;

/// Patterns of paths, the weightiest of which decides.
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// Whether rules were left away, so that nothing can be said of what none of the others leaves out.
    partial: bool,
}

struct Rule {
    pattern: Regex,
    weight: f64,
    omits: bool,
}

/// What the rules say of a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ruling {
    /// It has to be sealed.
    Sealed,
    /// It is left out.
    Omitted,
    /// Some rule is not understood, so it may be either.
    Unknown,
}

impl Rules {
    pub(super) fn new(list: &Dictionary) -> Self {
        let mut rules = Vec::new();
        let mut partial = list.len() > RULES;
        for (pattern, value) in list.iter().take(RULES) {
            match RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).nest_limit(16).build() {
                Ok(pattern) => rules.push(Rule {
                    pattern,
                    weight: value.get("weight").and_then(number).unwrap_or(1.0),
                    omits: value.get("omit").and_then(Value::as_bool) == Some(true)
                        || value.as_bool() == Some(false),
                }),
                Err(_) => partial = true,
            }
        }
        Self { rules, partial }
    }

    /// What becomes of a file at this path, counted from the bundle.
    pub(super) fn ruling(&self, path: &str) -> Ruling {
        let matching = self.rules.iter().filter(|rule| rule.pattern.is_match(path));
        match matching.max_by(|one, other| one.weight.total_cmp(&other.weight)) {
            Some(rule) if rule.omits => Ruling::Omitted,
            _ if self.partial => Ruling::Unknown,
            Some(_) => Ruling::Sealed,
            // What no rule matches is no resource.
            None => Ruling::Omitted,
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_real().or_else(|| {
        let number = value.as_integer()?.as_i64()?;
        i32::try_from(number).ok().map(f64::from)
    })
}

#[cfg(test)]
mod tests {
    use testkit::plist::code_resources;

    use super::*;

    fn list(pairs: &[(&str, Value)]) -> Dictionary {
        let mut list = Dictionary::new();
        for (pattern, value) in pairs {
            list.insert(*pattern, value.clone());
        }
        list
    }

    #[test]
    fn the_rules_of_xcode_leave_out_what_they_should() {
        let made = bounded_plist::read(&code_resources([]), &bounded_plist::Limits::default()).unwrap();
        let rules = Rules::new(made.get("rules2").and_then(Value::as_dictionary).unwrap());
        for (path, expected) in [
            ("Info.plist", Ruling::Omitted),
            ("PkgInfo", Ruling::Omitted),
            (".DS_Store", Ruling::Omitted),
            ("Assets/.DS_Store", Ruling::Omitted),
            ("en.lproj/locversion.plist", Ruling::Omitted),
            ("en.lproj/Main.strings", Ruling::Sealed),
            ("PlugIns/widget.appex/Info.plist", Ruling::Sealed),
            ("embedded.mobileprovision", Ruling::Sealed),
            ("config.json", Ruling::Sealed),
        ] {
            assert_eq!(rules.ruling(path), expected, "{path}");
        }
    }

    #[test]
    fn rules_that_are_not_understood_leave_the_question_open() {
        let odd = Rules::new(&list(&[("^(", true.into()), ("\\.txt$", Value::Boolean(false))]));
        assert_eq!(odd.ruling("a.txt"), Ruling::Omitted);
        assert_eq!(odd.ruling("a.png"), Ruling::Unknown);
        let huge = Rules::new(&list(&[(&"(a{1,1000}){1,1000}".repeat(20), true.into())]));
        assert_eq!(huge.ruling("a"), Ruling::Unknown);
        assert_eq!(Rules::new(&Dictionary::new()).ruling("a"), Ruling::Omitted);
    }
}
