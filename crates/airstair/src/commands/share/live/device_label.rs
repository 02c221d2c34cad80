use catalog::AttemptDevice;

use crate::terminal;

/// What a device says it is, safe to print: `iPhone15,2 iOS 18.0`.
pub(super) fn device_label(device: &AttemptDevice) -> String {
    let model = if device.model.is_empty() { "a device" } else { &device.model };
    let model = terminal::plain(model);
    match &*device.os_version {
        "" => model.into_owned(),
        version => format!("{model} iOS {}", terminal::plain(version)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_does_not_say_is_left_out() {
        for (model, os_version, expected) in [
            ("iPhone15,2", "18.0", "iPhone15,2 iOS 18.0"),
            ("iPhone15,2", "", "iPhone15,2"),
            ("", "18.0", "a device iOS 18.0"),
            ("", "", "a device"),
            ("a\u{1b}[2J", "1", "a\\u{1b}[2J iOS 1"),
        ] {
            let device = AttemptDevice {
                model: model.to_owned(),
                os_version: os_version.to_owned(),
                os_build: String::new(),
            };
            assert_eq!(device_label(&device), expected);
        }
    }
}
