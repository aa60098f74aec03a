//! The words of Redis's recordings: what a step can ask.
//!
//! Each op knows its fields and no others, so a file that asks for more than the model knows fails.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What is declared.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declared {
    /// A consumer group.
    Group,
    /// A consumer of a group.
    Consumer,
}

/// What is deleted.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deleted {
    /// A consumer group.
    Group,
    /// A consumer of a group.
    Consumer,
    /// A stream.
    Stream,
    /// Entries of a stream.
    Entries,
}

/// What XINFO is asked for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Info {
    /// The groups of a stream.
    Groups,
    /// The stream.
    Stream,
    /// The consumers of a group.
    Consumers,
}

/// A read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Who reads: the connection, and the consumer's name.
    pub client: Option<String>,
    /// One stream,
    pub stream: Option<String>,
    /// and after which id.
    pub from: Option<String>,
    /// Several streams, each with an id.
    pub streams: Option<BTreeMap<String, String>>,
    /// For which group.
    pub group: Option<String>,
    /// At most so many entries of each stream.
    pub count: Option<i64>,
    /// Whether nothing becomes pending.
    #[serde(default)]
    pub noack: bool,
    /// How long the client waits.
    pub block_ms: Option<u64>,
    /// Whether the step returns at once; `await` has the answer.
    #[serde(default)]
    pub background: bool,
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// XADD.
    Append {
        /// The stream.
        stream: String,
        /// The id asked for; the clock's when left out.
        id: Option<String>,
        /// The body.
        msg: String,
        /// MAXLEN, exactly.
        maxlen: Option<i64>,
        /// MINID, exactly.
        minid: Option<String>,
        /// False is NOMKSTREAM.
        create: Option<bool>,
        /// Who.
        client: Option<String>,
    },
    /// XGROUP CREATE, XGROUP CREATECONSUMER.
    Declare {
        /// A group or a consumer.
        kind: Declared,
        /// The stream.
        stream: String,
        /// The consumer's group.
        group: Option<String>,
        /// Its name.
        name: String,
        /// Where a group begins.
        start: Option<String>,
        /// MKSTREAM.
        #[serde(default)]
        create_stream: bool,
    },
    /// XGROUP DESTROY, XGROUP DELCONSUMER, DEL, XDEL.
    Delete {
        /// What.
        kind: Deleted,
        /// The stream.
        stream: Option<String>,
        /// The consumer's group.
        group: Option<String>,
        /// Its name.
        name: Option<String>,
        /// Which entries.
        ids: Option<Vec<String>>,
    },
    /// XGROUP SETID.
    SetPosition {
        /// The stream.
        stream: String,
        /// The group.
        group: String,
        /// After which id it goes on.
        start: String,
    },
    /// XREAD, XREADGROUP.
    Read(Read),
    /// The answer of a read in the background.
    Await {
        /// Whose.
        client: Option<String>,
    },
    /// XACK.
    Ack {
        /// The stream.
        stream: String,
        /// The group.
        group: String,
        /// Which entries.
        ids: Vec<String>,
        /// Who.
        client: Option<String>,
    },
    /// XPENDING.
    Pending {
        /// The stream.
        stream: String,
        /// The group.
        group: String,
        /// Whether entries are listed.
        #[serde(default)]
        detail: bool,
        /// From which id on.
        start: Option<String>,
        /// Up to which id.
        end: Option<String>,
        /// At most how many.
        count: Option<i64>,
        /// Whose.
        consumer: Option<String>,
        /// Delivered at least so long ago.
        min_idle_ms: Option<i64>,
    },
    /// XCLAIM.
    Claim {
        /// The stream.
        stream: String,
        /// The group.
        group: String,
        /// For whom.
        client: String,
        /// Delivered at least so long ago.
        min_idle_ms: i64,
        /// Which entries.
        ids: Vec<String>,
        /// Whether ids are enough.
        #[serde(default)]
        justid: bool,
        /// Whether entries need not be pending.
        #[serde(default)]
        force: bool,
        /// The idle time they get.
        set_idle_ms: Option<i64>,
        /// The number of deliveries they get.
        set_deliveries: Option<i64>,
    },
    /// XAUTOCLAIM.
    Autoclaim {
        /// The stream.
        stream: String,
        /// The group.
        group: String,
        /// For whom.
        client: String,
        /// Delivered at least so long ago.
        min_idle_ms: i64,
        /// From which id on.
        start: String,
        /// At most how many.
        count: Option<i64>,
        /// Whether ids are enough.
        #[serde(default)]
        justid: bool,
    },
    /// XTRIM, exactly.
    Trim {
        /// The stream.
        stream: String,
        /// To how many entries.
        maxlen: Option<i64>,
        /// Or from which id on.
        minid: Option<String>,
    },
    /// XRANGE, XREVRANGE.
    Range {
        /// The stream.
        stream: String,
        /// From which id on.
        start: String,
        /// Up to which id.
        end: String,
        /// At most how many.
        count: Option<i64>,
        /// XREVRANGE.
        #[serde(default)]
        reverse: bool,
    },
    /// XINFO.
    Info {
        /// About what.
        kind: Info,
        /// The stream.
        stream: String,
        /// The consumers' group.
        group: Option<String>,
    },
    /// XLEN.
    Depth {
        /// The stream.
        stream: String,
    },
    /// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE.
    Subscribe(Subscription),
    /// UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE.
    Unsubscribe(Subscription),
    /// PUBLISH, SPUBLISH.
    Publish {
        /// On which channel.
        channel: String,
        /// The body.
        msg: String,
        /// Whether the channel is a shard's.
        #[serde(default)]
        sharded: bool,
        /// Who.
        client: Option<String>,
    },
    /// PUBSUB CHANNELS and NUMPAT.
    Channels {
        /// Which channels.
        pattern: Option<String>,
    },
    /// What has been pushed to clients since they last looked.
    Drain {
        /// Which clients.
        clients: Vec<String>,
        /// Whether only the bodies over all of them count.
        #[serde(default)]
        merge: bool,
    },
    /// A client's connections go away.
    Crash {
        /// Whose.
        client: String,
    },
    /// Time passes.
    Wait {
        /// How much.
        ms: u64,
    },
}

/// To what somebody subscribes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Who.
    pub client: String,
    /// A channel,
    pub channel: Option<String>,
    /// or a pattern.
    pub pattern: Option<String>,
    /// Whether the channel is a shard's.
    #[serde(default)]
    pub sharded: bool,
}
