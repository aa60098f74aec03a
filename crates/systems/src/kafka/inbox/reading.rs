//! Inside poll: where to read, what was fetched, and what poll returns. Rules 1 to 4.

use super::{Inbox, Membership, Owned, Position, Rejoin, Step};
use crate::kafka::config::Reset;
use crate::kafka::fact::{Asked, Fact, Origin};
use crate::kafka::outbox::BACKOFF;
use crate::kafka::{Error, Offset, Partition, Piece, Placed, Request};
use crate::library::Place;
use crate::library::inbox::{NoReceipt, Taken};

type Heard = crate::library::inbox::Heard<NoReceipt>;

impl Inbox {
    /// One look inside poll: does what can be done now, and returns records when there are some.
    /// While the program `waits` before it looks again, nothing new is asked.
    pub(super) fn poll(&mut self, waits: bool, step: &mut Step) -> Heard {
        if let Some(partitions) = self.synced.take()
            && self.rejoin.is_none_or(Rejoin::is_still_member)
        {
            self.take_over(partitions, step);
        }
        if let Some(why) = self.rejoin.take() {
            self.give_back(why, step);
        }
        match self.membership {
            Membership::Outside => self.join(step),
            Membership::Joining | Membership::Syncing => {}
            Membership::Member => {
                if self.auto_commit_ready {
                    self.auto_commit(step);
                }
                return self.read(waits, step);
            }
        }
        // Whoever has kept something reads on meanwhile (rule 8).
        match self.owned.is_empty() {
            true => Heard::Nothing,
            false => self.read(waits, step),
        }
    }

    /// What a poll does of its partitions: asks where to begin, fetches, returns.
    fn read(&mut self, waits: bool, step: &mut Step) -> Heard {
        let unknown = self.without_position();
        if waits {
            // It asks again after a while.
        } else if !unknown.is_empty() {
            for owned in &mut self.owned {
                if owned.position == Position::Unknown {
                    owned.position = Position::Asked;
                }
            }
            step.ask(
                Asked::OffsetFetch,
                Request::OffsetFetch {
                    group: step.plan.group,
                    partitions: unknown,
                },
            );
        } else if self
            .owned
            .iter()
            .any(|owned| owned.position == Position::Asked)
        {
            // The answer will call poll again.
        } else if self.owned.iter().any(|owned| !owned.buffer.is_empty()) {
            return self.return_records(step);
        } else if self.membership == Membership::Member && std::mem::take(&mut self.commits_again) {
            // The program goes round its loop, and commits.
            return Heard::Took(Vec::new());
        } else if !self.fetching {
            self.fetch(step);
        }
        Heard::Nothing
    }

    pub(super) fn without_position(&self) -> Vec<Partition> {
        self.owned
            .iter()
            .filter(|owned| owned.position == Position::Unknown)
            .map(|owned| owned.partition)
            .collect()
    }

    pub(super) fn fetch(&mut self, step: &mut Step) {
        let from: Vec<_> = self
            .owned
            .iter()
            .filter_map(|owned| match owned.position {
                Position::At(offset) => Some((owned.partition, offset)),
                Position::Unknown | Position::Asked => None,
            })
            .collect();
        if !from.is_empty() {
            self.fetching = true;
            let isolation = step.plan.config.isolation_level.into();
            step.ask(Asked::Fetch, Request::Fetch { from, isolation });
        }
    }

