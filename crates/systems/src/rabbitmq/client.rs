//! The settings of clients: of whoever consumes from a queue, and of whoever publishes to an exchange.

/// How a consumer acknowledges what its program is through with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Acknowledges {
    /// Each message when its own work is done (`basic.ack`).
    #[default]
    Each,
    /// All that stood in the buffer when the program asked, when the last of them is done (`basic.ack` with
    /// `multiple`).
    Multiple,
}

crate::choices! { Acknowledges { Each "each", Multiple "multiple" } }

/// What becomes of a message whose handling failed, or that its handler wants to be given again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The exception is caught by nobody: the process dies, and its connection with it. A handler that
    /// wants a message again is given it again in the same process.
    #[default]
    Raise,
    /// It goes back to its queue at once (`basic.nack` with `requeue`).
    Requeue,
    /// It dies in its queue (`basic.reject` without `requeue`), and is dead-lettered where that is set up.
    Reject,
}

crate::choices! { Failure { Raise "raise", Requeue "requeue", Reject "reject" } }

crate::settings! {
    /// How a consumer consumes and acknowledges.
    pub struct Consumer {
        /// How many deliveries it may have at once without having acknowledged them (`basic.qos`). 0: no
        /// limit, as for a client that does not call it.
        "prefetch_count" prefetch_count: u16 = 0;
        /// When it acknowledges what is done: each message by itself, or several at once.
        "acknowledge" acknowledges: Acknowledges = Acknowledges::Each;
        /// What becomes of a message whose handling failed.
        "failure" failure: Failure = Failure::Raise;
        /// Its priority among the consumers of its queue.
        "x-priority" priority: i32 = 0;
    }
}

crate::settings! {
    /// What a publisher says of one message.
    pub struct Published {
        /// How urgent it is: a queue with `x-max-priority` hands out higher ones first.
        "priority" priority: Option<u8> = None;
        /// After how many milliseconds it expires, in whatever queue it stands.
        "expiration" expiration: Option<u32> = None;
    }
}

crate::settings! {
    /// How a publisher publishes. It waits for confirms, as the guide to reliability recommends; a client that
    /// does not call `confirm.select` has none.
    pub struct Publisher {
        /// Whether it waits until the broker has confirmed each message (`confirm.select`).
        "confirms" confirms: bool = true;
        /// After how many milliseconds without a confirm it publishes again, on a new channel.
        "confirms.timeout" confirms_timeout_ms: u32 = 5_000, 1..=3_600_000;
        /// Whether a message that no queue takes comes back.
        "mandatory" mandatory: bool = false;
    }
}
