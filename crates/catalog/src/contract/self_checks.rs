use std::sync::Arc;

use doctor::Verdict;

use super::samples::{Samples, finding};
use super::{Case, cases};
use crate::{Catalog, SelfCheck, StoreError};

pub(super) const CASES: &[Case] = cases![the_last_self_check_is_kept_and_no_other];

async fn the_last_self_check_is_kept_and_no_other(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    assert_eq!(catalog.read().await?.self_checks().last().await?, None);
    for (verdict, findings) in [
        (Verdict::Fails, vec![finding(), finding()]),
        (Verdict::CannotTell, vec![finding()]),
        (Verdict::Installs, Vec::new()),
    ] {
        let public_url = "https://apps.example.com/".to_owned();
        let check = SelfCheck { at: make.now(), public_url, verdict, findings };
        let mut unit = catalog.begin().await?;
        unit.self_checks().keep(&check).await?;
        assert_eq!(unit.self_checks().last().await?.as_ref(), Some(&check));
        unit.commit().await?;
        assert_eq!(catalog.read().await?.self_checks().last().await?, Some(check), "{verdict:?}");
    }
    Ok(())
}
