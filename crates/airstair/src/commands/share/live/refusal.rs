use doctor::Finding;

/// What keeps the app from being installed on a device: `fails: it needs iOS 17.0, and the device has 16.0`.
pub(super) fn refusal(finding: &Finding) -> String {
    format!("{}fails: {}", finding.evidence_kind.likely(), finding.message)
}
