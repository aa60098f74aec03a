//! Fetches of clients in scenes: answered when there is something to read, and parked until then.
//!
//! # Rules
//! 1. A process has one fetch under way: a new one on its connection means that it gave up the old, and
//!    a fetch of a new process that the old one is gone.
//! 2. What a dead process had sent still arrives, also when the process after it has sent its own: it
//!    takes nothing from that one. Its answer is dropped.

use super::log::Isolation;
use super::{Broker, Caller, Error, Offset, Out, Partition, Response};

/// A fetch that found nothing and waits.
pub type ParkedFetch = (Caller, (Vec<(Partition, Offset)>, Isolation));

impl Broker {
    /// Answers the fetches that waited, where there is something for them now.
    pub(super) fn wake(&mut self, out: &mut Out) {
        if !self.parked_fetches.is_empty() {
            for (caller, (from, isolation)) in std::mem::take(&mut *self.parked_fetches) {
                self.fetch_for(caller, from, isolation, out);
            }
        }
    }

    /// Answers a fetch, or parks it when there is nothing to read.
    pub(super) fn fetch_for(
        &mut self,
        caller: Caller,
        from: Vec<(Partition, Offset)>,
        isolation: Isolation,
        out: &mut Out,
    ) {
        let found: Vec<_> = from
            .iter()
            .filter_map(|&(partition, offset)| match self.log(partition) {
                None => Some((partition, offset, Err(Error::UnknownTopicOrPartition))),
                Some(log) if offset < log.start() || offset > log.end() => {
                    Some((partition, offset, Err(Error::OffsetOutOfRange)))
                }
                Some(log) => {
                    let piece = log.piece(offset, isolation);
                    (piece.next > offset).then_some((partition, offset, Ok(piece)))
                }
            })
            .collect();
        if found.is_empty() {
            self.parked_fetches.push((caller, (from, isolation)));
        } else {
            out.to.push((caller, Response::Fetched(found)));
        }
    }

    /// The client's connection is cut: a fetch that waits on it is forgotten.
    /// Its place in a group is not: nobody tells the coordinator (rule 6 of [`group`](super::group)).
    pub(super) fn forget_fetches_of(&mut self, caller: Caller) {
        self.forget_fetches(|parked| *parked == caller);
    }

    /// A new fetch has come. Rules 1 and 2.
    pub(super) fn forget_fetches_before(&mut self, caller: Caller) {
        self.forget_fetches(|parked| {
            parked.client == caller.client && parked.connection <= caller.connection
        });
    }

    fn forget_fetches(&mut self, whose: impl Fn(&Caller) -> bool) {
        if self.parked_fetches.iter().any(|(parked, _)| whose(parked)) {
            self.parked_fetches.retain(|(parked, _)| !whose(parked));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::record::{Batch, Record};
    use super::super::{Request, Settings};
    use super::*;
    use explore::time::Instant;

    /// A broker at which these processes of one client have fetched, the first first, and to whom it
    /// answers when there is a record.
    fn answered(processes: &[u16]) -> Vec<u16> {
        let mut broker = Broker::new(Settings::default(), 0);
        let topic = broker.create_topic("orders", 1, &[]).expect("a topic");
        let orders = Partition { topic, index: 0 };
        let mut out = Out::default();
        for &connection in processes {
            let request = Request::Fetch {
                from: vec![(orders, Offset(0))],
                isolation: Isolation::ReadUncommitted,
            };
            let caller = Caller {
                client: 0,
                connection,
            };
            broker.handle(Instant(0), caller, request, &mut out);
        }
        assert!(out.to.is_empty(), "there is nothing to read");
        let batch = Batch::plain(vec![Record::new("anna", "one tea")]);
        broker
            .produce(Instant(0), orders, &batch, None)
            .expect("it is stored");
        broker.wake(&mut out);
        out.to.iter().map(|(to, _)| to.connection).collect()
    }

    #[test]
    fn a_new_fetch_takes_the_place_of_the_old() {
        assert_eq!(answered(&[1, 1]), [1]);
        assert_eq!(answered(&[1, 2]), [2]);
    }

    #[test]
    fn a_late_fetch_of_a_dead_process_takes_nothing_from_the_living() {
        assert_eq!(answered(&[2, 1]), [2, 1]);
    }
}
