use std::sync::mpsc;

/// Stops the runtime's clock for as long as this lives, so that a server does nothing by itself: it writes when it is
/// asked to, and not because time goes by.
pub(crate) struct FrozenTime {
    /// Hangs up at the end.
    _holding: mpsc::Sender<()>,
}

impl FrozenTime {
    /// Must be called on a runtime of one thread.
    pub(crate) fn new() -> Self {
        tokio::time::pause();
        // A paused clock leaps ahead when there is nothing else to do; not while blocking work is under way.
        let (holding, held) = mpsc::channel();
        tokio::task::spawn_blocking(move || {
            let _hung_up: Result<(), _> = held.recv();
        });
        Self { _holding: holding }
    }
}
