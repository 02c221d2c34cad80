use std::fmt::Write as _;

use crate::sample::Sample;
use crate::unit::Unit;

/// What one subject found.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    /// What was measured, and how.
    pub(crate) how: String,
    /// Who else was measured.
    pub(crate) rival: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// One thing that was measured.
pub(crate) struct Row {
    what: String,
    unit: Unit,
    ours: Sample,
    rival: Option<Sample>,
    targets: Vec<Target>,
}

/// What must hold of the median.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    AtMost(f64),
    RatioAtMost(f64),
    RatioAtLeast(f64),
}

/// Whether what must hold does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Met,
    Missed,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, unit: Unit, ours: Sample) -> Self {
        Self { what: what.into(), unit, ours, rival: None, targets: Vec::new() }
    }

    /// The same beside the rival's runs, each made next to one of ours.
    pub(crate) fn beside(mut self, rival: Sample) -> Self {
        self.rival = Some(rival);
        self
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    fn ratio(&self) -> Option<Sample> {
        Some(self.ours.ratios_to(self.rival.as_ref()?))
    }

    /// Whether all targets are met; `None` where there is none.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        let ratio = || self.ratio().expect("a ratio is to a rival").median();
        let holds = |target: &Target| match *target {
            Target::AtMost(limit) => self.ours.median() <= limit,
            Target::RatioAtMost(limit) => ratio() <= limit,
            Target::RatioAtLeast(limit) => ratio() >= limit,
        };
        let met = self.targets.iter().all(holds);
        (!self.targets.is_empty()).then_some(if met { Verdict::Met } else { Verdict::Missed })
    }

    fn line(&self) -> String {
        let figure = |unit: Unit, sample: &Sample| unit.show(sample.median(), sample.least(), sample.most());
        let targets: Vec<_> = self
            .targets
            .iter()
            .map(|target| match *target {
                Target::AtMost(limit) => format!("≤ {}", self.unit.show_one(limit)),
                Target::RatioAtMost(limit) => format!("≤ {limit} ×"),
                Target::RatioAtLeast(limit) => format!("≥ {limit:.1} ×"),
            })
            .collect();
        let verdict = match self.verdict() {
            Some(Verdict::Met) => "met",
            Some(Verdict::Missed) => "**missed**",
            None => "",
        };
        format!(
            "| {} | {} | {} | {} | {} | {verdict} |",
            self.what,
            targets.join(", "),
            figure(self.unit, &self.ours),
            self.rival.as_ref().map(|rival| figure(self.unit, rival)).unwrap_or_default(),
            self.ratio().as_ref().map(show_ratio).unwrap_or_default(),
        )
    }
}

fn show_ratio(ratio: &Sample) -> String {
    let (median, least, most) = (ratio.median(), ratio.least(), ratio.most());
    let digits = if median < 0.1 { 3 } else { 2 };
    format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
}

impl Chapter {
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.how.trim());
        let _ = writeln!(text, "| | target | Airstair | {} | ratio | |", self.rival);
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for row in &self.rows {
            text.push_str(&row.line());
            text.push('\n');
        }
        text
    }

    /// What missed its target.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter(|row| row.verdict() == Some(Verdict::Missed)).map(|row| &*row.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(runs: &[f64]) -> Sample {
        runs.iter().copied().collect()
    }

    #[test]
    fn a_row_says_target_both_figures_ratio_and_verdict() {
        let row = Row::new("serve", Unit::BytesPerSecond, sample(&[1.1e9, 1.2e9, 1.3e9]))
            .beside(sample(&[1e9, 1e9, 1e9]))
            .target(Target::RatioAtLeast(1.0));
        assert_eq!(
            row.line(),
            "| serve | ≥ 1.0 × | 1.20 (1.10–1.30) GB/s | 1.00 GB/s | 1.20 (1.10–1.30) | met |"
        );
    }

    #[test]
    fn every_target_of_a_row_must_hold() {
        let memory = |ours| {
            Row::new("memory", Unit::Bytes, sample(&[ours]))
                .beside(sample(&[100.0]))
                .target(Target::AtMost(30.0))
                .target(Target::RatioAtMost(0.25))
        };
        for (ours, expected) in [(25.0, Verdict::Met), (26.0, Verdict::Missed), (31.0, Verdict::Missed)] {
            assert_eq!(memory(ours).verdict(), Some(expected), "{ours}");
        }
        assert_eq!(Row::new("threads", Unit::Count, sample(&[3.0])).verdict(), None);
    }

    #[test]
    fn a_chapter_names_what_it_missed() {
        let row = |what, seen| Row::new(what, Unit::Count, sample(&[seen])).target(Target::AtMost(10.0));
        let chapter = Chapter {
            title: "Inspect",
            how: "It was done.".into(),
            rival: "npm",
            rows: vec![row("requests", 9.0), row("threads", 11.0)],
        };
        assert_eq!(chapter.missed().collect::<Vec<_>>(), ["threads"]);
        assert_eq!(
            chapter.markdown(),
            "## Inspect\n\nIt was done.\n\n| | target | Airstair | npm | ratio | |\n\
             | --- | --- | --- | --- | --- | --- |\n| requests | ≤ 10 | 9 |  |  | met |\n\
             | threads | ≤ 10 | 11 |  |  | **missed** |\n"
        );
    }
}
