//! Servers on loopback that serve a road, with all that is wrong with it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::road::{Body, End, Head, Host, Length, Manner, Ranges, Road, Served};

/// A road that is served. Its servers are gone when it is dropped.
pub(crate) struct Stage {
    ports: Ports,
    servers: JoinSet<()>,
    /// What is bound and takes no connection.
    deaf: Vec<Deaf>,
}

/// The port of each host.
#[derive(Clone, Debug)]
struct Ports(BTreeMap<Host, u16>);

enum Deaf {
    /// Bound, and nobody listens: connections are refused.
    Refusing { _socket: TcpSocket },
    /// Listens with a full queue: nothing comes back.
    Full { _listener: TcpListener, _waiting: TcpStream },
}

impl Stage {
    /// Serves the road.
    pub(crate) async fn raise(road: &Road) -> Self {
        let mut bound = Vec::new();
        for host in Host::ALL {
            let socket = TcpSocket::new_v4().expect("there is IPv4");
            socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port of this computer can be had");
            bound.push((host, socket));
        }
        let port = |socket: &TcpSocket| socket.local_addr().expect("it is bound").port();
        let ports = Ports(bound.iter().map(|(host, socket)| (*host, port(socket))).collect());
        let mut answers: BTreeMap<Host, BTreeMap<&'static str, Served>> = BTreeMap::new();
        for ((host, path), served) in &road.answers {
            answers.entry(*host).or_default().insert(*path, ports.written_into(served));
        }
        let mut stage = Self { ports, servers: JoinSet::new(), deaf: Vec::new() };
        for (host, socket) in bound {
            let answers = Arc::new(answers.remove(&host).unwrap_or_default());
            stage.open(host, socket, &road.manners[&host], answers).await;
        }
        stage
    }

    async fn open(&mut self, host: Host, socket: TcpSocket, manner: &Manner, answers: Arc<Answers>) {
        let tls = match manner {
            Manner::Unresolved | Manner::Foreign(_) => return,
            Manner::Refused => return self.deaf.push(Deaf::Refusing { _socket: socket }),
            Manner::Silent => {
                let listener = socket.listen(0).expect("the port is free");
                let waiting = TcpStream::connect(listener.local_addr().expect("it listens")).await;
                let waiting = waiting.expect("the queue takes one");
                return self.deaf.push(Deaf::Full { _listener: listener, _waiting: waiting });
            }
            Manner::Tls(certificates) => Some(TlsAcceptor::from(certificates.config(host.name()))),
            _ => None,
        };
        let listener = socket.listen(1024).expect("the port is free");
        let manner = Arc::new(manner.clone());
        self.servers.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (manner, answers, tls) = (Arc::clone(&manner), Arc::clone(&answers), tls.clone());
                connections.spawn(async move { take(stream, &manner, tls, &answers).await });
            }
        });
    }

    /// `text` with the port after each name of a host.
    pub(crate) fn written_into(&self, text: &str) -> String {
        self.ports.in_text(text)
    }
}

impl Ports {
    fn in_text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (host, port)| {
            text.replace(&format!("{}%2F", host.name()), &format!("{}%3A{port}%2F", host.name()))
                .replace(&format!("{}/", host.name()), &format!("{}:{port}/", host.name()))
        })
    }

    fn written_into(&self, served: &Served) -> Served {
        let mut served = served.clone();
        if let Body::Text(text) = &served.body {
            served.body = Body::Bytes(self.in_text(text).into_bytes());
        }
        for (_, value) in &mut served.fields {
            *value = self.in_text(value);
        }
        served.for_installer = served.for_installer.map(|served| Box::new(self.written_into(&served)));
        served
    }
}

type Answers = BTreeMap<&'static str, Served>;

/// The first byte of a TLS connection: a handshake record.
const HANDSHAKE: u8 = 22;

async fn take(mut stream: TcpStream, manner: &Manner, tls: Option<TlsAcceptor>, answers: &Answers) {
    match (manner, tls) {
        (Manner::Tls(_), Some(tls)) if begins_with_handshake(&stream).await => {
            if let Ok(stream) = tls.accept(stream).await {
                converse(stream, answers).await;
            }
        }
        (Manner::Plain, _) if begins_with_handshake(&stream).await => {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
        }
        (Manner::Tls(_) | Manner::Plain, _) => converse(stream, answers).await,
        (Manner::Mute, _) => std::future::pending().await,
        (Manner::Saying(bytes), _) => {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(bytes).await;
        }
        _ => {
            let _ = stream.read(&mut [0; 4096]).await;
        }
    }
}

async fn begins_with_handshake(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0] == HANDSHAKE
}

/// What was asked for.
struct Request {
    is_head: bool,
    path: String,
    is_of_installer: bool,
    range: Option<(usize, usize)>,
}

