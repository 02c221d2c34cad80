//! Answers multicast DNS for this machine's name where the system has nobody who does.

use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{DaemonEvent, HostnameResolutionEvent, IfKind, RRType, Receiver, ServiceDaemon, ServiceInfo};

/// What announces itself with the name: multicast DNS knows hosts by what they offer.
const SERVICE: &str = "_airstair._tcp.local.";

/// Asking three times whether somebody has the name takes a second.
const CLAIM_WITHIN: Duration = Duration::from_secs(4);

/// An answer from this machine takes a fraction of a second.
const HEARD_WITHIN: Duration = Duration::from_secs(2);

/// Answers for a name until it is dropped; then it takes the name back.
pub(crate) struct MdnsResponder {
    daemon: ServiceDaemon,
}

/// Why a name can't be answered for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unclaimed {
    /// Another machine of the network has it.
    Taken,
    /// What is sent to the network's multicast address is not heard.
    NoMulticast,
}

impl Unclaimed {
    /// What is the matter, in one sentence without a full stop.
    pub(crate) fn sentence(self, name: &str) -> String {
        match self {
            Self::Taken => format!("another machine of this network answers for {name}"),
            Self::NoMulticast => format!("nobody resolves {name}, and it can't be announced in this network"),
        }
    }

    /// What the person can do about it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Taken => "phones go to that machine; choose another name",
            Self::NoMulticast => "phones find it only if a name server of their network knows it",
        }
    }
}

impl MdnsResponder {
    /// Answers that the host `name`, such as `studio.local`, has these addresses, each in its own network.
    ///
    /// Asks the networks first whether somebody has the name (RFC 6762, section 8.1), and listens in the end whether the
    /// answer is heard.
    pub(crate) async fn claim(name: &str, addresses: &[IpAddr], port: u16) -> Result<Self, Unclaimed> {
        if addresses.is_empty() {
            return Err(Unclaimed::NoMulticast);
        }
        let host = format!("{name}.");
        let responder = Self { daemon: daemon_on(addresses)? };
        let events = responder.daemon.monitor().map_err(|_| Unclaimed::NoMulticast)?;
        // Two of this machine's servers have one name and two ports.
        let instance = format!("{name} {port}");
        let no_texts: &[(&str, &str)] = &[];
        let mut service = ServiceInfo::new(SERVICE, &instance, &host, addresses, port, no_texts)
            .map_err(|_| Unclaimed::NoMulticast)?;
        service.set_interfaces(interfaces(addresses));
        responder.daemon.register(service).map_err(|_| Unclaimed::NoMulticast)?;
        let announced = tokio::time::timeout(CLAIM_WITHIN, announced(&events, &host)).await;
        announced.map_err(|_| Unclaimed::NoMulticast)??;
        if !is_heard(&host, addresses).await {
            return Err(Unclaimed::NoMulticast);
        }
        Ok(responder)
    }
}

impl Drop for MdnsResponder {
    fn drop(&mut self) {
        // It says goodbye to the networks first.
        if let Ok(stopped) = self.daemon.shutdown() {
            let _ = stopped.recv_timeout(Duration::from_secs(1));
        }
    }
}

/// Speaks and listens on the networks of these addresses alone.
fn daemon_on(addresses: &[IpAddr]) -> Result<ServiceDaemon, Unclaimed> {
    let daemon = ServiceDaemon::new().map_err(|_| Unclaimed::NoMulticast)?;
    daemon.disable_interface(IfKind::All).map_err(|_| Unclaimed::NoMulticast)?;
    daemon.enable_interface(interfaces(addresses)).map_err(|_| Unclaimed::NoMulticast)?;
    Ok(daemon)
}

fn interfaces(addresses: &[IpAddr]) -> Vec<IfKind> {
    addresses.iter().copied().map(IfKind::Addr).collect()
}

/// Waits until the host is announced under its own name.
async fn announced(events: &Receiver<DaemonEvent>, host: &str) -> Result<(), Unclaimed> {
    loop {
        match events.recv_async().await {
            // The second part begins with the host's name, which is another one after a conflict.
            Ok(DaemonEvent::Announce(_, of_host)) if of_host.starts_with(host) => return Ok(()),
            Ok(DaemonEvent::Announce(..)) => return Err(Unclaimed::Taken),
            Ok(DaemonEvent::NameChange(change)) if matches!(change.rr_type, RRType::A | RRType::AAAA) => {
                return Err(Unclaimed::Taken);
            }
            Ok(_) => {}
            Err(_) => return Err(Unclaimed::NoMulticast),
        }
    }
}

/// Whether somebody who asks the networks is told one of the addresses.
async fn is_heard(host: &str, addresses: &[IpAddr]) -> bool {
    let Ok(asking) = daemon_on(addresses) else { return false };
    let within = u64::try_from(HEARD_WITHIN.as_millis()).ok();
    let Ok(answers) = asking.resolve_hostname(host, within) else { return false };
    let mut heard = false;
    while let Ok(event) = answers.recv_async().await {
        match event {
            HostnameResolutionEvent::AddressesFound(_, found) => {
                heard = found.iter().any(|found| addresses.contains(&found.to_ip_addr()));
                if heard {
                    break;
                }
            }
            HostnameResolutionEvent::SearchTimeout(_) | HostnameResolutionEvent::SearchStopped(_) => break,
            _ => {}
        }
    }
    let _ = asking.shutdown();
    heard
}
