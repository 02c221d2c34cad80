use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use tls::{Reach, local_addresses};
use url::Url;

use crate::failure::Failure;

/// How phones reach this machine: by a name where there is one that they can resolve.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Host {
    /// A name that was given.
    Given(String),
    /// This machine's name in the local network (multicast DNS).
    Local(String),
    /// An address in a private network, since no name was found.
    Private(IpAddr),
    /// This machine alone: it is in no network.
    ThisMachine,
}

impl Host {
    /// The best way there is.
    pub(super) fn choose(given: Option<&str>, listen: SocketAddr) -> Result<Self, Failure> {
        if let Some(name) = given {
            return match Url::parse(&format!("https://{name}")) {
                Ok(url) if url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name)) => {
                    Ok(Self::Given(name.to_owned()))
                }
                _ => Err(Failure::usage(format_args!("{name:?} is no host name"))
                    .help("name the host alone, such as --host studio.local")),
            };
        }
        if listen.ip().is_loopback() {
            return Ok(Self::ThisMachine);
        }
        let addresses = local_addresses()
            .map_err(|error| Failure::not_done("this machine's addresses can't be listed").because(&error))?;
        let own: Vec<IpAddr> = addresses.iter().map(|local| local.address).collect();
        if let Some(name) = local_name(&own) {
            return Ok(Self::Local(name));
        }
        let private = addresses.iter().find(|local| local.reach == Reach::Private && local.address.is_ipv4());
        Ok(private.map_or(Self::ThisMachine, |local| Self::Private(local.address)))
    }

    /// The address of the server's root.
    pub(super) fn url(&self, port: u16) -> Result<Url, Failure> {
        let host = match self {
            Self::Given(name) | Self::Local(name) => name.clone(),
            Self::Private(address) => address.to_string(),
            Self::ThisMachine => "localhost".to_owned(),
        };
        let url = Url::parse(&format!("https://{host}:{port}"));
        url.map_err(|error| Failure::usage(format_args!("{host} is no host")).because(&error))
    }

    /// What to expect of it, where it is not the best.
    pub(super) fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Given(_) | Self::Local(_) => None,
            Self::Private(_) => Some(
                "no name was found that phones can resolve, so the link has this machine's address. It likely works; \
                 a name does better: --host NAME",
            ),
            Self::ThisMachine => Some(
                "only this machine can open the link. For phones, connect to their network, or use a tunnel: \
                 --public-url https://…",
            ),
        }
    }
}

/// `<host name>.local`, when it leads to one of this machine's own addresses.
fn local_name(own: &[IpAddr]) -> Option<String> {
    let name = gethostname::gethostname().into_string().ok()?;
    let label = name.split('.').next().filter(|label| !label.is_empty() && *label != "localhost")?;
    let name = format!("{}.local", label.to_ascii_lowercase());
    let mut found = (name.as_str(), 0).to_socket_addrs().ok()?;
    found.any(|address| own.contains(&address.ip()) && !address.ip().is_loopback()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_host_is_a_host_and_nothing_more() {
        let listen = ([0, 0, 0, 0], 8443).into();
        for (name, fine) in [
            ("studio.local", true),
            ("Studio.local", true),
            ("192.168.1.7", true),
            ("studio.local:8443", false),
            ("https://studio.local", false),
            ("studio.local/i", false),
            ("", false),
        ] {
            assert_eq!(Host::choose(Some(name), listen).is_ok(), fine, "{name:?}");
        }
    }

    #[test]
    fn a_server_on_the_loopback_address_is_for_this_machine() {
        assert_eq!(Host::choose(None, ([127, 0, 0, 1], 1).into()).ok(), Some(Host::ThisMachine));
        assert_eq!(
            Host::ThisMachine.url(8443).ok().map(String::from),
            Some("https://localhost:8443/".to_owned())
        );
    }
}