/// The longest header of a request.
const REQUEST_BYTES: usize = 16 << 10;

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut seen = Vec::new();
    // Nobody sends a request before the last is answered.
    while !seen.ends_with(b"\r\n\r\n") {
        let is_more = stream.read_buf(&mut seen).await.ok()? > 0 && seen.len() <= REQUEST_BYTES;
        is_more.then_some(())?;
    }
    let text = String::from_utf8(seen).ok()?;
    let mut lines = text.lines();
    let (method, rest) = lines.next()?.split_once(' ')?;
    let (target, _) = rest.split_once(" HTTP/1.")?;
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let mut request = Request { is_head: method == "HEAD", path, is_of_installer: false, range: None };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name.to_ascii_lowercase().as_str() {
            "user-agent" => request.is_of_installer = value.contains("appstored"),
            "range" => {
                let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
                request.range = Some((first.parse().ok()?, last.parse().ok()?));
            }
            _ => {}
        }
    }
    Some(request)
}

/// Answers request after request until somebody closes the connection.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, answers: &Answers) {
    let nothing = Served { body: Body::Bytes(b"nothing there".to_vec()), ..Served::status(404) };
    while let Some(request) = read_request(&mut stream).await {
        let served = answers.get(&*request.path).unwrap_or(&nothing);
        let served = match &served.for_installer {
            Some(other) if request.is_of_installer => other,
            _ => served,
        };
        if !answer(&mut stream, &request, served).await {
            break;
        }
    }
}

/// Answers, and says whether the connection may serve for more.
async fn answer(stream: &mut (impl AsyncWrite + Unpin), request: &Request, served: &Served) -> bool {
    let Body::Bytes(whole) = &served.body else { unreachable!("texts have their ports by now") };
    match (served.end, request.is_head.then_some(served.head)) {
        (End::Never, _) | (_, Some(Head::Never)) => std::future::pending().await,
        (End::Dropped, _) | (_, Some(Head::Dropped)) => return false,
        (End::HeaderFlood, _) => {
            let mut flood = b"HTTP/1.1 200 OK\r\n".to_vec();
            for field in 0..20_000 {
                write!(flood, "X-Field-{field}: of very many\r\n").expect("memory takes it");
            }
            let _ = stream.write_all(&flood).await;
            return false;
        }
        _ => {}
    }
    let (header, body) = header(request, served, whole);
    if stream.write_all(&header).await.is_err() {
        return false;
    }
    if request.is_head {
        return stream.flush().await.is_ok();
    }
    match served.end {
        End::CutAfter(bytes) => {
            let _ = stream.write_all(&body[..bytes.min(body.len())]).await;
            let _ = stream.flush().await;
            false
        }
        End::MuteAfter(bytes) => {
            let _ = stream.write_all(&body[..bytes.min(body.len())]).await;
            let _ = stream.flush().await;
            std::future::pending().await
        }
        End::Endless => {
            while stream.write_all(body).await.is_ok() {}
            false
        }
        End::Dripping => {
            let mut drips = tokio::time::interval(DRIP);
            for byte in body.iter().cycle() {
                drips.tick().await;
                if stream.write_all(&[*byte]).await.is_err() || stream.flush().await.is_err() {
                    break;
                }
            }
            false
        }
        _ => {
            let is_written = stream.write_all(body).await.is_ok() && stream.flush().await.is_ok();
            if served.length == Length::Untold {
                let _ = stream.shutdown().await;
            }
            is_written && served.length == Length::Right
        }
    }
}

/// How far apart bytes that drip are.
const DRIP: Duration = Duration::from_millis(50);

fn header<'b>(request: &Request, served: &Served, whole: &'b [u8]) -> (Vec<u8>, &'b [u8]) {
    static ZEROS: [u8; 1 << 20] = [0; 1 << 20];
    let mut status = served.status;
    let mut body = whole;
    let mut content_range = None;
    if let Some((first, last)) = request.range.filter(|_| status == 200) {
        let last = last.min(whole.len().saturating_sub(1));
        let part = whole.get(first..=last).unwrap_or_default();
        match served.ranges {
            Ranges::Ignored => {}
            Ranges::Refused(refusal) => (status, body) = (refusal, &[]),
            Ranges::Served => {
                (status, body, content_range) = (206, part, Some((first, last)));
            }
            Ranges::OtherBytes => {
                (status, body, content_range) = (206, &ZEROS[..part.len()], Some((first, last)));
            }
            Ranges::FromStart => {
                (status, body, content_range) = (206, &whole[..part.len()], Some((0, part.len() - 1)));
            }
        }
    }
    let mut length = body.len();
    if request.is_head {
        match served.head {
            Head::Refused(refusal) => status = refusal,
            Head::OtherLength => length += 1000,
            _ => {}
        }
    }
    let mut header = Vec::new();
    let mut line = |text: &str| header.extend_from_slice(&[text.as_bytes(), b"\r\n"].concat());
    line(&format!("HTTP/1.1 {status} Status"));
    if let Some(kind) = served.kind {
        line(&format!("Content-Type: {kind}"));
    }
    match (served.length, served.end) {
        (Length::Untold, _) | (_, End::Endless | End::Dripping) => line("Connection: close"),
        (Length::Right, _) => line(&format!("Content-Length: {length}")),
    }
    if served.ranges != Ranges::Ignored {
        line("Accept-Ranges: bytes");
    }
    if let Some((first, last)) = content_range {
        line(&format!("Content-Range: bytes {first}-{last}/{}", whole.len()));
    }
    for (name, value) in &served.fields {
        line(&format!("{name}: {value}"));
    }
    line("");
    (header, body)
}
