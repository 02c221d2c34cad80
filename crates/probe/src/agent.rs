/// Who asks, in the words of its `User-Agent`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Agent {
    /// The daemon that fetches manifests and packages.
    Installer,
    /// Safari on an iPhone.
    Browser,
}

impl Agent {
    /// What it sends of itself. Model and versions are examples, as seen on devices.
    #[must_use]
    pub fn user_agent(self) -> &'static str {
        match self {
            Self::Installer => {
                "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1"
            }
            Self::Browser => {
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.0 Mobile/15E148 Safari/604.1"
            }
        }
    }

    /// What it says it takes.
    pub(crate) fn accept(self) -> &'static str {
        match self {
            Self::Installer => "*/*",
            Self::Browser => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        }
    }
}
