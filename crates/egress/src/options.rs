use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

/// How a client goes about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether it may connect to addresses that are not public.
    pub may_reach_private: bool,
    /// Names whose addresses are given instead of looked up.
    pub pins: Vec<Pin>,
    /// How long a look-up, a connection and a handshake may take, each.
    pub connect_timeout: Duration,
    /// How long a host may take to answer a request, and to go on within an answer.
    pub answer_timeout: Duration,
}

/// Public addresses only, 10 s for each step of connecting, 30 s for each wait.
impl Default for Options {
    fn default() -> Self {
        Self {
            may_reach_private: false,
            pins: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
        }
    }
}

/// Addresses to take a name for, instead of looking it up: `NAME:ADDRESS`, or as curl has it,
/// `NAME:PORT:ADDRESS[,ADDRESS]`.
///
/// ```
/// use egress::Pin;
///
/// let pin: Pin = "apps.example.com:443:192.0.2.7,[2001:db8::7]".parse()?;
/// assert_eq!(pin.port, Some(443));
/// assert_eq!(pin.addresses.len(), 2);
/// assert_eq!("apps.example.com:2001:db8::7".parse::<Pin>()?.port, None);
/// # Ok::<(), egress::PinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pin {
    /// The name, in lower case.
    pub name: String,
    /// The port it holds for; any where there is none.
    pub port: Option<u16>,
    /// The addresses; never empty.
    pub addresses: Vec<IpAddr>,
}

/// Why a text is no [`Pin`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is not NAME:ADDRESS, or NAME:PORT:ADDRESS[,ADDRESS] as curl has it")]
pub struct PinError {
    text: String,
}

impl Pin {
    pub(crate) fn is_for(&self, name: &str, port: u16) -> bool {
        self.name.eq_ignore_ascii_case(name) && self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let error = || PinError { text: text.to_owned() };
        let (name, rest) = text.split_once(':').ok_or_else(error)?;
        if name.is_empty() {
            return Err(error());
        }
        let name = name.to_ascii_lowercase();
        if let Some(addresses) = addresses(rest) {
            return Ok(Self { name, port: None, addresses });
        }
        let (port, rest) = rest.split_once(':').ok_or_else(error)?;
        let port = port.parse().map_err(|_| error())?;
        let addresses = addresses(rest).ok_or_else(error)?;
        Ok(Self { name, port: Some(port), addresses })
    }
}

fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    let bare = |address: &str| address.trim_matches(['[', ']']).parse().ok();
    text.split(',').map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_as_curl_reads_them_and_shorter() {
        for (text, port, addresses) in [
            ("h.example:127.0.0.1", None, &["127.0.0.1"][..]),
            ("H.example:8443:127.0.0.1", Some(8443), &["127.0.0.1"]),
            ("h.example:443:::1", Some(443), &["::1"]),
            ("h.example:::1", None, &["::1"]),
            ("h.example:[::1]", None, &["::1"]),
            ("h.example:443:10.0.0.1,[fd00::1]", Some(443), &["10.0.0.1", "fd00::1"]),
        ] {
            let pin: Pin = text.parse().unwrap();
            assert_eq!((pin.name.as_str(), pin.port), ("h.example", port), "{text}");
            let expected: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!(pin.addresses, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for text in [
            "",
            "h.example",
            ":127.0.0.1",
            "h.example:443",
            "h.example:99999:127.0.0.1",
            "h.example:443:other",
        ] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
