//! Inside poll: where to read, what was fetched, and what poll returns. Rules 1 to 4.

use super::{Consumer, Effect, Held, Membership, Owned, Phase, Position, STEP, Step};
use crate::fact::kafka;
use crate::fact::{Asked, Fact, Origin};
use crate::scene::Commit;
use systems::kafka::{Error, Offset, Partition, Piece, Placed, Request};

impl Consumer {
    /// One look inside poll: does what can be done now, and returns records when there are some.
    pub(super) fn poll(&mut self, step: &mut Step) {
        if let Some(error) = self.rejoin.take() {
            self.give_back(error, step);
        }
        match self.membership {
            Membership::Outside => self.join(step),
            Membership::Joining | Membership::Syncing => {}
            Membership::Member => {
                if self.auto_commit_ready {
                    self.auto_commit(step);
                }
                let unknown = self.without_position();
                if self.loop_due.is_some() {
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
                    self.return_records(step);
                } else if !self.fetching {
                    self.fetch(step);
                }
            }
        }
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
            let isolation = step.plan.isolation;
            step.ask(Asked::Fetch, Request::Fetch { from, isolation });
        }
    }

    /// Poll returns: the position moves (rule 2).
    pub(super) fn return_records(&mut self, step: &mut Step) {
        let mut room = step.plan.max_poll_records;
        let before = self.hand.len();
        for owned in &mut self.owned {
            let batch: Vec<_> = owned.buffer.drain(..room.min(owned.buffer.len())).collect();
            room -= batch.len();
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
                continue;
            };
            let behind = Offset(last.offset.0 + 1);
            let onward = owned.onward.take_if(|_| owned.buffer.is_empty());
            owned.position = Position::At(onward.unwrap_or(behind));
            step.fact(Fact::Kafka(kafka::Fact::Polled {
                consumer: self.id,
                partition: owned.partition,
                first: first.offset,
                last: last.offset,
                records: batch.iter().map(|stored| stored.record).collect(),
            }));
            let partition = owned.partition;
            self.hand.extend(
                batch
                    .iter()
                    .map(|stored| Held::new(stored.record, partition, stored.offset)),
            );
        }
        self.batch = self.hand.len() - before;
        if step.plan.commit == Commit::Before {
            self.phase = Phase::BeforeCommit;
            self.loop_due = Some(step.now + STEP);
        } else {
            if step.plan.commit == Commit::InTransaction {
                self.begin_transaction(step);
            }
            self.begin_work(step.plan, step.now);
        }
    }

    pub(super) fn positions(&self) -> Vec<(Partition, Offset)> {
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
    ) {
        let mut without = Vec::new();
        for (partition, committed) in offsets {
            match committed {
                Err(error) => self.look_again(partition, error, step),
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
                    isolation: step.plan.isolation,
                },
            );
        }
    }

    pub(super) fn place(
        &mut self,
        partition: Partition,
        offset: Offset,
        origin: Origin,
        step: &mut Step,
    ) {
        if let Some(owned) = self
            .owned
            .iter_mut()
            .find(|owned| owned.partition == partition && owned.position == Position::Asked)
        {
            owned.position = Position::At(offset);
            owned.unstable = false;
            // Where nothing was ever polled there is nothing to commit, so that an idle consumer rests.
            owned.committed = Some(offset);
            step.fact(Fact::Kafka(kafka::Fact::Positioned {
                consumer: self.id,
                partition,
                offset,
                origin,
            }));
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
                        step.out
                            .push(Effect::Fact(Fact::Kafka(kafka::Fact::PassedOver {
                                consumer: self.id,
                                partition,
                                records: names(&aborted),
                            })));
                    }
                    if !records.is_empty() {
                        step.out
                            .push(Effect::Fact(Fact::Kafka(kafka::Fact::Fetched {
                                consumer: self.id,
                                partition,
                                records: names(&records),
                            })));
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
                    isolation: step.plan.isolation,
                },
            );
        }
    }
}
