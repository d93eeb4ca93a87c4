//! The bounded way to the core.

use picket_core::{ActError, Core};
use picket_gate::{Admitted, Verified};
use picket_log::FileStore;
use picket_model::{Act, Entry, Record};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Stamp;

/// Posts that wait for the core. With [`RECORDS_PER_POST`] this is a third of a second at
/// 50,000 records/s and about 16 MiB; when it is full, TCP links stop reading and UDP links
/// drop their oldest datagrams and say so.
pub const INBOX_MAX: usize = 64;
/// Most records in one post.
pub const RECORDS_PER_POST: usize = 256;

/// Something for the core's thread to do.
pub enum Post {
    /// Append these.
    Records {
        /// What a link admitted.
        records: Vec<Admitted<Record>>,
        /// When the last byte of their newest frame came.
        stamp: Stamp,
    },
    /// Record a person's act.
    Act {
        /// Who acts.
        by: Verified,
        /// What they do.
        act: Act,
        /// Where the entry goes once it is durable.
        reply: oneshot::Sender<Result<Entry, ActError>>,
    },
    /// Look at the core: read entries, make a proof. Nothing slow.
    Ask(Question),
    /// A second passed.
    Tick,
    /// Finish what was posted before, sign a checkpoint and end.
    Stop,
}

/// What is asked of the core, on its own thread.
pub type Question = Box<dyn FnOnce(&mut Core<FileStore>) + Send>;

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Records { .. } => "Records",
            Self::Act { .. } => "Act",
            Self::Ask(_) => "Ask",
            Self::Tick => "Tick",
            Self::Stop => "Stop",
        })
    }
}

/// The senders' end.
#[derive(Debug, Clone)]
pub struct Inbox {
    posts: mpsc::Sender<Post>,
}

/// The core's end.
pub type Outlet = mpsc::Receiver<Post>;

/// The core's thread has ended; the process is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the node is stopping")]
pub struct Stopping;

/// Makes an inbox.
#[must_use]
pub fn inbox() -> (Inbox, Outlet) {
    let (posts, outlet) = mpsc::channel(INBOX_MAX);
    (Inbox { posts }, outlet)
}

impl Inbox {
    /// Posts, waiting for room.
    ///
    /// # Errors
    /// [`Stopping`] once the core has ended.
    pub async fn send(&self, post: Post) -> Result<(), Stopping> {
        self.posts.send(post).await.map_err(|_| Stopping)
    }

    /// Records a person's act and waits until it is durable.
    ///
    /// # Errors
    /// [`Stopping`]; inside, why the act was not recorded.
    pub async fn act(&self, by: Verified, act: Act) -> Result<Result<Entry, ActError>, Stopping> {
        let (reply, answer) = oneshot::channel();
        self.send(Post::Act { by, act, reply }).await?;
        answer.await.map_err(|_| Stopping)
    }

    /// Asks the core's thread something and waits for the answer.
    ///
    /// # Errors
    /// [`Stopping`] once the core has ended.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Core<FileStore>) -> T + Send + 'static,
    ) -> Result<T, Stopping> {
        let (reply, answer) = oneshot::channel();
        let ask = move |core: &mut Core<FileStore>| {
            // Who asked may have hung up meanwhile; then nobody waits for the answer.
            drop(reply.send(question(core)));
        };
        self.send(Post::Ask(Box::new(ask))).await?;
        answer.await.map_err(|_| Stopping)
    }
}
