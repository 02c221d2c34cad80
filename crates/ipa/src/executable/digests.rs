//! Digests of an executable's pages, taken while it is read, and of the whole file.

use std::collections::HashMap;

use ring::digest::{Algorithm, Context, SHA256};

use crate::resources::digest_bytes;
use crate::{CodeDigest, CodeDirectory};

/// How much of the file is held at once.
const BLOCK_BYTES: usize = 64 << 10;

/// What is digested of an executable.
pub(crate) struct ContentDigests<'p> {
    whole: Option<Context>,
    /// How the slice at an offset has to be digested; others as nearly all are.
    plans: HashMap<u64, PagePlan>,
    pages: Option<PageDigests>,
    pub(super) block: Vec<u8>,
    progress: &'p mut dyn FnMut(u64),
    /// Plans that would have been right, by the offset of the slice: their signature is read after its pages.
    pub(super) wanted: HashMap<u64, PagePlan>,
    /// SHA-256 of the whole file, once it has been read to its end.
    pub(crate) sha256: Option<[u8; 32]>,
    /// The most bytes that the digests of pages may take.
    limit_bytes: u64,
}

/// How pages are digested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PagePlan {
    digest: CodeDigest,
    page_bytes: Option<u64>,
    /// Where the code ends, in bytes from the start of the slice, if not at the signature.
    code_limit: Option<u64>,
}

impl PagePlan {
    /// As nearly every signature since 2016 does.
    const USUAL: Self = Self { digest: CodeDigest::Sha256, page_bytes: Some(4096), code_limit: None };

    /// What a CodeDirectory asks for, whose signature lies at this offset of its slice.
    pub(super) fn of(directory: &CodeDirectory, signature_offset: u64) -> Self {
        let code_limit = (directory.code_limit != signature_offset).then_some(directory.code_limit);
        Self { digest: directory.digest, page_bytes: directory.page_bytes, code_limit }
    }
}

impl<'p> ContentDigests<'p> {
    /// Nothing digested so far. Digests of pages take `limit_bytes` at most.
    pub(crate) fn new(limit_bytes: u64, progress: &'p mut dyn FnMut(u64)) -> Self {
        Self {
            whole: Some(Context::new(&SHA256)),
            plans: HashMap::new(),
            pages: None,
            block: vec![0; BLOCK_BYTES],
            progress,
            wanted: HashMap::new(),
            sha256: None,
            limit_bytes,
        }
    }

    /// The same file once more, by the plans that the first reading found to be right; `None` when all were.
    pub(crate) fn again(self) -> Option<Self> {
        let Self { wanted, progress, limit_bytes, sha256, .. } = self;
        (!wanted.is_empty()).then(|| Self {
            whole: None,
            plans: wanted,
            sha256,
            ..Self::new(limit_bytes, progress)
        })
    }

    pub(super) fn slice_starts(&mut self, offset: u64) {
        let plan = self.plans.get(&offset).copied().unwrap_or(PagePlan::USUAL);
        self.pages =
            plan.digest.algorithm().map(|algorithm| PageDigests::new(plan, algorithm, self.limit_bytes));
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some(whole) = &mut self.whole {
            whole.update(bytes);
        }
        if let Some(pages) = &mut self.pages {
            pages.update(bytes);
        }
        (self.progress)(bytes.len() as u64);
    }

    /// The first `count` bytes of the block that is held here, which saves a copy.
    pub(super) fn update_from_block(&mut self, count: usize) {
        let block = std::mem::take(&mut self.block);
        self.update(&block[..count]);
        self.block = block;
    }

    /// The digests of the slice's pages up to here.
    pub(super) fn take_pages(&mut self) -> Option<(PagePlan, Option<Vec<u8>>)> {
        self.pages.take().map(|pages| (pages.plan, pages.finish()))
    }

    pub(super) fn wants_rest(&self) -> bool {
        self.whole.is_some()
    }

    pub(super) fn finish(&mut self) {
        self.sha256 = self.whole.take().map(|whole| digest_bytes(whole.finish().as_ref()));
    }
}

struct PageDigests {
    plan: PagePlan,
    algorithm: &'static Algorithm,
    kept_bytes: usize,
    page: Context,
    /// The bytes of the page so far, and those of code that are left.
    filled: u64,
    left: u64,
    digests: Vec<u8>,
    limit_bytes: u64,
}

impl PageDigests {
    fn new(plan: PagePlan, algorithm: &'static Algorithm, limit_bytes: u64) -> Self {
        let kept_bytes = plan.digest.bytes().unwrap_or(0);
        Self {
            plan,
            algorithm,
            kept_bytes,
            page: Context::new(algorithm),
            filled: 0,
            left: plan.code_limit.unwrap_or(u64::MAX),
            digests: Vec::new(),
            limit_bytes,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        let count = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let mut bytes = &bytes[..count];
        self.left -= count as u64;
        while !bytes.is_empty() && !self.is_full() {
            let room = self.plan.page_bytes.unwrap_or(u64::MAX) - self.filled;
            let count = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
            self.page.update(&bytes[..count]);
            self.filled += count as u64;
            bytes = &bytes[count..];
            if self.plan.page_bytes == Some(self.filled) {
                self.close();
            }
        }
    }

    fn is_full(&self) -> bool {
        self.digests.len() as u64 > self.limit_bytes
    }

    fn close(&mut self) {
        let page = std::mem::replace(&mut self.page, Context::new(self.algorithm));
        self.digests.extend(&page.finish().as_ref()[..self.kept_bytes]);
        self.filled = 0;
    }

    /// `None` where there were more than may be held.
    fn finish(mut self) -> Option<Vec<u8>> {
        if self.filled > 0 {
            self.close();
        }
        (!self.is_full()).then_some(self.digests)
    }
}
