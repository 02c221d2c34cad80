use crate::{Fault, Limits, MAX_DEPTH};

/// What is left of the [`Limits`] while one property list is read.
pub(crate) struct Budget {
    limits: Limits,
    objects: usize,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { limits: *limits, objects: limits.objects, bytes: limits.total_bytes }
    }

    /// Spends `count` objects.
    pub(crate) fn spend_objects(&mut self, count: usize) -> Result<(), Fault> {
        self.objects =
            self.objects.checked_sub(count).ok_or(Fault::Objects { limit: self.limits.objects })?;
        Ok(())
    }

    /// Spends the memory of `count` things of `size` bytes each, which are about to be allocated.
    pub(crate) fn spend_bytes(&mut self, count: usize, size: usize) -> Result<(), Fault> {
        self.bytes = count
            .checked_mul(size)
            .and_then(|bytes| self.bytes.checked_sub(bytes))
            .ok_or(Fault::TotalBytes { limit: self.limits.total_bytes })?;
        Ok(())
    }

    /// Takes back `bytes` of memory that were spent and are free again.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes).min(self.limits.total_bytes);
    }

    /// Refuses one more array or dictionary within `open` others.
    pub(crate) fn check_depth(&self, open: usize) -> Result<(), Fault> {
        let limit = self.limits.depth.min(MAX_DEPTH);
        if open < limit { Ok(()) } else { Err(Fault::Depth { limit }) }
    }

    /// Refuses a string, key or data of more than the limit's `bytes`.
    pub(crate) fn check_string(&self, bytes: usize) -> Result<(), Fault> {
        let limit = self.limits.string_bytes;
        if bytes <= limit { Ok(()) } else { Err(Fault::StringBytes { limit }) }
    }

    /// Adds `item` to `list`, paying for the room. While it grows, the old room and the new are both paid for.
    pub(crate) fn push<T>(&mut self, list: &mut Vec<T>, item: T) -> Result<(), Fault> {
        let before = list.capacity();
        if list.len() == before {
            let room = before.saturating_mul(2).max(4);
            self.spend_bytes(room, size_of::<T>())?;
            list.reserve_exact(room - before);
            self.give_back(before * size_of::<T>());
        }
        list.push(item);
        Ok(())
    }

    /// Adds `piece` to `text`, paying for the room as [`Self::push`] does. The first piece gets just the room it
    /// needs: most texts have one alone.
    pub(crate) fn push_str(&mut self, text: &mut String, piece: &str) -> Result<(), Fault> {
        let before = text.capacity();
        let needed = text.len() + piece.len();
        if needed > before {
            let room = needed.max(before.saturating_mul(2));
            self.spend_bytes(room, 1)?;
            text.reserve_exact(room - text.len());
            self.give_back(before);
        }
        text.push_str(piece);
        Ok(())
    }

    /// Frees the room that a complete `list` does not use, if its new place can be paid for next to the old one.
    pub(crate) fn fit<T>(&mut self, list: &mut Vec<T>) {
        let before = list.capacity();
        if list.len() < before && self.spend_bytes(list.len(), size_of::<T>()).is_ok() {
            list.shrink_to_fit();
            self.give_back(before * size_of::<T>());
        }
    }

    /// Frees the room that a complete `text` does not use, as [`Self::fit`] does.
    pub(crate) fn fit_str(&mut self, text: &mut String) {
        let before = text.capacity();
        if text.len() < before && self.spend_bytes(text.len(), 1).is_ok() {
            text.shrink_to_fit();
            self.give_back(before);
        }
    }
}
