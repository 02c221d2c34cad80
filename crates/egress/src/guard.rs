use std::net::IpAddr;

use ip_reach::Reach;
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::{ConnectError, Options};

/// The addresses of a host, looked up once; of an address, itself.
pub(crate) async fn look_up(name: &str, port: u16, options: &Options) -> Result<Vec<IpAddr>, ConnectError> {
    if let Some(pin) = options.pins.iter().find(|pin| pin.is_for(name, port)) {
        return Ok(pin.addresses.clone());
    }
    if let Ok(address) = name.parse() {
        return Ok(vec![address]);
    }
    let not_resolved = |reason: String| ConnectError::NotResolved { reason };
    let found = timeout(options.connect_timeout, lookup_host((name, port)))
        .await
        .map_err(|_| not_resolved(format!("no answer within {} s", options.connect_timeout.as_secs_f32())))?
        .map_err(|error| not_resolved(error.to_string()))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map(|address| address.ip()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(not_resolved("it has no address".to_owned())) } else { Ok(addresses) }
}

/// Those of a host's addresses that may be connected to.
pub(crate) fn allowed(addresses: &[IpAddr], options: &Options) -> Result<Vec<IpAddr>, ConnectError> {
    let is_allowed = |address: &&IpAddr| options.may_reach_private || Reach::of(**address) == Reach::Public;
    let allowed: Vec<IpAddr> = addresses.iter().filter(is_allowed).copied().collect();
    if allowed.is_empty() {
        Err(ConnectError::NotAllowed { addresses: addresses.to_vec() })
    } else {
        Ok(allowed)
    }
}
