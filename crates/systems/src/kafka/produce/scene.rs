//! A producer of a scene is answered, and what happened is told.

use crate::kafka::settings::TransactionVersion;
use crate::kafka::{
    Broker, Caller, Fact, Offset, Out, ProducerRequest, ProducerResponse, Response,
};
use crate::party::ClientId;
use explore::time::Instant;

impl Broker {
    /// Answers a producer in a scene, and tells what happened.
    pub(in crate::kafka) fn handle_producer(
        &mut self,
        now: Instant,
        caller: Caller,
        request: ProducerRequest,
        out: &mut Out,
    ) {
        let client = caller.client;
        let stored: Vec<_> = match &request {
            ProducerRequest::Produce(partition, batch, _) => {
                let records = batch.records.iter();
                records.map(|record| (*partition, record.of)).collect()
            }
            _ => Vec::new(),
        };
        let ended = match &request {
            ProducerRequest::End(_, _, ended) => Some(*ended),
            _ => None,
        };
        let offsets = match &request {
            ProducerRequest::TxnOffsetCommit { group, offsets, .. } => {
                Some((*group, offsets.clone()))
            }
            _ => None,
        };
        let answer = match request {
            // Consumers' programs publish without an id.
            ProducerRequest::Produce(partition, batch, None) if batch.stamp.is_none() => {
                let version = TransactionVersion::V1;
                ProducerResponse::Produced(self.append(now.into(), partition, &batch, version))
            }
            request => self.answer(now, request),
        };
        let producer = ClientId(client);
        match &answer {
            ProducerResponse::Produced(Ok(appended)) => {
                let offsets = (appended.first.0..).map(Offset);
                for (offset, (partition, record)) in offsets.zip(stored) {
                    let Some(record) = record else { continue };
                    out.facts.push(if appended.duplicate {
                        Fact::KnownSequence {
                            producer,
                            partition,
                            offset,
                            record,
                        }
                    } else {
                        Fact::Stored {
                            producer,
                            partition,
                            offset,
                            record,
                        }
                    });
                }
                self.wake(out);
            }
            ProducerResponse::Identity(Ok(identity)) => out.facts.push(match ended {
                Some(ended) => Fact::TransactionDecided { producer, ended },
                None => Fact::Identified {
                    producer,
                    id: identity.producer,
                    epoch: identity.epoch,
                },
            }),
            ProducerResponse::Done(Ok(())) => {
                if let Some((group, written)) = offsets {
                    let facts = written.into_iter();
                    out.facts
                        .extend(facts.map(|(partition, offset)| Fact::OffsetWritten {
                            producer,
                            group,
                            partition,
                            offset,
                        }));
                }
            }
            _ => {}
        }
        if let Some(error) = answer.refused() {
            out.facts.push(Fact::ProducerRefused { producer, error });
        }
        out.to.push((caller, Response::Producer(answer)));
    }
}
