use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::Protocol;

use crate::cores::{Core, on};

/// What h2load is to ask for.
#[derive(Clone, Copy)]
pub(crate) struct Load<'a> {
    pub(crate) url: &'a str,
    pub(crate) protocol: Protocol,
    /// Each with a connection of its own, on which it asks for one thing after the other.
    pub(crate) clients: usize,
    pub(crate) until: Until,
    /// How much of the file, from its beginning; all of it when `None`.
    pub(crate) part_bytes: Option<u64>,
}

/// When it ends.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After so many requests of all clients together.
    Requests(usize),
    Seconds(u64),
}

/// What it got.
#[derive(Debug, PartialEq)]
pub(crate) struct Loaded {
    pub(crate) seconds: f64,
    pub(crate) requests: f64,
    /// Of bodies alone.
    pub(crate) bytes: f64,
}

impl Load<'_> {
    pub(crate) fn run(self) -> Result<Loaded> {
        let mut command = Command::new("h2load");
        if self.protocol == Protocol::Http1 {
            command.arg("--h1");
        }
        // Windows of 16 MiB: a client that wants its package, not one that takes all there is.
        command.args(["--window-bits=24", "--connection-window-bits=24"]);
        command.arg("--tls13-ciphers=TLS_AES_128_GCM_SHA256").arg(format!("--clients={}", self.clients));
        match self.until {
            Until::Requests(requests) => command.arg(format!("--requests={requests}")),
            Until::Seconds(seconds) => command.arg(format!("--duration={seconds}")),
        };
        if let Some(bytes) = self.part_bytes {
            command.arg(format!("--header=range: bytes=0-{}", bytes - 1));
        }
        let output = on(Core::Client, || command.arg(self.url).output()).context("h2load can't be run")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let loaded = read(&said).with_context(|| format!("h2load said:\n{said}"))?;
        ensure!(loaded.requests > 0.0 && said.contains(" 0 failed, 0 errored"), "h2load said:\n{said}");
        Ok(loaded)
    }
}

fn read(said: &str) -> Option<Loaded> {
    let line = |start: &str| said.lines().find_map(|line| line.strip_prefix(start));
    let seconds = seconds(line("finished in ")?.split(',').next()?)?;
    let requests = line("requests: ")?.split(", ").find_map(|part| part.strip_suffix(" succeeded"))?;
    let data = line("traffic: ")?.strip_suffix(") data")?.rsplit('(').next()?;
    Some(Loaded { seconds, requests: requests.parse().ok()?, bytes: data.parse().ok()? })
}

fn seconds(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_h2load_says_is_read() {
        let said = "\
finished in 3.00s, 3.67 req/s, 1.02GB/s
requests: 75 total, 75 started, 11 done, 11 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 11 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 3.07GB (3294967296) total, 24.81KB (25408) headers (space savings 0.00%), 3.06GB (3294000000) data
";
        let expected = Loaded { seconds: 3.0, requests: 11.0, bytes: 3_294_000_000.0 };
        assert_eq!(read(said), Some(expected));
        assert_eq!(seconds("250.00ms"), Some(0.25));
        assert_eq!(read("failed"), None);
    }
}
