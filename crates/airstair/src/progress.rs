use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Format;

/// How far a long work is, on standard error; nothing where that is no terminal or a program reads the answer.
#[derive(Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar with rate and time left.
    pub(crate) fn bar(size_bytes: u64, format: Format) -> Self {
        if format == Format::Json {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(size_bytes);
        let template = "{bar:28} {percent:>3} %  {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