    /// Poll returns: the position moves (rule 2).
    fn return_records(&mut self, step: &mut Step) -> Heard {
        let mut room = step.plan.config.max_poll_records as usize;
        let mut taken = Vec::new();
        for owned in &mut self.owned {
            let batch: Vec<_> = owned.buffer.drain(..room.min(owned.buffer.len())).collect();
            room -= batch.len();
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
                continue;
            };
            let behind = Offset(last.offset.0 + 1);
            let onward = owned.onward.take_if(|_| owned.buffer.is_empty());
            owned.position = Position::At(onward.unwrap_or(behind));
            step.out.tell(Fact::Polled {
                consumer: step.consumer(),
                partition: owned.partition,
                first: first.offset,
                last: last.offset,
                records: batch.iter().map(|stored| stored.record).collect(),
            });
            let partition = owned.partition;
            taken.extend(batch.iter().map(|stored| Taken {
                record: stored.record,
                place: Some(Place {
                    partition,
                    offset: stored.offset,
                }),
                attempt: 1,
                redelivered: false,
                receipt: None,
            }));
        }
        Heard::Took(taken)
    }

    /// Where it reads on, partition by partition: what a commit writes.
    pub fn positions(&self) -> Vec<(Partition, Offset)> {
        self.owned
            .iter()
            .filter_map(|owned| match owned.position {
                Position::At(offset) => Some((owned.partition, offset)),
                Position::Unknown | Position::Asked => None,
            })
            .collect()
    }

    /// Rule 3.
    pub(super) fn on_committed(
        &mut self,
        offsets: Vec<(Partition, Result<Option<Offset>, Error>)>,
        step: &mut Step,
    ) -> Heard {
        let mut heard = Heard::Nothing;
        let mut without = Vec::new();
        for (partition, committed) in offsets {
            match committed {
                Err(error) => {
                    if self.look_again(partition, error, step) {
                        heard = Heard::LookAgain(BACKOFF);
                    }
                }
                Ok(Some(offset)) => {
                    if let Some(owned) = self
                        .owned
                        .iter_mut()
                        .find(|owned| owned.partition == partition)
                    {
                        owned.committed = Some(offset);
                    }
                    self.place(partition, offset, Origin::Committed, step);
                }
                Ok(None) => without.push(partition),
            }
        }
        if !without.is_empty() {
            step.ask(
                Asked::ListOffsets,
                Request::ListOffsets {
                    partitions: without,
                    isolation: step.plan.config.isolation_level.into(),
                },
            );
        }
        heard
    }

    /// The coordinator does not say yet where to read on (KIP-447: another transaction has written an offset and is open).
    /// Says whether that is to be asked again.
    fn look_again(&mut self, partition: Partition, error: Error, step: &mut Step) -> bool {
        let mut owned = self.owned.iter_mut();
        let here = |one: &&mut Owned| one.partition == partition && one.position == Position::Asked;
        let Some(owned) = owned.find(here) else {
            return false;
        };
        owned.position = Position::Unknown;
        // The same answer again is no news.
        if !std::mem::replace(&mut owned.unstable, true) {
            let consumer = step.consumer();
            step.out.tell(Fact::Told { consumer, error });
        }
        true
    }

    /// Where partitions begin and end: reading begins as `auto.offset.reset` says (rule 3).
    pub(super) fn on_ends(&mut self, ends: Vec<(Partition, Offset, Offset)>, step: &mut Step) {
        for (partition, start, end) in ends {
            let mut owned = self.owned.iter();
            // Where it read before, or was to read, is no longer there.
            let had = owned.any(|one| one.partition == partition && one.committed.is_some());
            let (offset, origin) = match (step.plan.config.auto_offset_reset, had) {
                (Reset::Earliest, false) => (start, Origin::Earliest),
                (Reset::Latest, false) => (end, Origin::Latest),
                (Reset::Earliest, true) => (start, Origin::GoneEarliest),
                (Reset::Latest, true) => (end, Origin::GoneLatest),
            };
            self.place(partition, offset, origin, step);
        }
    }

    fn place(&mut self, partition: Partition, offset: Offset, origin: Origin, step: &mut Step) {
        if let Some(owned) = self
            .owned
            .iter_mut()
            .find(|owned| owned.partition == partition && owned.position == Position::Asked)
        {
            owned.position = Position::At(offset);
            owned.unstable = false;
            // Where nothing was ever polled there is nothing to commit, so that an idle consumer rests.
            owned.committed = Some(offset);
            step.out.tell(Fact::Positioned {
                consumer: step.consumer(),
                partition,
                offset,
                origin,
            });
        }
    }

    pub(super) fn on_fetched(
        &mut self,
        answers: Vec<(Partition, Offset, Result<Piece, Error>)>,
        step: &mut Step,
    ) {
        self.fetching = false;
        let mut out_of_range = Vec::new();
        for (partition, from, answer) in answers {
            let here = |owned: &&mut Owned| {
                owned.partition == partition && owned.position == Position::At(from)
            };
            let Some(owned) = self.owned.iter_mut().find(here) else {
                continue;
            };
            match answer {
                Ok(Piece { records, next }) => {
                    let (aborted, records): (Vec<Placed>, _) =
                        records.into_iter().partition(|stored| stored.aborted);
                    let names = |list: &[Placed]| list.iter().map(|stored| stored.record).collect();
                    if !aborted.is_empty() {
                        step.out.tell(Fact::PassedOver {
                            consumer: step.consumer(),
                            partition,
                            records: names(&aborted),
                        });
                    }
                    if !records.is_empty() {
                        step.out.tell(Fact::Fetched {
                            consumer: step.consumer(),
                            partition,
                            records: names(&records),
                        });
                    }
                    match records.last() {
                        Some(last) => {
                            owned.onward = Some(next).filter(|next| next.0 > last.offset.0 + 1);
                        }
                        None => owned.position = Position::At(next),
                    }
                    owned.buffer = records;
                }
                Err(Error::OffsetOutOfRange) => {
                    owned.position = Position::Asked;
                    out_of_range.push(partition);
                }
                Err(_) => {}
            }
        }
        if !out_of_range.is_empty() {
            step.ask(
                Asked::ListOffsets,
                Request::ListOffsets {
                    partitions: out_of_range,
                    isolation: step.plan.config.isolation_level.into(),
                },
            );
        }
    }
}
