//! The errors of the server, with its numbers and words.

use std::sync::Arc;

/// A `-ERR` line of the core protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CoreError {
    /// The subject of a subscription or a publish is not valid.
    InvalidSubject,
    /// The client did not read fast enough; its connection is closed.
    SlowConsumer,
    /// The message is larger than the server takes; the connection is closed.
    MaximumPayload,
}

impl CoreError {
    /// The words between the quotes.
    pub const fn words(self) -> &'static str {
        match self {
            CoreError::InvalidSubject => "Invalid Subject",
            CoreError::SlowConsumer => "Slow Consumer",
            CoreError::MaximumPayload => "Maximum Payload Violation",
        }
    }
}

macro_rules! errors {
    ($( $(#[$doc:meta])* $name:ident $(($field:ident: $kind:ty))? = $code:literal $err_code:literal $words:literal; )*) => {
        /// An error of the JetStream API: an HTTP-like code, an `err_code` of its own, and a sentence.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum ApiError { $( $(#[$doc])* $name $(($kind))? ),* }

        impl ApiError {
            /// The code, the `err_code` and the description.
            pub fn parts(&self) -> (u16, u16, String) {
                match self { $( ApiError::$name $(($field))? => ($code, $err_code, format!($words)) ),* }
            }
        }
    };
}

errors! {
    /// The request contradicts itself.
    BadRequest = 400 10003 "bad request";
    /// The consumer's configuration is refused for this reason.
    ConsumerCreate(why: Arc<str>) = 500 10012 "{why}";
    /// A push consumer of this name is in use.
    ConsumerNameExist = 400 10013 "consumer name already in use";
    /// There is no such consumer.
    ConsumerNotFound = 404 10014 "consumer not found";
    /// The stream takes no more consumers.
    MaximumConsumers = 400 10026 "maximum consumers limit reached";
    /// A mirror copies one stream, so it has no sources.
    MirrorWithSources = 400 10031 "stream mirrors can not also contain other sources";
    /// A mirror takes nothing but what it copies.
    MirrorWithSubjects = 400 10034 "stream mirrors can not contain subjects";
    /// No message answers the look-up.
    NoMessageFound = 404 10037 "no message found";
    /// The message with this sequence is not in the stream.
    SequenceNotFound(seq: u64) = 400 10043 "sequence {seq} not found";
    /// The configuration of the stream is refused for this reason.
    InvalidConfig(why: Arc<str>) = 500 10052 "{why}";
    /// The message is larger than the stream takes.
    MessageExceedsMaximum = 400 10054 "message size exceeds maximum allowed";
    /// The message could not be deleted.
    MsgDeleteFailed(why: Arc<str>) = 500 10057 "{why}";
    /// A stream of this name has another configuration.
    StreamNameExist = 400 10058 "stream name already in use with a different configuration";
    /// There is no such stream.
    StreamNotFound = 404 10059 "stream not found";
    /// The publisher expected another stream.
    StreamNotMatch = 400 10060 "expected stream does not match";
    /// Two streams may not take the same subject.
    SubjectOverlap = 400 10065 "subjects overlap with an existing stream";
    /// The last message had another id than the publisher expected.
    WrongLastMsgId(last: Arc<str>) = 400 10070 "wrong last msg ID: {last}";
    /// The last sequence is another than the publisher expected.
    WrongLastSequence(last: u64) = 400 10071 "wrong last sequence: {last}";
    /// The stream is full and discards what is new.
    StoreFailed(why: Arc<str>) = 503 10077 "{why}";
    /// A deliver subject is one subject.
    DeliverToWildcards = 400 10079 "consumer deliver subject has wildcards";
    /// Only pull consumers have waiting requests.
    PushMaxWaiting = 400 10080 "consumer in push mode can not set max waiting";
    /// What the consumer delivers would be stored in its own stream.
    DeliverCycle = 400 10081 "consumer deliver subject forms a cycle";
    /// The number of waiting requests cannot be negative.
    MaxWaitingNegative = 400 10087 "consumer max waiting needs to be positive";
    /// The filter asks for subjects that the stream does not have.
    FilterNotSubset = 400 10093 "consumer filter subject is not a valid subset of the interest subjects";
    /// A work queue can only tell what is done from explicit acks.
    WqRequiresExplicitAck = 400 10098 "workqueue stream requires explicit ack";
    /// In a work queue a second consumer needs a filter.
    WqMultipleUnfiltered = 400 10099 "multiple non-filtered consumers not allowed on workqueue stream";
    /// In a work queue each message belongs to one consumer.
    WqConsumerNotUnique = 400 10100 "filtered consumer not unique on workqueue stream";
    /// In a work queue a consumer takes everything.
    WqConsumerNotDeliverAll = 400 10101 "consumer must be deliver all on workqueue stream";
    /// A name with dots or wildcards.
    BadDurableName = 400 10103 "durable name can not contain '.', '*', '>'";
    /// Nothing changes in a sealed stream.
    Sealed = 400 10109 "invalid operation on sealed stream";
    /// The purge is not permitted.
    PurgeFailed(why: Arc<str>) = 500 10110 "{why}";
    /// The roll-up is not permitted.
    RollupFailed(why: Arc<str>) = 500 10111 "{why}";
    /// There are more back-off times than deliveries.
    MaxDeliverBackoff = 400 10116 "max deliver is required to be > length of backoff values";
    /// Filters of one consumer that overlap.
    OverlappingFilters = 400 10138 "consumer subject filters cannot overlap";
}

impl ApiError {
    /// As the JSON that stands under `error` in an answer.
    pub fn json(&self) -> serde_json::Value {
        let (code, err_code, description) = self.parts();
        serde_json::json!({"code": code, "err_code": err_code, "description": description})
    }
}
