use crate::device::SAFARI;

const DESKTOP: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                       Version/26.0 Safari/605.1.15";

/// How a person looks at a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct View {
    /// The page's width in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// From what.
    pub visitor: Visitor,
    /// In which colours.
    pub scheme: Scheme,
    /// Whether what a page brings may run.
    pub scripts: Scripts,
}

/// What a person sits at, as the browser tells servers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Visitor {
    /// An iPhone.
    IPhone,
    /// A computer.
    Desktop,
}

/// Which colours a person prefers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// Dark letters on a light ground.
    Light,
    /// Light letters on a dark ground.
    Dark,
}

/// Whether a page's scripts run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scripts {
    /// They do.
    On,
    /// They do not.
    Off,
}

impl View {
    /// Safari on an iPhone.
    #[must_use]
    pub const fn iphone(scheme: Scheme) -> Self {
        Self { width: 390, height: 844, visitor: Visitor::IPhone, scheme, scripts: Scripts::On }
    }

    /// A window on a desk.
    #[must_use]
    pub const fn desktop(scheme: Scheme) -> Self {
        Self { width: 1280, height: 900, visitor: Visitor::Desktop, scheme, scripts: Scripts::On }
    }

    /// The same with scripts off.
    #[must_use]
    pub const fn without_scripts(self) -> Self {
        Self { scripts: Scripts::Off, ..self }
    }

    pub(super) fn user_agent(&self) -> &'static str {
        match self.visitor {
            Visitor::IPhone => SAFARI,
            Visitor::Desktop => DESKTOP,
        }
    }
}
