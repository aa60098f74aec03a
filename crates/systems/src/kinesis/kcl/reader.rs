//! A reader of one shard: from a checkpoint to the shard's end.
//!
//! # Rules
//! K43. A reader that gets ExpiredIteratorException asks for a new iterator after the last record it
//! was given, so that none is lost or repeated; one that is throttled asks again with the same
//! iterator. A reader that began at LATEST and was given nothing yet begins at LATEST again, and what
//! came meanwhile is lost to it. Source: awslabs/amazon-kinesis-client issue 829, `KinesisDataFetcher`. Shown by:
//! the test `a_reader_survives_expired_iterators_and_throttling`,
//! the test `a_reader_that_began_at_latest_may_lose_records`.
//!
//! Simplified: the pauses between calls (one second when a call brought nothing) are the matter of
//! whoever drives the reader.

use super::lease::Checkpoint;
use crate::kinesis::error::Error;
use crate::kinesis::iterator::ShardIterator;
use crate::kinesis::reply::Reply;
use crate::kinesis::request::{Request, Starting};
use crate::kinesis::sequence::Given;
use crate::kinesis::shard::{ChildShard, Record, ShardId};
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// Where a reader is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    /// It needs an iterator.
    Starting(Starting),
    /// It has one.
    Reading(ShardIterator),
    /// The shard has come to its end.
    Ended(Vec<ChildShard>),
}

/// A reader of one shard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShardReader {
    stream: Arc<str>,
    shard: ShardId,
    /// Where to go on when the iterator has expired.
    resumes: Starting,
    state: State,
}

impl ShardReader {
    /// A reader that goes on after a checkpoint.
    pub fn new(stream: &str, shard: ShardId, checkpoint: Checkpoint) -> ShardReader {
        let starting = checkpoint.starting();
        ShardReader {
            stream: stream.into(),
            shard,
            resumes: starting.clone().unwrap_or(Starting::Latest),
            state: starting.map_or_else(|| State::Ended(Vec::new()), State::Starting),
        }
    }

    /// What it asks next; at the end nothing.
    pub fn request(&self) -> Option<Request> {
        match &self.state {
            State::Starting(starting) => Some(Request::GetShardIterator {
                stream: Arc::clone(&self.stream),
                shard: self.shard,
                starting: starting.clone(),
            }),
            State::Reading(iterator) => Some(Request::GetRecords {
                iterator: iterator.clone(),
                limit: None,
            }),
            State::Ended(_) => None,
        }
    }

    /// Takes the answer; the records to process.
    pub fn answered(&mut self, reply: Reply) -> Vec<Record> {
        match reply {
            Reply::Iterator(iterator) => {
                self.state = State::Reading(iterator);
                Vec::new()
            }
            Reply::Records(batch, next) => {
                if let Some(last) = batch.records.last() {
                    self.resumes = Starting::AfterSequenceNumber(Given::Number(last.sequence));
                }
                self.state = next.map_or(State::Ended(batch.children), State::Reading);
                batch.records
            }
            Reply::Refused(Error::ExpiredIterator(_)) => {
                self.state = State::Starting(self.resumes.clone());
                Vec::new()
            }
            // The shard has expired: there is nothing left to read.
            Reply::Refused(Error::ResourceNotFound(_)) => {
                self.state = State::Ended(Vec::new());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The child shards, when the shard has come to its end.
    pub fn ended(&self) -> Option<&[ChildShard]> {
        match &self.state {
            State::Ended(children) => Some(children),
            _ => None,
        }
    }
}

impl Visit for ShardReader {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.resumes.visit(visitor);
        match &mut self.state {
            State::Starting(starting) => starting.visit(visitor),
            State::Reading(iterator) => iterator.visit(visitor),
            State::Ended(_) => {}
        }
    }
}
