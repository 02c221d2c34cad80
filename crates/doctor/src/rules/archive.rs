pub(super) mod no_app_in_payload;
