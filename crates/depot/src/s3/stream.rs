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

use super::{Bucket, failure::Purpose};
use crate::{
    BlobKey, BlobStream, DepotError,
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
        BlobStream::new(ObjectStream {
            bucket: Arc::clone(&self.bucket),
            key: self.key,
            missing: range,
            piece: Bytes::new(),
            state: State::Idle,
            fruitless: 0,
        })
    }
}

/// A range on its way. When an answer breaks off, the rest of it is asked for anew, so that whoever reads notices
/// nothing; a blob never changes.
struct ObjectStream {
    bucket: Arc<Bucket>,
    key: BlobKey,
    /// The bytes that did not come yet.
    missing: Range<u64>,
    /// What came and was not given yet.
    piece: Bytes,
    state: State,
    /// How many answers in a row broke off without having brought anything.
    fruitless: u32,
}

/// So many answers in a row that bring nothing are enough.
const FRUITLESS: u32 = 3;

enum State {
    /// Nothing is asked for before somebody wants it; dropping what was asked for closes the connection.
    Idle,
    Asking(BoxFuture<'static, object_store::Result<GetResult>>),
    Reading(BoxStream<'static, object_store::Result<Bytes>>),
}

const SENDING: &str = "sending a blob";

impl ObjectStream {
    fn ask(&self) -> State {
        let (bucket, place) = (Arc::clone(&self.bucket), self.bucket.place(self.key));
        let options = GetOptions { range: Some(self.missing.clone().into()), ..GetOptions::default() };
        State::Asking(Box::pin(async move { bucket.store.get_opts(&place, options).await }))
    }

    /// Some bytes of those that are missing.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, DepotError>> {
        loop {
            let piece = match &mut self.state {
                State::Idle => {
                    self.state = self.ask();
                    continue;
                }
                State::Asking(asking) => {
                    let answer = ready!(asking.as_mut().poll(context));
                    // Asking again would help no more: it was done for as long as the owner said.
                    let answer = self.bucket.health.heard(Purpose::Reading, SENDING, answer)?;
                    self.state = State::Reading(answer.into_stream());
                    continue;
                }
                State::Reading(answer) => ready!(answer.as_mut().poll_next(context)),
            };
            let left = self.missing.end - self.missing.start;
            match piece {
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) if piece.len() as u64 > left => {
                    let cause = io::Error::other("it sent more than it was asked for");
                    return Poll::Ready(Err(DepotError::Unavailable(SENDING, cause)));
                }
                Some(Ok(piece)) => {
                    self.fruitless = 0;
                    return Poll::Ready(Ok(piece));
                }
                Some(Err(_)) | None if self.fruitless < FRUITLESS => {
                    self.fruitless += 1;
                    self.state = State::Idle;
                }
                Some(Err(error)) => {
                    return Poll::Ready(self.bucket.health.heard(Purpose::Reading, SENDING, Err(error)));
                }
                None => {
                    let cause = io::Error::other(format!("its answers end {left} bytes too early"));
                    return Poll::Ready(Err(DepotError::Unavailable(SENDING, cause)));
                }
            }
        }
    }
}

impl Stream for ObjectStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.piece.is_empty() {
            if self.missing.is_empty() {
                return Poll::Ready(None);
            }
            match ready!(self.poll_piece(context)) {
                Ok(piece) => {
                    self.missing.start += piece.len() as u64;
                    self.piece = piece;
                }
                Err(error) => {
                    self.missing.start = self.missing.end;
                    self.state = State::Idle;
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
            }
            if self.missing.is_empty() {
                // The connection is free again before the last pieces are on their way.
                self.state = State::Idle;
            }
        }
        let most = self.piece.len().min(PIECE_BYTES);
        // A part would keep all that came at once for as long as a slow client takes; a copy keeps itself.
        Poll::Ready(Some(Ok(Bytes::copy_from_slice(&self.piece.split_to(most)))))
    }
}
