//! `file://`: a recording, played at its own pace or faster.
//!
//! The pace is that of the times in the messages. They are moved so that the first is now;
//! a message without a time follows its neighbour. `speed` 0 plays as fast as the node takes it.

use std::path::Path;
use std::sync::Arc;

use picket_model::{LinkState, Time};
use tokio::io::AsyncReadExt;

use crate::feed::FeedError;
use crate::intake::{Intake, Parts};

/// What is read at once; small, so that the pace is kept.
const CHUNK_BYTES: usize = 4 * 1024;

/// Plays the file once.
pub(crate) async fn play(parts: &Arc<Parts>, path: &Path, speed: f64) -> Result<(), FeedError> {
    let mut file = tokio::fs::File::open(path).await.map_err(FeedError::Io)?;
    parts.say_link(LinkState::Up, "playing").await?;
    let mut intake = Intake::new(Arc::clone(parts));
    let mut buffer = vec![0; CHUNK_BYTES];
    let start = parts.clock.now();
    let mut first: Option<Time> = None;
    loop {
        let length = file.read(&mut buffer).await.map_err(FeedError::Io)?;
        let chunk = (length > 0).then(|| buffer.get(..length).unwrap_or_default());
        for message in intake.decode(chunk, parts.clock.now()) {
            let time = message.t();
            let zero = *first.get_or_insert(time.unwrap_or(start));
            let shift = |said: Time| {
                let after_s = said.since_s(zero);
                start.plus_s(if speed > 0.0 { after_s / speed } else { 0.0 })
            };
            if let Some(due) = time.map(shift)
                && speed > 0.0
            {
                let wait = parts.clock.wait_until(due);
                if !wait.is_zero() {
                    intake.post(parts.clock.stamp()).await?;
                    tokio::time::sleep(wait).await;
                }
            }
            intake.admit(&message, parts.clock.now(), shift);
        }
        intake.post(parts.clock.stamp()).await?;
        if length == 0 {
            return Ok(());
        }
    }
}
