pub(super) mod capability_missing;
pub(super) mod device_not_in_profile;
pub(super) mod os_too_old;
pub(super) mod thinned_for_other_models;
pub(super) mod wrong_device_family;
