use std::net::{IpAddr, SocketAddr};

use url::Url;

use crate::failure::Failure;
use crate::local_network::{LocalName, at_address, is_local_name, is_own, own_local_name, private_addresses};
use crate::mdns_responder::{MdnsResponder, Unclaimed};

/// How many names are tried after the machine's own, as other programs do: `studio-2.local`.
const OTHER_NAMES: std::ops::RangeInclusive<usize> = 2..=4;

/// How phones reach this machine: by a name where there is one that they can resolve.
pub(super) struct Host {
    way: Way,
    /// Addresses that lead here too.
    addresses: Vec<IpAddr>,
    /// Answers for the name while this is kept.
    _responder: Option<MdnsResponder>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Way {
    /// A name that was given; perhaps nobody here resolves it.
    Given(String, Option<Unclaimed>),
    /// This machine's name in the local network (multicast DNS).
    Local(String),
    /// An address in a private network, since no name was found.
    Private(IpAddr),
    /// This machine alone: it is in no network.
    ThisMachine,
}

impl Host {
    /// The best way there is.
    pub(super) async fn choose(given: Option<&str>, listen: SocketAddr) -> Result<Self, Failure> {
        let private = || {
            private_addresses(listen).map_err(|error| {
                Failure::not_done("this machine's addresses can't be listed").because(&error)
            })
        };
        if let Some(name) = given {
            check(name)?;
            return Ok(Self::given(name.to_owned(), private()?, listen.port()).await);
        }
        if listen.ip().is_loopback() {
            return Ok(Self::by(Way::ThisMachine));
        }
        let addresses = private()?;
        for name in own_names() {
            let responder = match LocalName::see_to(&name, &addresses, listen.port()).await {
                LocalName::Answered(found) if is_own(&found) => None,
                LocalName::Claimed(responder) => Some(responder),
                LocalName::Answered(_) | LocalName::Unclaimed(Unclaimed::Taken) => continue,
                LocalName::Unclaimed(Unclaimed::NoMulticast) => break,
            };
            return Ok(Self { way: Way::Local(name), addresses, _responder: responder });
        }
        Ok(Self::by(addresses.first().copied().map_or(Way::ThisMachine, Way::Private)))
    }

    async fn given(name: String, addresses: Vec<IpAddr>, port: u16) -> Self {
        if addresses.is_empty() || !is_local_name(&name) {
            return Self::by(Way::Given(name, None));
        }
        let (unclaimed, responder) = match LocalName::see_to(&name, &addresses, port).await {
            LocalName::Answered(_) => (None, None),
            LocalName::Claimed(responder) => (None, Some(responder)),
            LocalName::Unclaimed(reason) => (Some(reason), None),
        };
        Self { way: Way::Given(name, unclaimed), addresses, _responder: responder }
    }

    fn by(way: Way) -> Self {
        Self { way, addresses: Vec::new(), _responder: None }
    }

    /// The address of the server's root.
    pub(super) fn url(&self, port: u16) -> Result<Url, Failure> {
        let host = match &self.way {
            Way::Given(name, _) | Way::Local(name) => name.clone(),
            Way::Private(address) => SocketAddr::new(*address, port).ip().to_string(),
            Way::ThisMachine => "localhost".to_owned(),
        };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let url = Url::parse(&format!("https://{host}:{port}"));
        url.map_err(|error| Failure::usage(format_args!("{host} is no host")).because(&error))
    }

    /// The same by address, for phones that can't resolve the name.
    pub(super) fn other_urls(&self, url: &Url) -> Vec<Url> {
        self.addresses.iter().filter_map(|address| at_address(url, *address)).collect()
    }

    /// What to expect of it, where it is not the best.
    pub(super) fn advice(&self) -> Option<String> {
        match &self.way {
            Way::Given(_, None) | Way::Local(_) => None,
            Way::Given(name, Some(reason)) => Some(format!("{}: {}", reason.sentence(name), reason.help())),
            Way::Private(_) => Some(
                "no name was found that phones can resolve, so the link has this machine's address. It likely works; \
                 a name does better: --host NAME"
                    .to_owned(),
            ),
            Way::ThisMachine => Some(
                "only this machine can open the link. For phones, connect to their network, or use a tunnel: \
                 --public-url https://…"
                    .to_owned(),
            ),
        }
    }
}

/// This machine's name in the local network, and those to take when others have it.
fn own_names() -> impl Iterator<Item = String> {
    own_local_name().into_iter().flat_map(|name| {
        let label = name.trim_end_matches(".local").to_owned();
        let others = OTHER_NAMES.map(move |number| format!("{label}-{number}.local"));
        std::iter::once(name).chain(others)
    })
}

fn check(name: &str) -> Result<(), Failure> {
    match Url::parse(&format!("https://{name}")) {
        Ok(url) if url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name)) => Ok(()),
        _ => Err(Failure::usage(format_args!("{name:?} is no host name"))
            .help("name the host alone, such as --host studio.local")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_host_is_a_host_and_nothing_more() {
        for (name, fine) in [
            ("studio.local", true),
            ("Studio.local", true),
            ("192.168.1.7", true),
            ("studio.local:8443", false),
            ("https://studio.local", false),
            ("studio.local/i", false),
            ("", false),
        ] {
            assert_eq!(check(name).is_ok(), fine, "{name:?}");
        }
    }

    #[tokio::test]
    async fn a_server_on_the_loopback_address_is_for_this_machine() {
        let host = Host::choose(None, ([127, 0, 0, 1], 1).into()).await.unwrap();
        assert_eq!(host.way, Way::ThisMachine);
        let url = host.url(8443).unwrap();
        assert_eq!(url.as_str(), "https://localhost:8443/");
        assert_eq!(host.other_urls(&url), []);
    }
}
