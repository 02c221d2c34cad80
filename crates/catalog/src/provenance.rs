/// Where a build comes from, as its publisher says; nothing of it is checked.
///
/// All text is plain and may be hostile: escape it wherever it is shown.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Provenance {
    /// The commit it was made from.
    pub commit: Option<String>,
    /// The branch that commit was on.
    pub branch: Option<String>,
    /// The pull request it was made for: a number or an address.
    pub pull_request: Option<String>,
    /// The address of the CI run that made it.
    pub ci_url: Option<String>,
    /// Free words, in the order given.
    pub tags: Vec<String>,
}
