//! What a producer has to know of a topic before it can place a record: its metadata.
//!
//! # Rules
//! 1. A record whose topic cannot be called so is refused at once: `InvalidTopicException`, without a
//!    cause. Source: `Metadata.maybeThrowExceptionForTopic`, `KafkaProducer.waitOnMetadata`. Shown by:
//!    the test `an_impossible_topic_name_is_refused_at_once`.
//! 2. For a topic that is not there the producer asks again and again until `max.block.ms` is over:
//!    `TimeoutException` ("Topic t not present in metadata after 60000 ms."), and its cause is
//!    `UnknownTopicOrPartitionException`, the broker's last answer. Source:
//!    `KafkaProducer.waitOnMetadata`, `ProducerMetadata.getError`. Shown by: the test
//!    `an_unknown_topic_is_waited_for_and_then_timed_out`.
//! 3. A partition that the topic has not is waited for in the same way. The last answer was no error, so
//!    this `TimeoutException` ("Partition 5 of topic t with partition count 2 is not present …") has no
//!    cause. Source: `KafkaProducer.waitOnMetadata`. Shown by: the test
//!    `a_partition_too_many_times_out_without_a_cause`.
//! 4. `send` does not throw it but tells it by the future. In a transaction it is an error of a write:
//!    only an abort is left. A producer with a transactional id and no open transaction throws
//!    `IllegalStateException` from `send` itself, after having waited: it has nothing to abort. Source:
//!    `KafkaProducer.doSend`, `TransactionManager.State.isTransitionValid`. Shown by: the test
//!    `a_topic_that_is_not_there_leaves_a_transaction_to_be_aborted`.
//!
//! Left out: topics that come into being because somebody asks for them (`auto.create.topics.enable`),
//! and topics that are made while the producer waits.

use super::exception::{Exception, ILLEGAL, TIMEOUT};
use super::{Producer, State};
use crate::kafka::Error;
use explore::time::Span;

/// A record that has no place: what `send` throws, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// What is thrown.
    pub thrown: Exception,
    /// How long the producer has waited for a place before.
    pub waited: Span,
}

impl Producer {
    /// Whether a record can be placed, given the broker's answer about the topic: how many partitions it
    /// has ([`Broker::metadata`](crate::kafka::Broker::metadata)), and the partition that is wanted.
    ///
    /// # Errors
    /// What `send` throws, and after how long (rules 1 to 4).
    ///
    /// ```
    /// use systems::kafka::{Broker, Settings, producer::Producer};
    ///
    /// let broker = Broker::new(Settings::default(), 0);
    /// let mut producer = Producer::default();
    /// let unplaced = producer.await_metadata(broker.metadata("orders"), None).unwrap_err();
    /// // Nobody says so for a minute: most likely the program has long lost patience.
    /// assert_eq!(unplaced.waited, explore::time::Span::from_ms(60_000));
    /// assert_eq!(unplaced.thrown.class, "TimeoutException");
    /// assert_eq!(unplaced.thrown.cause, Some("UnknownTopicOrPartitionException"));
    /// ```
    pub fn await_metadata(
        &mut self,
        answer: Result<u16, Error>,
        wanted: Option<u16>,
    ) -> Result<(), Unplaced> {
        let fits = |count: u16| wanted.is_none_or(|index| index < count);
        let (thrown, waited) = match answer {
            Ok(count) if fits(count) => return Ok(()),
            Ok(_) => (TIMEOUT, self.config.max_block),
            Err(error @ Error::UnknownTopicOrPartition) => {
                let cause = Exception::of_error(error);
                (TIMEOUT.caused_by(cause), self.config.max_block)
            }
            Err(error) => (Exception::of_error(error), Span(0)),
        };
        let may_abort = matches!(self.state, State::InTransaction | State::Abortable(_));
        let thrown = if self.config.transactional_id.is_some() && !may_abort {
            ILLEGAL
        } else {
            self.failed(thrown);
            thrown
        };
        Err(Unplaced { thrown, waited })
    }
}
