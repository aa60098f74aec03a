//! Transactions.

use super::super::super::log::producers::Sequence;
use super::super::super::log::record::{Ended, Stamp};
use super::super::super::produce::Transactional;
use super::super::super::transaction::Identity;
use super::super::super::{Error, Offset};
use super::*;
use explore::time::Span;

/// A transactional producer that writes without doubt.
pub struct Producer {
    one: Transactional,
    by: Identity,
}

impl Producer {
    pub fn init(broker: &mut Broker, at: u64, id: u16, version: TransactionVersion) -> Self {
        let id = TransactionalId(id);
        let timeout = Span::from_ms(60_000);
        let by = broker.init_transactional(ms(at), id, timeout, None);
        Producer {
            one: Transactional { id, version },
            by: by.expect("an id is given"),
        }
    }

    fn write(&self, broker: &mut Broker, at: u64, (topic, index): (&str, u16), value: &str) {
        let partition = place(broker, topic, index);
        let batch = Batch {
            stamp: Some(Stamp {
                producer: self.by.producer,
                epoch: self.by.epoch,
                sequence: Sequence(0),
            }),
            transactional: true,
            records: vec![record(at, None, value)],
        };
        let stored = broker.produce(ms(at), partition, &batch, Some(self.one));
        stored.expect("it is stored");
    }

    fn offset(&self, broker: &mut Broker, at: u64, offset: u64) {
        let offsets = [(place(broker, "t", 0), Offset(offset))];
        let written =
            broker.txn_offset_commit(ms(at), self.one, self.by, GroupId(0), None, &offsets);
        written.expect("they are written");
    }

    fn end(&mut self, broker: &mut Broker, at: u64, ended: Ended) {
        let by = broker.end_txn(ms(at), self.one, self.by, ended);
        self.by = by.expect("it ends");
        broker.write_markers(ms(at));
    }
}

const LIST: &str = "TransactionalId	Coordinator	ProducerId	TransactionState	";
const DESCRIBE: &str = "CoordinatorId	TransactionalId	ProducerId	ProducerEpoch	TransactionState	TransactionTimeoutMs	CurrentTransactionStartTimeMs	TransactionDurationMs	TopicPartitions	";
const PRODUCERS: &str = "ProducerId	ProducerEpoch	LatestCoordinatorEpoch	LastSequence	LastTimestamp	CurrentTransactionStartOffset	";
const HANGING: &str = "Topic	Partition	ProducerId	ProducerEpoch	CoordinatorEpoch	StartOffset	LastTimestamp	Duration(min)	";

#[test]
fn a_transaction_is_described_as_recorded_before_during_and_after() {
    let broker = &mut broker();
    broker.create_topic("t", 2, &[]).expect("t");
    let mut pay = Producer::init(broker, 0, 0, TransactionVersion::V2);
    let list = "kafka-transactions list";
    let describe = "kafka-transactions describe --transactional-id pay";
    let producers = "kafka-transactions describe-producers --topic t --partition 0";
    check(
        broker,
        0,
        list,
        &[
            LIST,
            "pay            	1          	0         	Empty           	",
        ],
    );
    pay.write(broker, 1_000, ("t", 0), "a");
    pay.write(broker, 1_000, ("t", 1), "b");
    check(
        broker,
        1_000,
        list,
        &[
            LIST,
            "pay            	1          	0         	Ongoing         	",
        ],
    );
    check(
        broker,
        2_000,
        describe,
        &[
            DESCRIBE,
            "1            	pay            	0         	0            	Ongoing         	60000               	<t+1000>                	<ms>                 	t-1,t-0        	",
        ],
    );
    check(
        broker,
        2_000,
        producers,
        &[
            PRODUCERS,
            "0         	0            	-1                    	0           	<t+1000>	0                            	",
        ],
    );
    pay.end(broker, 3_000, Ended::Commit);
    check(
        broker,
        3_000,
        describe,
        &[
            DESCRIBE,
            "1            	pay            	0         	1            	CompleteCommit  	60000               	<t+1000>                	<ms>                 	               	",
        ],
    );
    check(
        broker,
        4_000,
        list,
        &[
            LIST,
            "pay            	1          	0         	CompleteCommit  	",
        ],
    );
    check(
        broker,
        4_000,
        producers,
        &[
            PRODUCERS,
            "0         	1            	0                     	-1          	<t+3000>	None                         	",
        ],
    );
    check(
        broker,
        5_000,
        "kafka-dump-log --files <dir>/t-0/00000000000000000000.log --print-data-log",
        &[
            "Dumping <dir>/t-0/00000000000000000000.log",
            "Log starting offset: 0",
            "baseOffset: 0 lastOffset: 0 count: 1 baseSequence: 0 lastSequence: 0 producerId: 0 producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: true isControl: false deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: <t+1000> size: 69 magic: 2 compresscodec: none crc: <crc> isvalid: true",
            "| offset: 0 CreateTime: <t+1000> keySize: -1 valueSize: 1 sequence: 0 headerKeys: [] payload: a",
            "baseOffset: 1 lastOffset: 1 count: 1 baseSequence: -1 lastSequence: -1 producerId: 0 producerEpoch: 1 partitionLeaderEpoch: 0 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty position: 69 CreateTime: <t+3000> size: 78 magic: 2 compresscodec: none crc: <crc> isvalid: true",
            "| offset: 1 CreateTime: <t+3000> keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: COMMIT coordinatorEpoch: 0",
        ],
    );
    check(
        broker,
        5_000,
        "kafka-transactions find-hanging --broker-id 1",
        &[HANGING],
    );
    pay.write(broker, 6_000, ("t", 0), "c");
    check(
        broker,
        6_000,
        "kafka-transactions forceTerminateTransaction --transactionalId pay",
        &[],
    );
    let late = broker.end_txn(ms(7_000), pay.one, pay.by, Ended::Commit);
    assert_eq!(late, Err(Error::ProducerFenced));
    let log = broker.log(place(broker, "t", 0)).expect("t-0");
    assert_eq!(
        (log.high_watermark(), log.last_stable()),
        (Offset(4), Offset(4))
    );
    check(
        broker,
        7_000,
        "kafka-console-consumer --topic t --from-beginning --isolation-level read_committed --timeout-ms 1000",
        &["b", "a"],
    );
}

