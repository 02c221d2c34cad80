/// What a figure counts, as values are kept in; how they are shown follows from their size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Seconds,
    Bytes,
    BytesPerSecond,
    SecondsPerGigabyte,
    RequestsPerSecond,
    Count,
    /// A part of a whole.
    Share,
}

impl Unit {
    /// Three values in one step of the unit, the first one's, so that a spread reads well: `1.24 (1.20–1.27) GB/s`.
    pub(crate) fn show(self, median: f64, least: f64, most: f64) -> String {
        let (step, name) = self.step(median);
        let digits = if name.is_empty() { 0 } else { digits(median / step) };
        let [median, least, most] = [median, least, most].map(|value| format!("{:.digits$}", value / step));
        let spread = if least == most { String::new() } else { format!(" ({least}–{most})") };
        format!("{median}{spread} {name}").trim_end().to_owned()
    }

    /// One value, such as a target.
    pub(crate) fn show_one(self, value: f64) -> String {
        let (step, name) = self.step(value);
        format!("{} {name}", value / step).trim_end().to_owned()
    }

    fn step(self, value: f64) -> (f64, &'static str) {
        let steps: &[(f64, &str)] = match self {
            Self::Seconds => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")],
            Self::Bytes => &[
                ((1_u64 << 30) as f64, "GiB"),
                ((1_u64 << 20) as f64, "MiB"),
                ((1_u64 << 10) as f64, "KiB"),
                (1.0, "B"),
            ],
            Self::BytesPerSecond => &[(1e9, "GB/s"), (1e6, "MB/s")],
            Self::SecondsPerGigabyte => &[(1.0, "s/GB")],
            Self::RequestsPerSecond => &[(1.0, "/s")],
            Self::Count => &[(1.0, "")],
            Self::Share => &[(0.01, "%")],
        };
        let fits = steps.iter().find(|(step, _)| value.abs() >= *step);
        *fits.or(steps.last()).expect("every unit has a step")
    }
}

/// Decimals that leave about three digits.
fn digits(value: f64) -> usize {
    match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_in_the_step_they_fill() {
        for (unit, value, expected) in [
            (Unit::Seconds, 12.345, "12.3 s"),
            (Unit::Seconds, 0.012_345, "12.3 ms"),
            (Unit::Seconds, 0.000_5, "500 µs"),
            (Unit::Bytes, 25_165_824.0, "24.0 MiB"),
            (Unit::Bytes, 12.0, "12.0 B"),
            (Unit::BytesPerSecond, 1.234e9, "1.23 GB/s"),
            (Unit::BytesPerSecond, 9.5e8, "950 MB/s"),
            (Unit::SecondsPerGigabyte, 0.5, "0.50 s/GB"),
            (Unit::RequestsPerSecond, 12_345.6, "12346 /s"),
            (Unit::Count, 7.0, "7"),
            (Unit::Share, 0.001_25, "0.12 %"),
        ] {
            assert_eq!(unit.show(value, value, value), expected);
        }
    }

    #[test]
    fn a_spread_is_shown_in_the_step_of_its_median() {
        assert_eq!(Unit::Seconds.show(0.9, 0.8, 1.1), "900 (800–1100) ms");
        assert_eq!(Unit::Count.show(7.0, 7.0, 9.0), "7 (7–9)");
    }

    #[test]
    fn targets_are_shown_as_they_are_set() {
        assert_eq!(Unit::Bytes.show_one(25_165_824.0), "24 MiB");
        assert_eq!(Unit::Seconds.show_one(0.1), "100 ms");
        assert_eq!(Unit::Count.show_one(10.0), "10");
    }
}
