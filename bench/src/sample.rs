/// Measurements of one thing, at least one, in the order they were made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// The value that as many runs were below as above.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
    }

    pub(crate) fn least(&self) -> f64 {
        self.sorted()[0]
    }

    pub(crate) fn most(&self) -> f64 {
        self.sorted()[self.0.len() - 1]
    }

    /// What each run is of the rival's that was made beside it: what slows both down for a while does not show.
    pub(crate) fn ratios_to(&self, rival: &Self) -> Self {
        self.0.iter().zip(&rival.0).map(|(ours, theirs)| ours / theirs).collect()
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<T: IntoIterator<Item = f64>>(runs: T) -> Self {
        let runs = Vec::from_iter(runs);
        assert!(!runs.is_empty(), "nothing was measured");
        Self(runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(runs: &[f64]) -> Sample {
        runs.iter().copied().collect()
    }

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        for (runs, expected) in [
            (&[3.0][..], 3.0),
            (&[9.0, 1.0], 5.0),
            (&[5.0, 1.0, 900.0], 5.0),
            (&[2.0, 8.0, 4.0, 6.0], 5.0),
            (&[5.0, 4.0, 1.0, 3.0, 2.0], 3.0),
        ] {
            let sample = sample(runs);
            assert!((sample.median() - expected).abs() < 1e-9, "{runs:?}");
        }
    }

    #[test]
    fn the_spread_is_from_least_to_most() {
        let sample = sample(&[4.0, 2.0, 7.0]);
        assert_eq!((sample.least(), sample.most()), (2.0, 7.0));
    }

    #[test]
    fn runs_are_compared_with_those_made_beside_them() {
        // The machine was half as fast in the second round.
        let ours = sample(&[8.0, 4.0, 8.0]);
        let theirs = sample(&[4.0, 2.0, 4.0]);
        assert_eq!(ours.ratios_to(&theirs), sample(&[2.0, 2.0, 2.0]));
    }
}
