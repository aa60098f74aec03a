//! What happens, as it is told.

use crate::account::{Account, MIDDLE};
use systems::RecordId;
use systems::fact::{Named, Names};
use systems::kinesis::fact::Fact;
use systems::kinesis::request::Entry;

/// Names that are numbers.
struct Numbers;

impl Names for Numbers {
    fn name(&self, _: Named, number: u32) -> String {
        format!("n{number}")
    }
    fn find(&self, _: Named, name: &str) -> Option<u32> {
        name.strip_prefix('n')?.parse().ok()
    }
}

#[test]
fn a_story_is_told_in_order_and_reads_back() {
    let mut account = Account::new(1);
    let entry = |record| Entry {
        record: Some(RecordId(record)),
        ..Entry::new("customer 7", "paid, in full")
    };
    account.entry(entry(0)).expect("it is stored");
    account.split(0, MIDDLE);
    account.entry(entry(1)).expect("it is stored");
    let iterator = account.oldest(0);
    account.get(&iterator, None).expect("it is read");
    account.wait(300_001);
    account.get(&iterator, None).expect_err("it is too old");
    account.wait(86_400_000);
    let told: Vec<String> = account
        .facts
        .iter()
        .map(|fact| {
            let fields = fact.fields(&Numbers);
            let words: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            assert_eq!(Fact::read(fact.verb(), &words, &Numbers).as_ref(), Ok(fact));
            let values: Vec<&str> = words.iter().map(|(_, value)| *value).collect();
            format!("{} {}", fact.verb(), values.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "stream_creating s 1",
            "stream_active s 1",
            "put n0 s 0 customer%207",
            "stream_updating s",
            "shard_closed s 0",
            "shard_opened s 1 0",
            "shard_opened s 2 0",
            "stream_active s 2",
            "put n1 s 1 customer%207",
            "records_read n0 s 0 0",
            "shard_end s 0 1,2",
            "iterator_expired s 0",
            "records_expired s 0 1",
            "shard_expired s 0",
            "records_expired s 1 1",
        ]
    );
}
