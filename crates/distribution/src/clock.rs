use catalog::Timestamp;

/// Tells the time. The server's clock in production, one that tests set in tests.
pub trait Clock: Send + Sync {
    /// The moment it is now.
    fn now(&self) -> Timestamp;
}
