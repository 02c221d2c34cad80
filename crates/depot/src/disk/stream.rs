use std::{
    collections::VecDeque,
    fs::File,
    future::Future as _,
    io,
    ops::Range,
    os::unix::fs::FileExt as _,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::task::JoinHandle;

use crate::{
    BlobStream,
    blob::{PIECE_BYTES, Source},
};

/// Pieces a stream keeps hold of to use their memory again: as many as an HTTP/1 connection has on its way.
const POOL_PIECES: usize = 2;

/// An open file that any number of streams read.
pub(super) struct FileSource(Arc<File>);

impl FileSource {
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(file))
    }
}

impl Source for FileSource {
    fn stream(&self, range: Range<u64>) -> BlobStream {
        BlobStream::new(FileStream {
            file: Arc::clone(&self.0),
            left: range,
            pool: Pool::default(),
            job: None,
            cached: CachedReads::Worthwhile,
        })
    }
}

struct FileStream {
    file: Arc<File>,
    left: Range<u64>,
    pool: Pool,
    job: Option<JoinHandle<io::Result<BytesMut>>>,
    cached: CachedReads,
}

/// Whether the file system can say "that would block".
#[derive(Clone, Copy, Eq, PartialEq)]
enum CachedReads {
    Worthwhile,
    Unsupported,
}

impl FileStream {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<BytesMut>> {
        if self.job.is_none() {
            let wanted =
                usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX).min(PIECE_BYTES);
            let mut piece = self.pool.take(wanted);
            if self.cached == CachedReads::Worthwhile {
                match read_cached(&self.file, &mut piece, self.left.start) {
                    Ok(read) => {
                        piece.truncate(read);
                        return Poll::Ready(Ok(piece));
                    }
                    Err(cause) if cause.kind() == io::ErrorKind::Unsupported => {
                        self.cached = CachedReads::Unsupported;
                    }
                    // It would block, or it fails: the blocking read finds out.
                    Err(_) => {}
                }
            }
            let (file, offset) = (Arc::clone(&self.file), self.left.start);
            self.job = Some(tokio::task::spawn_blocking(move || {
                let read = read_blocking(&file, &mut piece, offset)?;
                piece.truncate(read);
                Ok(piece)
            }));
        }
        let job = self.job.as_mut().expect("set above where it was missing");
        let piece = ready!(Pin::new(job).poll(context));
        self.job = None;
        Poll::Ready(piece.map_err(io::Error::from).flatten())
    }
}

impl Stream for FileStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let piece = match ready!(self.poll_piece(context)) {
            Ok(piece) if piece.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            other => other,
        };
        match piece {
            Ok(piece) => {
                self.left.start += piece.len() as u64;
                Poll::Ready(Some(Ok(self.pool.lend(piece))))
            }
            Err(cause) => {
                self.left.start = self.left.end;
                Poll::Ready(Some(Err(cause)))
            }
        }
    }
}

/// Reads what the page cache holds, without ever waiting for the disk; at most what was asked for, perhaps less.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    preadv2(file, &mut [io::IoSliceMut::new(piece)], offset, ReadWriteFlags::NOWAIT).map_err(|number| {
        match number {
            Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL => io::ErrorKind::Unsupported.into(),
            other => other.into(),
        }
    })
}

/// Only Linux reads "what is cached" (`RWF_NOWAIT`).
#[cfg(not(target_os = "linux"))]
fn read_cached(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

fn read_blocking(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(piece, offset) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Memory that is used again once the reader has let go of it: fresh memory costs as much as the read itself.
#[derive(Default)]
struct Pool {
    lent: VecDeque<Bytes>,
}

impl Pool {
    /// A piece of memory with `len` initialised bytes, whose content means nothing.
    fn take(&mut self, len: usize) -> BytesMut {
        let mut piece =
            self.lent.pop_front().and_then(|oldest| oldest.try_into_mut().ok()).unwrap_or_default();
        piece.resize(len, 0);
        piece
    }

    fn lend(&mut self, piece: BytesMut) -> Bytes {
        let piece = piece.freeze();
        if self.lent.len() == POOL_PIECES {
            self.lent.pop_front();
        }
        self.lent.push_back(piece.clone());
        piece
    }
}
