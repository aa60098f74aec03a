//! Facts of producers and transactions in words.

use super::{Sentence, Tone, records};
use crate::stage::moment::Moment;
use engine::fact::ProducerAsked;
use engine::fact::{kafka, process};
use engine::systems::kafka::Error;
use engine::systems::kafka::log::record::Ended;
use engine::{Cast, Fact};

/// In a few words, and how it feels; nothing where it is a fact of somebody else.
pub(super) fn phrase(cast: &Cast, fact: &Fact) -> Option<(Tone, String)> {
    let plain = |text: &str| (Tone::Plain, text.to_owned());
    Some(match fact {
        Fact::Process(process::Fact::ProducerStarted { process: 1, .. }) => plain("starts"),
        Fact::Process(process::Fact::ProducerStarted { .. }) => plain("is started again"),
        Fact::Process(process::Fact::ProducerCrashed { .. }) => (Tone::Crash, "crashes".to_owned()),
        Fact::Kafka(kafka::Fact::ProducerSent { request, .. }) => plain(asked(*request)),
        Fact::Kafka(kafka::Fact::Identified { id, epoch, .. }) => (
            Tone::Plain,
            format!("is producer id {}, epoch {}", id.0, epoch.0),
        ),
        Fact::Kafka(kafka::Fact::TransactionBegan { .. }) => plain("begins a transaction"),
        Fact::Kafka(kafka::Fact::Stored { offset, record, .. }) => (
            Tone::Done,
            format!(
                "stores {} at offset {}",
                cast.record_name(*record),
                offset.0
            ),
        ),
        Fact::Kafka(kafka::Fact::KnownSequence { record, .. }) => (
            Tone::Mark,
            format!(
                "knows {} already: stores nothing",
                cast.record_name(*record)
            ),
        ),
        Fact::Kafka(kafka::Fact::Acknowledged { record, .. }) => (
            Tone::Plain,
            format!("hears that {} is stored", cast.record_name(*record)),
        ),
        Fact::Kafka(kafka::Fact::ProducerRefused { error, .. }) => {
            (Tone::Crash, format!("is refused: {}", error.name()))
        }
        Fact::Kafka(kafka::Fact::TransactionDecided { ended, .. }) => {
            (Tone::Plain, format!("decides to {}", ended.word()))
        }
        Fact::Kafka(kafka::Fact::TransactionTimedOut { transaction }) => (
            Tone::Crash,
            format!(
                "aborts {}: open for too long",
                cast.transactional_name(*transaction)
            ),
        ),
        Fact::Kafka(kafka::Fact::Marked {
            ended, partition, ..
        }) => (
            Tone::Mark,
            format!(
                "writes the {} marker in {}",
                ended.word(),
                cast.partition_name(*partition)
            ),
        ),
        Fact::Kafka(kafka::Fact::OffsetWritten {
            partition, offset, ..
        }) => (
            Tone::Mark,
            format!(
                "writes offset {} of {} in the transaction",
                offset.0,
                cast.partition_name(*partition)
            ),
        ),
        Fact::Kafka(kafka::Fact::OffsetsEnded { ended, .. }) => (
            Tone::Mark,
            match ended {
                Ended::Commit => "goes on at the offsets of the transaction".to_owned(),
                Ended::Abort => "forgets the offsets of the transaction".to_owned(),
            },
        ),
        Fact::Kafka(kafka::Fact::TransactionEnded { ended, .. }) => (
            Tone::Mark,
            format!("hears that the {} is done", ended.word()),
        ),
        Fact::Process(process::Fact::Threw { exception, .. }) => {
            (Tone::Crash, format!("gets {}", super::said(exception)))
        }
        Fact::Kafka(kafka::Fact::ProducerMessageLost { request, what, .. }) => (
            Tone::Crash,
            format!("{}: the {} gets lost", asked(*request), what.word()),
        ),
        Fact::Kafka(kafka::Fact::Retried { request, .. }) => {
            (Tone::Mark, format!("{} again", asked(*request)))
        }
        Fact::Process(process::Fact::ProgramOver { .. }) => plain("is through with its program"),
        Fact::Kafka(kafka::Fact::PassedOver { records: what, .. }) => (
            Tone::Plain,
            format!("passes over {}: aborted", records(cast, what)),
        ),
        _ => return None,
    })
}

