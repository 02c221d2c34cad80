use std::fs::File;
use std::io;
use std::sync::Arc;

/// Bytes that can be read at any place: a file, an object in a store, a web address that answers ranges.
///
/// Reading blocks, changes no cursor and may happen from several threads. The length is fixed while it is read.
///
/// ```
/// use ipa::ReadAt;
///
/// let bytes = b"Payload/".to_vec();
/// let mut word = [0; 4];
/// assert_eq!(bytes.read_at(4, &mut word)?, 4);
/// assert_eq!(&word, b"oad/");
/// assert_eq!(bytes.read_at(6, &mut word)?, 2);
/// assert_eq!(bytes.read_at(100, &mut word)?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait ReadAt: Send + Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Reads bytes from `offset` on into `buf` and says how many; 0 only at the end or for an empty `buf`.
    ///
    /// # Errors
    ///
    /// Whatever the source fails with.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Whether there is no byte at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills all of `buf` from `offset` on.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] when the bytes end before `buf` is full; else what the source fails with.
    fn read_exact_at(&self, mut offset: u64, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(offset, buf) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    // A source that claims more than it was asked for must not get past this.
                    let count = count.min(buf.len());
                    offset = offset.saturating_add(count as u64);
                    buf = &mut buf[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        ReadAt::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

/// A file whose size cannot be told counts as empty.
impl ReadAt for File {
    fn len(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buf, offset)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Arc<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Box<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, and an interruption before each.
    struct Dripping(std::sync::atomic::AtomicBool);

    impl ReadAt for Dripping {
        fn len(&self) -> u64 {
            4
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            if self.0.fetch_xor(true, std::sync::atomic::Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            b"abcd".read_at(offset, &mut buf[..1])
        }
    }

    #[test]
    fn short_and_interrupted_reads_are_continued() {
        let source = Dripping(true.into());
        let mut all = [0; 4];
        source.read_exact_at(0, &mut all).unwrap();
        assert_eq!(&all, b"abcd");
        let error = source.read_exact_at(2, &mut all).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn far_offsets_read_nothing() {
        let mut buf = [0; 2];
        for offset in [3, 4, u64::MAX] {
            assert_eq!(b"abc".read_at(offset, &mut buf).unwrap(), 0, "{offset}");
        }
    }

    #[test]
    fn files_are_read_in_place() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, b"0123456789").unwrap();
        let source: Arc<dyn ReadAt> = Arc::new(file);
        let mut buf = [0; 3];
        source.read_exact_at(4, &mut buf).unwrap();
        assert_eq!((&buf, source.len()), (b"456", 10));
    }
}
