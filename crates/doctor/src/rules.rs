//! Every rule there is. Codes are given once: a rule that retires keeps its page.

mod app;
mod archive;
mod profile;

use crate::rule::Rule;

/// Every rule, in the order in which a device would meet what it looks for.
pub static ALL: &[&Rule] = &[
    &archive::no_app_in_payload::RULE,
    &app::simulator_build::RULE,
    &profile::missing::RULE,
    &profile::unreadable::RULE,
    &profile::expired::RULE,
    &profile::app_store::RULE,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_and_names_are_unique_and_the_page_is_titled_with_both() {
        for (place, rule) in ALL.iter().enumerate() {
            let earlier = &ALL[..place];
            assert!(
                earlier.iter().all(|other| other.code != rule.code && other.name != rule.name),
                "{}",
                rule.code
            );
            let title = format!("# {} {}\n", rule.code, rule.name);
            assert!(rule.page.starts_with(&title), "the page of {} begins with {title:?}", rule.code);
            for section in ["## What it checks", "## Why it matters", "## How to mend it", "## Sources"] {
                assert!(rule.page.contains(section), "the page of {} has {section:?}", rule.code);
            }
        }
    }
}
