use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Stands before servers that share an address and passes each connection on to one of them, TLS and all; it ends when
/// this is dropped.
#[derive(Debug)]
pub struct Balancer {
    targets: Arc<Mutex<Vec<u16>>>,
    stalled: Arc<Notify>,
    turned: Arc<Notify>,
    accepting: JoinHandle<()>,
}

impl Balancer {
    /// Listens on `port` and passes connections on to `targets` in turn, past those where nobody answers. The first
    /// connection that has brought its client `stall_after` bytes is stalled until [`turn_to`](Self::turn_to) breaks it.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn start(port: u16, targets: &[u16], stall_after: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let targets = Arc::new(Mutex::new(targets.to_vec()));
        let (stalled, turned) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let way = Way {
            stall_after,
            has_stalled: Arc::default(),
            stalled: Arc::clone(&stalled),
            turned: Arc::clone(&turned),
        };
        let towards = Arc::clone(&targets);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let way = way.clone();
                let in_turn = {
                    let mut targets = towards.lock().unwrap_or_else(PoisonError::into_inner);
                    targets.rotate_left(1);
                    targets.clone()
                };
                // A connection that breaks is what this is for.
                tokio::spawn(async move { drop(way.pass(client, &in_turn).await) });
            }
        });
        Ok(Self { targets, stalled, turned, accepting })
    }

    /// Done when a connection is stalled.
    pub async fn stalled(&self) {
        self.stalled.notified().await;
    }

    /// Passes new connections on to `target`, and breaks the one that is stalled.
    pub fn turn_to(&self, target: u16) {
        *self.targets.lock().unwrap_or_else(PoisonError::into_inner) = vec![target];
        self.turned.notify_waiters();
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[derive(Clone)]
struct Way {
    stall_after: u64,
    has_stalled: Arc<AtomicBool>,
    stalled: Arc<Notify>,
    turned: Arc<Notify>,
}

impl Way {
    async fn pass(self, mut client: TcpStream, ports: &[u16]) -> io::Result<()> {
        let addresses: Vec<_> =
            ports.iter().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, *port))).collect();
        let mut server = TcpStream::connect(&*addresses).await?;
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let down = async {
            let turned = self.turned.notified();
            let mut passed = 0;
            let mut piece = vec![0; 16 * 1024];
            loop {
                let read = from_server.read(&mut piece).await?;
                if read == 0 {
                    return to_client.shutdown().await;
                }
                to_client.write_all(&piece[..read]).await?;
                passed += read as u64;
                if passed >= self.stall_after && !self.has_stalled.swap(true, Ordering::SeqCst) {
                    break;
                }
            }
            self.stalled.notify_one();
            turned.await;
            Ok(())
        };
        tokio::select! {
            broken = down => broken,
            sent = copy(&mut from_client, &mut to_server) => sent.map(drop),
        }
    }
}
