//! Devices as they fetch: on a terminal a line each that changes in place, elsewhere a line for each step.

mod board;
mod device_label;
mod pace;
mod phase;
mod quiet_keys;
mod refusal;
mod row;
mod screen;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use catalog::Attempt;
use distribution::Distribution;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::board::{Board, LastWord};
use self::screen::Screen;
use self::steps::Steps;
use crate::cli::Format;
use crate::terminal;

/// How often rates and times left are told anew.
const REFRESH: Duration = Duration::from_millis(250);

/// Shows devices as they fetch.
pub(super) struct Live {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Where they are shown.
enum View {
    Terminal(Board, Screen),
    Lines(Steps),
}

impl Live {
    pub(super) fn start(distribution: &Arc<Distribution>, size_bytes: u64, format: Format) -> Self {
        let view = if format == Format::Text && terminal::is_lively() {
            View::Terminal(Board::new(size_bytes), Screen::new())
        } else {
            View::Lines(Steps::new(size_bytes, format))
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(watch(distribution.watch_attempts(), view, stopped));
        Self { stop, task }
    }

    /// Shows what is known by now, and no more.
    pub(super) async fn stop(self) {
        // A view that has ended by itself needs no telling.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

async fn watch(mut news: Receiver<Attempt>, mut view: View, mut stopped: oneshot::Receiver<()>) {
    let mut refresh = tokio::time::interval(REFRESH);
    loop {
        tokio::select! {
            attempt = news.recv() => match attempt {
                Ok(attempt) => view.show(&attempt),
                // What was missed is in the next news of the same attempt.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            _ = refresh.tick() => view.refresh(),
            _ = &mut stopped => break,
        }
    }
    loop {
        match news.try_recv() {
            Ok(attempt) => view.show(&attempt),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    view.end();
}

impl View {
    fn show(&mut self, attempt: &Attempt) {
        match self {
            Self::Terminal(board, screen) => {
                let now = Instant::now();
                let last_words = board.show(attempt, now);
                draw(board, screen, now, &last_words);
            }
            Self::Lines(steps) => steps.show(attempt),
        }
    }

    fn refresh(&mut self) {
        if let Self::Terminal(board, screen) = self {
            let now = Instant::now();
            let last_words = board.let_go(now);
            draw(board, screen, now, &last_words);
        }
    }

    fn end(self) {
        if let Self::Terminal(board, mut screen) = self {
            screen.draw(Vec::new());
            board.end().iter().for_each(Screen::leave);
        }
    }
}

fn draw(board: &Board, screen: &mut Screen, now: Instant, last_words: &[LastWord]) {
    screen.draw(board.rows(now, terminal::width()));
    last_words.iter().for_each(Screen::leave);
}
