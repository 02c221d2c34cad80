//! Connecting to a host that has several addresses, after RFC 8305: one after the other, without waiting for those that
//! hang.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::{Attempt, ConnectError};

/// How long an address may take before the next is tried beside it (RFC 8305, 8).
const HEAD_START: Duration = Duration::from_millis(250);
/// The most addresses that are tried.
const ADDRESSES: usize = 8;

/// What came of it: the first connection, and of all that were tried how far they came.
pub(crate) struct Raced {
    pub(crate) stream: Option<TcpStream>,
    pub(crate) attempts: Vec<Attempt>,
}

pub(crate) async fn connect(addresses: &[IpAddr], port: u16, limit: Duration) -> Raced {
    let mut waiting = addresses.iter().copied().take(ADDRESSES);
    let mut running = FuturesUnordered::new();
    let mut attempts = Vec::new();
    let one = |address: IpAddr| async move {
        let begun = Instant::now();
        let connected = timeout(limit, TcpStream::connect(SocketAddr::new(address, port))).await;
        let outcome = match connected {
            Ok(Ok(stream)) => Ok((stream, begun.elapsed())),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(ConnectError::Silent { after: limit }),
        };
        (address, outcome)
    };
    running.extend(waiting.next().map(one));
    loop {
        let is_more_to_try = waiting.len() > 0;
        tokio::select! {
            ended = running.next() => match ended {
                Some((address, Ok((stream, after)))) => {
                    attempts.push(Attempt { address, outcome: Ok(after) });
                    return Raced { stream: Some(stream), attempts };
                }
                Some((address, Err(error))) => {
                    attempts.push(Attempt { address, outcome: Err(error) });
                    running.extend(waiting.next().map(one));
                }
                None => return Raced { stream: None, attempts },
            },
            () = sleep(HEAD_START), if is_more_to_try => running.extend(waiting.next().map(one)),
        }
    }
}

fn reason(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        _ => ConnectError::Network { reason: error.to_string() },
    }
}

/// What all attempts come to: what the likeliest address failed with, and a refusal before silence, since it was an
/// answer.
pub(crate) fn verdict(attempts: &[Attempt]) -> ConnectError {
    let failures = || attempts.iter().filter_map(|tried| tried.outcome.as_ref().err());
    let refused = failures().find(|error| **error == ConnectError::Refused);
    let silent = failures().find(|error| matches!(error, ConnectError::Silent { .. }));
    let any = refused.or(silent).or_else(|| failures().next());
    any.cloned().unwrap_or_else(|| ConnectError::Network { reason: "there was no address to try".to_owned() })
}
