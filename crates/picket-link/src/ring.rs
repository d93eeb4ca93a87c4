//! Datagrams that wait for their decoder; the oldest give way.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use picket_model::Time;
use tokio::sync::Notify;

use crate::clock::Stamp;

/// A sixth of a second at 50,000 datagrams/s.
const DATAGRAMS_MAX: usize = 8_192;
/// The same bound for large datagrams.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// One datagram as it came.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) bytes: Vec<u8>,
    pub(crate) received_at: Time,
    pub(crate) stamp: Stamp,
}

/// A bounded queue between a socket that cannot wait and a decoder that can.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    datagrams: VecDeque<Datagram>,
    bytes: usize,
}

impl Ring {
    /// Puts a datagram at the end; returns how many old ones gave way.
    pub(crate) fn push(&self, datagram: Datagram) -> u64 {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes += datagram.bytes.len();
        waiting.datagrams.push_back(datagram);
        let mut dropped = 0;
        while waiting.datagrams.len() > DATAGRAMS_MAX || waiting.bytes > BYTES_MAX {
            let Some(oldest) = waiting.datagrams.pop_front() else { break };
            waiting.bytes -= oldest.bytes.len();
            dropped += 1;
        }
        drop(waiting);
        self.came.notify_one();
        dropped
    }

    /// Waits until something is there and takes up to `most`, oldest first.
    pub(crate) async fn take(&self, most: usize) -> Vec<Datagram> {
        loop {
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if !waiting.datagrams.is_empty() {
                    let count = waiting.datagrams.len().min(most);
                    let taken: Vec<Datagram> = waiting.datagrams.drain(..count).collect();
                    waiting.bytes -= taken.iter().map(|one| one.bytes.len()).sum::<usize>();
                    return taken;
                }
            }
            self.came.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[tokio::test]
    async fn the_oldest_give_way_and_are_counted() {
        let ring = Ring::default();
        let stamp = Clock::world().stamp();
        let mut dropped = 0;
        for number in 0..u32::try_from(DATAGRAMS_MAX).unwrap() + 5 {
            let bytes = number.to_be_bytes().to_vec();
            dropped += ring.push(Datagram { bytes, received_at: Time(0), stamp });
        }
        assert_eq!(dropped, 5);
        let first = ring.take(1).await;
        assert_eq!(first[0].bytes, 5_u32.to_be_bytes());
    }

    #[tokio::test]
    async fn large_datagrams_are_bounded_by_their_bytes() {
        let ring = Ring::default();
        let stamp = Clock::world().stamp();
        let push = || ring.push(Datagram { bytes: vec![0; 65_000], received_at: Time(0), stamp });
        let dropped: u64 = (0..200).map(|_| push()).sum();
        assert_eq!(dropped, 200 - 8 * 1024 * 1024 / 65_000);
    }
}