const fn asked(request: ProducerAsked) -> &'static str {
    match request {
        ProducerAsked::Init => "asks for a producer id",
        ProducerAsked::AddPartition => "adds a partition to the transaction",
        ProducerAsked::AddOffsets => "adds offsets to the transaction",
        ProducerAsked::Produce => "sends",
        ProducerAsked::CommitOffsets => "writes offsets in the transaction",
        ProducerAsked::Commit => "asks to commit",
        ProducerAsked::Abort => "asks to abort",
    }
}

/// The sentence of a moment, where such a fact has more to say than its phrase.
pub(super) fn sentence(
    moment: &Moment<'_>,
    who: &str,
    tone: Tone,
    fact: &Fact,
) -> Option<Sentence> {
    let cast = moment.world.cast();
    let (lead, rest) = match fact {
        Fact::Process(process::Fact::ProducerStarted { process: 1, .. }) => {
            (format!("{who} starts."), "")
        }
        Fact::Process(process::Fact::ProducerStarted { .. }) => (
            format!("{who} is started again."),
            "To the broker this is another producer, unless it has a transactional id.",
        ),
        Fact::Process(process::Fact::ProducerCrashed {
            unacknowledged: what,
            ..
        }) => (
            format!("{who} crashes."),
            if what.is_empty() {
                "Everything it sent was acknowledged."
            } else {
                "It has not heard whether its last record is stored. Nor will its successor know."
            },
        ),
        Fact::Kafka(kafka::Fact::Identified { id, epoch, .. }) => (
            format!("{who} is producer id {}, epoch {}.", id.0, epoch.0),
            if epoch.0 > 0 {
                "Whoever still uses a lower epoch of this id is fenced from now on."
            } else {
                "With it and a sequence the broker recognises what comes twice."
            },
        ),
        Fact::Kafka(kafka::Fact::Stored { record, .. }) => (
            format!("{} is stored.", cast.record_name(*record)),
            "The acknowledgement is on its way.",
        ),
        Fact::Kafka(kafka::Fact::KnownSequence { record, .. }) => (
            format!("The broker has {} already.", cast.record_name(*record)),
            "Same producer, same epoch, same sequence: it stores nothing and acknowledges.",
        ),
        Fact::Kafka(kafka::Fact::ProducerRefused {
            error: error @ (Error::InvalidProducerEpoch | Error::ProducerFenced),
            ..
        }) => (
            format!("{who} is refused: {}.", error.name()),
            "Its epoch is an old one: a newer instance has its place.",
        ),
        Fact::Kafka(kafka::Fact::TransactionTimedOut { .. }) => (
            "The coordinator aborts the transaction.".to_owned(),
            "It was open for longer than transaction.timeout.ms, and held every reader of committed records back.",
        ),
        Fact::Kafka(kafka::Fact::Marked { ended, .. }) => (
            format!("The {} marker is written.", ended.word()),
            match ended {
                Ended::Commit => "Who reads committed records sees those before it now.",
                Ended::Abort => {
                    "The records stay in the log. Who reads committed records passes over them."
                }
            },
        ),
        Fact::Kafka(kafka::Fact::Told {
            error: Error::UnstableOffsetCommit,
            ..
        }) => (
            format!("{who} is not told where to read on."),
            "A transaction has written an offset here and is still open: UNSTABLE_OFFSET_COMMIT. It asks again.",
        ),
        Fact::Kafka(kafka::Fact::OffsetWritten { offset, .. }) => (
            format!("{who} writes offset {} in the transaction.", offset.0),
            "It is not committed yet: it counts when the transaction does, together with what was published.",
        ),
        Fact::Kafka(kafka::Fact::OffsetsEnded {
            ended: Ended::Commit,
            ..
        }) => (
            format!("{who} goes on at the offsets of the transaction."),
            "What was published and what was committed have happened together.",
        ),
        Fact::Kafka(kafka::Fact::ProducerMessageLost { .. }) => (
            format!("A message of {who} gets lost."),
            "The producer cannot tell whether its request arrived. It will ask again.",
        ),
        _ => return None,
    };
    Some(Sentence {
        tone,
        lead,
        rest: rest.to_owned(),
    })
}
