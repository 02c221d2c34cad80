//! Two machines on one wire: network namespaces, in which multicast goes from one to the other.

use std::fs::File;
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// The wire, and what is at its ends; taken down when this is dropped.
pub(crate) struct Network {
    names: [String; 2],
}

/// A machine at the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    Here,
    There,
}

impl Machine {
    pub(crate) fn address(self) -> &'static str {
        match self {
            Self::Here => "192.168.77.1",
            Self::There => "192.168.77.2",
        }
    }
}

impl Network {
    /// `None`, with a word about it, where no namespaces can be made.
    pub(crate) fn lay() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let names = ["a", "b"].map(|end| format!("airstair-{}-{number}{end}", std::process::id()));
        // What was made is taken away again, should the rest fail.
        let network = Self { names };
        let [here, there] = &network.names;
        let wire =
            ["link", "add", "lan0", "netns", here, "type", "veth", "peer", "name", "lan0", "netns", there];
        let made = ip(&["netns", "add", here])
            && ip(&["netns", "add", there])
            && ip(&wire)
            && [Machine::Here, Machine::There].into_iter().all(|machine| {
                let (name, address) = (network.name(machine), format!("{}/24", machine.address()));
                ip(&["-n", name, "address", "add", &address, "dev", "lan0"])
                    && ip(&["-n", name, "link", "set", "lo", "up"])
                    && ip(&["-n", name, "link", "set", "lan0", "up"])
            });
        if !made {
            eprintln!("SKIPPED: no network namespaces can be made here; run as root, with iproute2");
            return None;
        }
        network.wait();
        Some(network)
    }

    /// Waits until both ends carry. The kernel tells nobody but those who ask.
    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        for name in &self.names {
            let carries = || {
                let shown = Command::new("ip").args(["-n", name, "link", "show", "lan0"]).output();
                shown.is_ok_and(|shown| String::from_utf8_lossy(&shown.stdout).contains("state UP"))
            };
            while !carries() {
                assert!(Instant::now() < deadline, "the wire at {name} does not carry");
                std::thread::yield_now();
            }
        }
    }

    /// Does this at one of the machines: sockets and processes that it makes are there.
    pub(crate) fn at<T: Send>(&self, machine: Machine, act: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/run/netns/{}", self.name(machine))).expect("a namespace");
        let moved = || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .expect("a namespace to enter");
            act()
        };
        std::thread::scope(|scope| scope.spawn(moved).join()).expect("no panic at the machine")
    }

    fn name(&self, machine: Machine) -> &str {
        match machine {
            Machine::Here => &self.names[0],
            Machine::There => &self.names[1],
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "delete", name]);
        }
    }
}

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).output().is_ok_and(|output| output.status.success())
}
