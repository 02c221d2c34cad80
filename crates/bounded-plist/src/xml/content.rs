use crate::Fault;
use crate::budget::Budget;

/// What the text between two tags becomes.
pub(super) trait Content {
    /// Adds a piece of the text.
    fn add(&mut self, piece: &str, budget: &mut Budget) -> Result<(), Fault>;
}

impl Content for String {
    fn add(&mut self, piece: &str, budget: &mut Budget) -> Result<(), Fault> {
        budget.check_string(self.len() + piece.len())?;
        budget.push_str(self, piece)
    }
}

/// Base64, decoded as Apple's reader does: characters outside the alphabet mean nothing, white space among them.
/// Padding ends a group of four, and so does the end, where Apple's reader would drop an incomplete group.
#[derive(Default)]
pub(super) struct Base64 {
    bytes: Vec<u8>,
    /// The digits of the group at hand, six bits each, the last one lowest.
    group: u32,
    digits: u32,
}

impl Base64 {
    /// The decoded bytes.
    pub(super) fn finish(mut self, budget: &mut Budget) -> Result<Vec<u8>, Fault> {
        self.end_group(budget)?;
        budget.fit(&mut self.bytes);
        Ok(self.bytes)
    }

    /// Adds the bytes that the digits of the group make: one fewer than there are digits.
    fn end_group(&mut self, budget: &mut Budget) -> Result<(), Fault> {
        let [_, bytes @ ..] = (self.group << (6 * (4 - self.digits))).to_be_bytes();
        for byte in bytes.into_iter().take(self.digits.saturating_sub(1) as usize) {
            budget.check_string(self.bytes.len() + 1)?;
            budget.push(&mut self.bytes, byte)?;
        }
        (self.group, self.digits) = (0, 0);
        Ok(())
    }
}

impl Content for Base64 {
    fn add(&mut self, piece: &str, budget: &mut Budget) -> Result<(), Fault> {
        for character in piece.bytes() {
            let digit = match character {
                b'A'..=b'Z' => character - b'A',
                b'a'..=b'z' => character - b'a' + 26,
                b'0'..=b'9' => character - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' => {
                    self.end_group(budget)?;
                    continue;
                }
                _ => continue,
            };
            self.group = self.group << 6 | u32::from(digit);
            self.digits += 1;
            if self.digits == 4 {
                self.end_group(budget)?;
            }
        }
        Ok(())
    }
}
