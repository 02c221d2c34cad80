//! What findings mean: pages that are the same for everybody.

mod text;

use askama::Template;
use doctor::{Rule, Station, Symptom, rules, symptoms};

use crate::install::PageAssets;
use crate::prose::Prose;
use crate::words;
use text::RuleText;

/// Where the pages of findings are.
const HELP: &str = "/help";

/// Where the page of a rule is: `/help/PRF004`.
#[must_use]
pub fn help_path(rule: &Rule) -> String {
    format!("{HELP}/{}", rule.code)
}

/// The page of a finding: `/help/{code}`.
#[derive(Clone, Debug, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    rule: &'static Rule,
    text: RuleText,
    /// What is seen of the same trouble further down the road.
    follows: Vec<&'static Rule>,
    assets: PageAssets,
}

/// The page that leads to the pages of all findings: `/help`.
#[derive(Clone, Debug, Template)]
#[template(path = "help_index.html")]
pub struct HelpIndexPage {
    /// Whether something was asked for that is not there.
    is_fallback: bool,
    families: Vec<Family>,
    symptoms: &'static [Symptom],
    assets: PageAssets,
}

/// The findings whose codes begin alike.
#[derive(Clone, Debug)]
struct Family {
    title: String,
    rules: Vec<ListedRule>,
}

#[derive(Clone, Debug)]
struct ListedRule {
    rule: &'static Rule,
    summary: RuleText,
}

impl HelpPage {
    /// The page of this rule.
    #[must_use]
    pub fn of(rule: &'static Rule) -> Self {
        Self {
            rule,
            text: RuleText::of_page(rule),
            follows: standing(rule.explains),
            assets: PageAssets::served(),
        }
    }

    /// The page of every rule, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        rules::ALL.iter().map(|rule| Self::of(rule)).collect()
    }
}

impl HelpIndexPage {
    /// Every rule, family by family, and every symptom.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_fallback: false,
            families: families(),
            symptoms: symptoms::ALL,
            assets: PageAssets::served(),
        }
    }

    /// The same for those who asked for a page that is not there.
    #[must_use]
    pub fn fallback() -> Self {
        Self { is_fallback: true, ..Self::new() }
    }

    /// One page of every kind there is, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self::new(), Self::fallback()]
    }
}

impl Default for HelpIndexPage {
    fn default() -> Self {
        Self::new()
    }
}

fn families() -> Vec<Family> {
    let families = Station::ALL.map(|station| {
        let of_family = rules::ALL.iter().filter(|rule| rule.code.starts_with(station.family()));
        let mut rules: Vec<ListedRule> =
            of_family.map(|rule| ListedRule { rule, summary: RuleText::of_summary(rule) }).collect();
        rules.sort_by_key(|listed| listed.rule.code);
        Family { title: words::heading(station.title()), rules }
    });
    families.into_iter().filter(|family| !family.rules.is_empty()).collect()
}

/// Those of these rules that there are; others are promised.
fn standing(names: &[&str]) -> Vec<&'static Rule> {
    names.iter().filter_map(|name| rules::find(name)).collect()
}
