use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use depot::BlobStream;
use distribution::{Distribution, Sending};
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};

/// Bytes of a blob on their way to a client, with their exact length, counted as they leave.
pub(crate) struct PackageBody {
    stream: BlobStream,
    left: u64,
    count: Option<Count>,
}

struct Count {
    sending: Sending,
    distribution: Arc<Distribution>,
}

impl PackageBody {
    /// `len` bytes that nobody counts.
    pub(crate) fn new(stream: BlobStream, len: u64) -> Self {
        Self { stream, left: len, count: None }
    }

    /// The same, told to an attempt.
    pub(crate) fn counted(mut self, sending: Option<Sending>, distribution: &Arc<Distribution>) -> Self {
        self.count = sending.map(|sending| Count { sending, distribution: Arc::clone(distribution) });
        self
    }
}

impl Body for PackageBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = ready!(Pin::new(&mut self.stream).poll_next(context));
        Poll::Ready(next.map(|piece| {
            let piece = piece.inspect_err(|error| {
                tracing::warn!(error = error as &dyn Error, "a file broke off while it was sent");
            })?;
            let len = piece.len() as u64;
            self.left = self.left.saturating_sub(len);
            if let Some(count) = &mut self.count {
                let now = count.distribution.now();
                count.sending.sent(len, now);
            }
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
