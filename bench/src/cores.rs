use std::panic::resume_unwind;
use std::thread;

use rustix::thread::{CpuSet, sched_setaffinity};

/// The two cores that a bench shares out, so that neither side takes the other's time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Core {
    /// What is measured runs here, whether ours or a rival's.
    Server = 0,
    /// Who asks it to work runs here.
    Client = 1,
}

/// Works on one core; processes and threads started meanwhile stay there.
pub(crate) fn on<T: Send>(core: Core, work: impl FnOnce() -> T + Send) -> T {
    let pinned = || {
        let mut cores = CpuSet::new();
        cores.set(core as usize);
        sched_setaffinity(None, &cores).expect("a bench needs the first two cores");
        work()
    };
    thread::scope(|scope| scope.spawn(pinned).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