#[test]
fn lag_counts_the_marker_behind_a_transaction() {
    let broker = &mut broker();
    broker.create_topic("t", 1, &[]).expect("t");
    let mut pay = Producer::init(broker, 0, 0, TransactionVersion::V2);
    pay.write(broker, 0, ("t", 0), "a");
    pay.offset(broker, 0, 1);
    // The group's offsets are a partition of an internal topic.
    check(
        broker,
        0,
        "kafka-transactions describe --transactional-id pay",
        &[
            DESCRIBE,
            "1 pay 0 0 Ongoing 60000 <t+0> <ms> __consumer_offsets-0,t-0",
        ],
    );
    pay.end(broker, 0, Ended::Commit);
    let command = "kafka-consumer-groups --describe --group g";
    check(
        broker,
        0,
        command,
        &[
            "",
            "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID",
            "g               t               0          1               2               1               -               -               -",
        ],
    );
    let said = printed(broker, 0, command).stderr;
    assert_eq!(said, ["", "Consumer group 'g' has no active members."]);
}

#[test]
fn a_transaction_that_the_coordinator_does_not_know_hangs_until_it_is_aborted() {
    let settings = Settings {
        transaction_verification: false,
        ..Settings::default()
    };
    let broker = &mut Broker::new(settings, 0);
    broker.create_topic("t", 1, &[]).expect("t");
    let pay = Producer::init(broker, 0, 0, TransactionVersion::V1);
    pay.write(broker, 60_000, ("t", 0), "late");
    let find = "kafka-transactions find-hanging --topic t";
    // It hangs for longer than 15 minutes only one millisecond later.
    check(broker, 960_000, find, &[HANGING]);
    let row = "t 0 0 0 -1 0 <t+60000> 15";
    check(broker, 960_001, find, &[HANGING, row]);
    let sooner = format!("{find} --partition 0 --max-transaction-timeout 1");
    check(
        broker,
        180_000,
        &sooner,
        &[HANGING, "t 0 0 0 -1 0 <t+60000> 2"],
    );
    check_wrong(
        broker,
        "kafka-transactions abort --topic t --partition 0 --start-offset 1",
        "Could not find any open transactions starting at offset 1 on partition t-0",
    );
    let abort = "kafka-transactions abort --topic t --partition 0 --start-offset 0";
    check(broker, 960_001, abort, &[]);
    check(broker, 960_001, find, &[HANGING]);
    let log = broker.log(place(broker, "t", 0)).expect("t-0");
    assert_eq!(log.last_stable(), Offset(2));
    check(
        broker,
        960_001,
        "kafka-dump-log --files t-0/00000000000000000000.txnindex",
        &[
            "Dumping t-0/00000000000000000000.txnindex",
            "version: 0 producerId: 0 firstOffset: 0 lastOffset: 1 lastStableOffset: 2",
        ],
    );
}

#[test]
fn a_transaction_that_the_coordinator_holds_open_does_not_hang() {
    let broker = &mut broker();
    broker.create_topic("t", 1, &[]).expect("t");
    let pay = Producer::init(broker, 0, 0, TransactionVersion::V2);
    pay.write(broker, 0, ("t", 0), "a");
    let find = "kafka-transactions find-hanging --broker-id 1 --max-transaction-timeout 0";
    check(broker, 1_000_000, find, &[HANGING]);
}

#[test]
fn transactions_are_listed_by_hash_and_filtered() {
    let broker = &mut broker();
    broker.create_topic("t", 1, &[]).expect("t");
    let pay = Producer::init(broker, 0, 0, TransactionVersion::V2);
    Producer::init(broker, 0, 1, TransactionVersion::V2);
    pay.write(broker, 1_000, ("t", 0), "a");
    let pay = "pay            	1          	0         	Ongoing         	";
    let mail = "mail           	1          	1         	Empty           	";
    check(broker, 2_000, "kafka-transactions list", &[LIST, mail, pay]);
    check(
        broker,
        2_000,
        "kafka-transactions list --duration-filter 999",
        &[LIST, mail, pay],
    );
    check(
        broker,
        2_000,
        "kafka-transactions list --duration-filter 1000",
        &[LIST, mail],
    );
    check(
        broker,
        2_000,
        "kafka-transactions list --transactional-id-pattern p.*",
        &[LIST, pay],
    );
}
