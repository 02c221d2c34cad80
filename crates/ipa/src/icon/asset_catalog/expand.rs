//! The compressed streams inside a rendition, each read no further than its pixels need.

use std::io::Read;

use flate2::read::GzDecoder;
use lzfse_rust::LzfseRingDecoder;

use crate::icon::IconError;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Compression {
    None,
    Gzip,
    /// LZVN without a container, as small images have it.
    Lzvn,
    Lzfse,
}

/// The first `length` bytes of what `data` expands to; more is not read, less is an error.
pub(super) fn expand(compression: Compression, data: &[u8], length: usize) -> Result<Vec<u8>, IconError> {
    let expanded = expand_up_to(compression, data, length)?;
    if expanded.len() < length {
        return Err(IconError::Malformed("a stream that ends early"));
    }
    Ok(expanded)
}

/// What `data` expands to, cut after `limit` bytes.
pub(super) fn expand_up_to(
    compression: Compression,
    data: &[u8],
    limit: usize,
) -> Result<Vec<u8>, IconError> {
    match compression {
        Compression::None => Ok(data[..data.len().min(limit)].to_vec()),
        Compression::Gzip => read_up_to(GzDecoder::new(data), limit),
        Compression::Lzfse => lzfse(data, limit),
        Compression::Lzvn => {
            let contained = contain(data, limit).ok_or(IconError::Malformed("a stream too long"))?;
            lzfse(&contained, limit)
        }
    }
}

fn lzfse(data: &[u8], limit: usize) -> Result<Vec<u8>, IconError> {
    let mut decoder = LzfseRingDecoder::default();
    read_up_to(decoder.reader_bytes(data), limit)
}

fn read_up_to(stream: impl Read, limit: usize) -> Result<Vec<u8>, IconError> {
    let mut expanded = Vec::new();
    stream
        .take(limit as u64)
        .read_to_end(&mut expanded)
        .map_err(|_| IconError::Malformed("a broken compressed stream"))?;
    Ok(expanded)
}

/// Puts a bare LZVN stream of `length` expanded bytes into the LZFSE container.
fn contain(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut contained = b"bvxn".to_vec();
    contained.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    contained.extend_from_slice(&u32::try_from(data.len()).ok()?.to_le_bytes());
    contained.extend_from_slice(data);
    contained.extend_from_slice(b"bvx$");
    Some(contained)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn lzfse_of(bytes: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        lzfse_rust::encode_bytes(bytes, &mut encoded).unwrap();
        encoded
    }

    #[test]
    fn every_compression_gives_back_what_went_in() {
        let pixels: Vec<u8> = (0..2000_u32).map(|n| u8::try_from(n * n % 251 / 7).unwrap()).collect();
        let contained = lzfse_of(&pixels);
        assert_eq!(&contained[..4], b"bvxn", "short input is encoded as LZVN");
        let bare = &contained[12..contained.len() - 4];
        for (compression, data) in [
            (Compression::None, pixels.clone()),
            (Compression::Gzip, gzip(&pixels)),
            (Compression::Lzvn, bare.to_vec()),
            (Compression::Lzfse, contained.clone()),
            (Compression::Lzfse, lzfse_of(&pixels.repeat(20))),
        ] {
            let expanded = expand(compression, &data, pixels.len());
            assert_eq!(expanded.as_deref().ok(), Some(&pixels[..]), "{compression:?}");
        }
    }

    #[test]
    fn a_bomb_is_read_no_further_than_asked() {
        let zeros = vec![0; 20 << 20];
        for (compression, data) in [(Compression::Gzip, gzip(&zeros)), (Compression::Lzfse, lzfse_of(&zeros))]
        {
            assert!(data.len() < zeros.len() / 100, "{compression:?} made a bomb");
            assert_eq!(expand(compression, &data, 1000).unwrap().len(), 1000, "{compression:?}");
        }
    }

    #[test]
    fn a_stream_that_ends_early_is_refused() {
        let data = gzip(b"four");
        assert!(expand(Compression::Gzip, &data, 4).is_ok());
        assert!(expand(Compression::Gzip, &data, 5).is_err());
        assert!(expand(Compression::None, b"four", 5).is_err());
        assert!(expand(Compression::Lzfse, b"bvx2", 5).is_err());
        assert!(expand(Compression::Lzfse, b"", 1).is_err());
    }
}
