//! Questions to history, away from the threads that serve, so many at once and not for long.

use std::sync::Arc;
use std::time::Duration;

use picket_history::{History, HistoryError, Over};
use picket_model::Time;
use tokio::time::timeout;

use crate::Shared;
use crate::problem::Problem;

/// Questions at once; further ones wait for [`WAIT`] and are then sent away.
pub(crate) const READS_MAX: usize = 4;
/// How long a question waits for its turn.
const WAIT: Duration = Duration::from_secs(5);
/// How long one may take, seconds: the disk's threads are few.
const READ_S_MAX: f64 = 5.0;

/// Asks history on a thread that may wait for the disk.
pub(crate) async fn read<T: Send + 'static>(
    shared: &Arc<Shared>,
    ask: impl FnOnce(&History, &Over) -> Result<T, HistoryError> + Send + 'static,
) -> Result<T, Problem> {
    let history = shared.parts.history.clone();
    let history = history.ok_or_else(|| Problem::unavailable("History is switched off here."))?;
    let turn = timeout(WAIT, Arc::clone(&shared.reading).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(Problem::unavailable("Too many ask for history just now; try again."));
    };
    let over = over(shared);
    let answer = tokio::task::spawn_blocking(move || {
        let answer = ask(&history, &over);
        drop(turn);
        answer
    });
    match answer.await {
        Ok(answer) => answer.map_err(problem),
        Err(_) => Err(Problem::unavailable("History could not be read.")),
    }
}

/// Says when a question that begins now has taken long enough.
pub(crate) fn over(shared: &Shared) -> Over {
    let clock = shared.parts.clock.clone();
    let began = clock.stamp();
    Arc::new(move || began.until_s(clock.stamp()) > READ_S_MAX)
}

pub(crate) fn problem(error: HistoryError) -> Problem {
    if matches!(error, HistoryError::TooLong) {
        return Problem::unavailable(
            "The question took too long. Ask for less time or a smaller area.",
        );
    }
    tracing::error!(%error, "history could not be read");
    Problem::unavailable(
        "History could not be read; it is made anew from the log. Try again later.",
    )
}

/// Reads a time of a query.
pub(crate) fn time(text: &str) -> Result<Time, Problem> {
    // A plus sign in a query is a blank once it is decoded.
    Time::parse_rfc3339(&text.replace(' ', "+")).ok_or_else(|| {
        Problem::bad(format!("{text:?} is no time; write it as 2026-01-02T03:04:05Z."))
    })
}

/// Reads `west,south,east,north`; `None` for what is not four numbers.
pub(crate) fn sides(text: &str) -> Option<[f64; 4]> {
    let sides: Option<Vec<f64>> = text.split(',').map(|side| side.trim().parse().ok()).collect();
    <[f64; 4]>::try_from(sides?).ok()
}
