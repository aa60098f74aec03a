//! The settings of a worker: of whoever receives from a queue, handles and deletes.

/// When a message is deleted, of those whose work is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Deletes {
    /// Each when its own work is done (`DeleteMessage`).
    #[default]
    Each,
    /// All that one receive has given, when all are done (`DeleteMessageBatch`).
    Batch,
}

crate::choices! { Deletes { Each "each", Batch "batch" } }

/// What a worker does with a message whose handling failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Nothing catches the exception: its process dies.
    #[default]
    Raise,
    /// It catches it, leaves the message alone and goes on: the queue gives it out again when the visibility
    /// time-out is over.
    Leave,
    /// It sets the visibility time-out to the wait before the next try (`ChangeMessageVisibility`), and goes on.
    ChangeVisibility,
}

crate::choices! { Failure { Raise "raise", Leave "leave", ChangeVisibility "change_visibility" } }

crate::settings! {
    /// How a worker receives and deletes. The first three stand in its `ReceiveMessage`, with the values
    /// that AWS recommends for workers, and not those of a request that names none; the others are the
    /// worker's own.
    pub struct Worker {
        /// How many messages one receive gives at most.
        "MaxNumberOfMessages" max_number_of_messages: u32 = 10, 1..=10;
        /// How many seconds a receive waits for a message (long polling).
        "WaitTimeSeconds" wait_time_seconds: u32 = 20, 1..=20;
        /// For how many seconds what it receives is hidden from others. 0: as long as the queue says.
        "VisibilityTimeout" visibility_timeout: u32 = 0, 0..=43_200;
        /// Every how many seconds it sets the visibility time-out of all it holds anew. 0: never.
        "heartbeat.seconds" heartbeat_seconds: u32 = 0, 0..=43_200;
        /// When it deletes what is done: each message by itself, or a batch at once.
        "delete" deletes: Deletes = Deletes::Each;
        /// What it does when its handler fails: "raise" the exception and die, "leave" the message until its
        /// visibility time-out is over, or "change_visibility" so that it is visible again after the back-off.
        "failure" failure: Failure = Failure::Raise;
    }
}
