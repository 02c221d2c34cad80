use crate::{Rule, rules};

/// Which rules are applied, and whose findings are left out.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Vec<&'static Rule>,
    ignored: Vec<&'static Rule>,
}

/// There is no such rule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "there is no rule {found:?}; a rule is named by its code, such as PRF004, or its name, such as profile-expired"
)]
pub struct UnknownRule {
    /// What was given.
    pub found: String,
}

impl Selection {
    /// Applies these rules only, named by code or name; all of them if there are none.
    ///
    /// # Errors
    ///
    /// [`UnknownRule`] at the first that names no rule.
    pub fn only<S: AsRef<str>>(self, names: &[S]) -> Result<Self, UnknownRule> {
        Ok(Self { only: named(names)?, ..self })
    }

    /// Leaves the findings of these rules out, named by code or name.
    ///
    /// # Errors
    ///
    /// [`UnknownRule`] at the first that names no rule.
    pub fn ignoring<S: AsRef<str>>(self, names: &[S]) -> Result<Self, UnknownRule> {
        Ok(Self { ignored: named(names)?, ..self })
    }

    pub(crate) fn includes(&self, rule: &Rule) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only.code == rule.code)
    }

    pub(crate) fn ignores(&self, rule: &Rule) -> bool {
        self.ignored.iter().any(|ignored| ignored.code == rule.code)
    }
}

fn named<S: AsRef<str>>(names: &[S]) -> Result<Vec<&'static Rule>, UnknownRule> {
    let rule =
        |name: &S| rules::find(name.as_ref()).ok_or_else(|| UnknownRule { found: name.as_ref().to_owned() });
    names.iter().map(rule).collect()
}
