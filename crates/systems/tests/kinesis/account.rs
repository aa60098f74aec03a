//! An account with a stream `s`, at a virtual time that the test moves.

use systems::kinesis::error::Error;
use systems::kinesis::fact::Fact;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::reply::{Batch, Reply, ShardDescription, Stored};
use systems::kinesis::request::{Entry, Request, Starting};
use systems::kinesis::sequence::{Given, SequenceNumber};
use systems::kinesis::setting::Settings;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::{Mode, Status};
use systems::kinesis::{Due, Kinesis};
use systems::{Caller, Instant, Out, Server, Span};

pub const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

pub fn seconds(seconds: u64) -> Instant {
    Instant(seconds * 1_000_000)
}

#[derive(Clone)]
pub struct Account {
    pub kinesis: Kinesis,
    pub now: Instant,
    /// What was pushed, and to whom.
    pub pushed: Vec<(Caller, Reply)>,
    pub facts: Vec<Fact>,
}

impl Account {
    /// An account without streams.
    pub fn empty(settings: Settings) -> Account {
        Account {
            kinesis: Kinesis::new(settings),
            now: Instant(0),
            pushed: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// An account with an active stream at time 0.
    pub fn new(shards: u32) -> Account {
        let settings = Settings {
            create_ms: 0,
            update_ms: 0,
            ..Settings::default()
        };
        Account::with(settings, shards)
    }

    pub fn with(settings: Settings, shards: u32) -> Account {
        let mut account = Account::empty(settings);
        let created = account.create("s", shards);
        assert_eq!(created, Reply::Done);
        while account.status() == Status::Creating {
            account.wait(1_000);
        }
        account
    }

    pub fn create(&mut self, name: &str, shards: u32) -> Reply {
        self.ask(Request::CreateStream {
            stream: name.into(),
            shards: Some(shards),
            mode: Mode::Provisioned,
        })
    }

    pub fn ask(&mut self, request: Request) -> Reply {
        self.ask_as(ME, request)
    }

    pub fn ask_as(&mut self, who: Caller, request: Request) -> Reply {
        let mut out = Out::default();
        self.kinesis.handle(self.now, who, request, &mut out);
        self.facts.append(&mut out.facts);
        let (_, reply) = out.to.pop().expect("every request is answered");
        self.pushed.append(&mut out.to);
        self.wait(0);
        reply
    }

    pub fn fire(&mut self, due: Due) {
        let mut out = Out::default();
        self.kinesis.fire(self.now, due, &mut out);
        self.facts.append(&mut out.facts);
        self.pushed.append(&mut out.to);
    }

    /// Lets time pass; what is due on the way happens.
    pub fn wait(&mut self, ms: u64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.kinesis.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.fire(due);
        }
        self.now = end;
    }

    pub fn status(&self) -> Status {
        self.kinesis
            .summary("s")
            .expect("the stream is there")
            .status
    }

    pub fn entry(&mut self, entry: Entry) -> Result<Stored, Error> {
        let request = Request::PutRecord {
            stream: "s".into(),
            entry,
            sequence_number_for_ordering: None,
        };
        match self.ask(request) {
            Reply::Put(stored) => Ok(stored),
            Reply::Refused(error) => Err(error),
            other => panic!("a put was answered by {other:?}"),
        }
    }

    pub fn put(&mut self, key: &str, body: &str) -> Stored {
        self.entry(Entry::new(key, body)).expect("it is stored")
    }

    pub fn iterator(&mut self, shard: u32, starting: Starting) -> Result<ShardIterator, Error> {
        let request = Request::GetShardIterator {
            stream: "s".into(),
            shard: ShardId(shard),
            starting,
        };
        match self.ask(request) {
            Reply::Iterator(iterator) => Ok(iterator),
            Reply::Refused(error) => Err(error),
            other => panic!("an iterator was answered by {other:?}"),
        }
    }

    pub fn oldest(&mut self, shard: u32) -> ShardIterator {
        let iterator = self.iterator(shard, Starting::TrimHorizon);
        iterator.expect("the shard is there")
    }

    pub fn get(
        &mut self,
        iterator: &ShardIterator,
        limit: Option<u32>,
    ) -> Result<(Batch, Option<ShardIterator>), Error> {
        let request = Request::GetRecords {
            iterator: iterator.clone(),
            limit,
        };
        match self.ask(request) {
            Reply::Records(batch, next) => Ok((batch, next)),
            Reply::Refused(error) => Err(error),
            other => panic!("a read was answered by {other:?}"),
        }
    }

    /// The bodies that one read from the beginning gives.
    pub fn bodies(&mut self, shard: u32) -> Vec<String> {
        let iterator = self.oldest(shard);
        let (batch, _) = self.get(&iterator, None).expect("it is read");
        bodies(&batch)
    }

    pub fn shards(&mut self) -> Vec<ShardDescription> {
        let request = Request::ListShards {
            stream: "s".into(),
            after: None,
            limit: Some(10_000),
        };
        match self.ask(request) {
            Reply::Shards(shards, false) => shards,
            other => panic!("shards were answered by {other:?}"),
        }
    }

    pub fn split(&mut self, shard: u32, at: u128) -> Reply {
        self.ask(Request::SplitShard {
            stream: "s".into(),
            shard: ShardId(shard),
            new_starting_hash_key: at.to_string().into(),
        })
    }

    pub fn merge(&mut self, shard: u32, adjacent: u32) -> Reply {
        self.ask(Request::MergeShards {
            stream: "s".into(),
            shard: ShardId(shard),
            adjacent: ShardId(adjacent),
        })
    }

    pub fn count(&mut self, target: u32) -> Reply {
        self.ask(Request::UpdateShardCount {
            stream: "s".into(),
            target,
        })
    }

    pub fn retention(&mut self, hours: u32) -> Reply {
        let is_longer = self
            .kinesis
            .summary("s")
            .expect("it is there")
            .retention_hours
            < hours;
        let stream = "s".into();
        self.ask(match is_longer {
            true => Request::IncreaseStreamRetentionPeriod { stream, hours },
            false => Request::DecreaseStreamRetentionPeriod { stream, hours },
        })
    }
}

pub fn bodies(batch: &Batch) -> Vec<String> {
    batch
        .records
        .iter()
        .map(|one| one.body.to_string())
        .collect()
}

pub fn after(number: SequenceNumber) -> Starting {
    Starting::AfterSequenceNumber(Given::Number(number))
}

/// The middle of the hash space.
pub const MIDDLE: u128 = 1 << 127;

pub fn code(reply: &Reply) -> &'static str {
    match reply {
        Reply::Refused(error) => error.code(),
        _ => "",
    }
}
