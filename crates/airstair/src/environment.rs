/// A variable of the process's environment, when it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment, beside the words of clap"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
