use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::{Stream, future::BoxFuture, stream::BoxStream};
use object_store::{GetOptions, GetResult, ObjectStore as _};

use super::Bucket;
use crate::{
    BlobKey, BlobStream,
    blob::{PIECE_BYTES, Source},
};

/// An object that any number of streams read.
pub(super) struct ObjectSource {
    bucket: Arc<Bucket>,
    key: BlobKey,
}

impl ObjectSource {
    pub(super) fn new(bucket: Arc<Bucket>, key: BlobKey) -> Self {
        Self { bucket, key }
    }
}

impl Source for ObjectSource {
    fn stream(&self, range: Range<u64>) -> BlobStream {
        let left = range.end - range.start;
        if left == 0 {
            return BlobStream::new(ObjectStream { left, piece: Bytes::new(), state: State::Over });
        }
        let (bucket, place) = (Arc::clone(&self.bucket), self.bucket.place(self.key));
        let options = GetOptions { range: Some(range.into()), ..GetOptions::default() };
        // Nothing is asked for before the first poll; dropping the stream closes the connection.
        let asking = Box::pin(async move { bucket.store.get_opts(&place, options).await });
        BlobStream::new(ObjectStream { left, piece: Bytes::new(), state: State::Asking(asking) })
    }
}

struct ObjectStream {
    /// Bytes of the range that were not given yet.
    left: u64,
    /// What came and was not given yet.
    piece: Bytes,
    state: State,
}

enum State {
    Asking(BoxFuture<'static, object_store::Result<GetResult>>),
    Reading(BoxStream<'static, object_store::Result<Bytes>>),
    Over,
}

impl ObjectStream {
    /// Some bytes, or none at the end of the answer.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            match &mut self.state {
                State::Over => return Poll::Ready(Ok(None)),
                State::Asking(asking) => {
                    let answer = ready!(asking.as_mut().poll(context)).map_err(io::Error::other)?;
                    self.state = State::Reading(answer.into_stream());
                }
                State::Reading(answer) => {
                    let piece = ready!(answer.as_mut().poll_next(context));
                    match piece.transpose().map_err(io::Error::other)? {
                        Some(piece) if piece.is_empty() => {}
                        piece => return Poll::Ready(Ok(piece)),
                    }
                }
            }
        }
    }

    fn give(&mut self) -> Bytes {
        let given = self.piece.split_to(self.piece.len().min(PIECE_BYTES));
        self.left -= given.len() as u64;
        given
    }
}

impl Stream for ObjectStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.piece.is_empty() {
            let piece = match ready!(self.poll_piece(context)) {
                Ok(Some(piece)) if piece.len() as u64 > self.left => {
                    Err(io::Error::other("the storage sent more than it was asked for"))
                }
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => Err(io::ErrorKind::UnexpectedEof.into()),
                Err(cause) => Err(cause),
            };
            match piece {
                Ok(piece) => self.piece = piece,
                Err(cause) => {
                    self.left = 0;
                    self.state = State::Over;
                    return Poll::Ready(Some(Err(cause)));
                }
            }
        }
        let given = self.give();
        if self.left == 0 {
            // The connection is free again before the last piece is on its way.
            self.state = State::Over;
        }
        Poll::Ready(Some(Ok(given)))
    }
}
