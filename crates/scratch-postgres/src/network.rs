use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The network between a [`Server`](crate::Server) and those who reach it through here, which breaks when it is told
/// to. Every connection through it is closed when this is dropped.
#[derive(Debug)]
pub struct Network {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Break {
    /// It is closed.
    Cut,
    /// It stays open, and nothing comes through it any more, ever.
    Silence,
}

#[derive(Debug, Default)]
struct State {
    is_silent: bool,
    is_over: bool,
    trap: Option<Trap>,
    connections: Vec<Connection>,
}

#[derive(Debug)]
struct Trap {
    word: &'static str,
    then: Break,
    sprung: Sender<()>,
}

#[derive(Debug)]
struct Connection {
    client: TcpStream,
    server: UnixStream,
    is_dead: Arc<AtomicBool>,
}

impl Network {
    /// Listens on a free port of `127.0.0.1` and leads to the server behind `socket`.
    pub(crate) fn before(socket: PathBuf) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if lock(&shared).is_over {
                    return;
                }
                // While the server is away its network is there, and closes what nobody answers.
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                // A connection that breaks is what this is for.
                let _ = connect(client, server, &shared);
            }
        });
        Ok(Self { port, state })
    }

    /// The address of a database through here.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }

    /// Breaks every connection that there is.
    pub fn cut(&self) {
        lock(&self.state).connections.drain(..).for_each(|connection| connection.close());
    }

    /// Drops whatever is sent from now on, on old and new connections, without a word.
    pub fn fall_silent(&self) {
        let mut state = lock(&self.state);
        state.is_silent = true;
        for connection in &state.connections {
            connection.is_dead.store(true, Ordering::SeqCst);
        }
    }

    /// Passes new connections on again; those that fell silent stay so.
    pub fn heal(&self) {
        lock(&self.state).is_silent = false;
    }

    /// Passes on the next thing with `word` in it that a client sends, and breaks that connection before the answer
    /// comes. The receiver hears when the server has answered.
    #[must_use]
    pub fn break_at(&self, word: &'static str, then: Break) -> Receiver<()> {
        let (sprung, has_sprung) = mpsc::channel();
        lock(&self.state).trap = Some(Trap { word, then, sprung });
        has_sprung
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        lock(&self.state).is_over = true;
        self.cut();
        // Wakes the thread that listens; it may be gone.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Connection {
    fn close(&self) {
        // The other end may have done it.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }

    fn try_clone(&self) -> io::Result<Self> {
        let (client, server) = (self.client.try_clone()?, self.server.try_clone()?);
        Ok(Self { client, server, is_dead: Arc::clone(&self.is_dead) })
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(client: TcpStream, server: UnixStream, state: &Arc<Mutex<State>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let is_dead = AtomicBool::new(lock(state).is_silent).into();
    let connection = Connection { client, server, is_dead };
    let (up, down) = (connection.try_clone()?, connection.try_clone()?);
    lock(state).connections.push(connection);
    let (trap, trapped) = mpsc::channel();
    let shared = Arc::clone(state);
    thread::spawn(move || drop(pass_up(up, &shared, &trap)));
    thread::spawn(move || drop(pass_down(down, &trapped)));
    Ok(())
}

/// What the client says. Hands a trap that it steps into over to the way down.
fn pass_up(mut on: Connection, state: &Mutex<State>, trap: &Sender<Trap>) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = on.client.read(&mut piece)?;
        if on.is_dead.load(Ordering::SeqCst) {
            return Ok(());
        }
        if read == 0 {
            on.close();
            return Ok(());
        }
        let said = &piece[..read];
        let steps_into =
            |trap: &mut Trap| said.windows(trap.word.len()).any(|window| window == trap.word.as_bytes());
        if let Some(sprung) = lock(state).trap.take_if(steps_into) {
            // The way down may be closed.
            let _ = trap.send(sprung);
        }
        on.server.write_all(said)?;
    }
}

/// What the server answers.
fn pass_down(mut on: Connection, trapped: &Receiver<Trap>) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = on.server.read(&mut piece)?;
        if on.is_dead.load(Ordering::SeqCst) {
            return Ok(());
        }
        if let Ok(trap) = trapped.try_recv() {
            match trap.then {
                Break::Cut => on.close(),
                Break::Silence => on.is_dead.store(true, Ordering::SeqCst),
            }
            // Who set the trap may not wait.
            let _ = trap.sprung.send(());
            return Ok(());
        }
        if read == 0 {
            on.close();
            return Ok(());
        }
        on.client.write_all(&piece[..read])?;
    }
}
