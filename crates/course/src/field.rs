//! What the fields of a fact hold, by name: needed to check a question about them, and to write
//! them in JSON as what they are.

use engine::Cast;
use engine::fact::{Asked, Leg, Origin, ProducerAsked};
use engine::systems::kafka::Error;
use engine::systems::kafka::log::record::Ended;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// One of a few words.
    Word,
    /// What a program wrote.
    Text,
    /// The name of something in the scene.
    Name(Named),
    /// Any number of names.
    Names(Named),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A consumer.
    Consumer,
    /// A producer.
    Producer,
    /// A consumer or a producer.
    Client,
    /// A transactional id.
    Transaction,
    /// A group.
    Group,
    /// A member of a group.
    Member,
    /// A partition.
    Partition,
    /// A record.
    Record,
    /// A service.
    Service,
    /// A table.
    Table,
}

/// What the field of this name holds, in every fact that has it.
pub fn holds(field: &str) -> Holds {
    match field {
        "process" | "generation" | "offset" | "first" | "last" | "times" | "attempt"
        | "code_line" | "id" | "epoch" | "delay" | "messages" | "receive_count" | "timeout" => {
            Holds::Number
        }
        "key" | "value" | "text" | "exception" | "queue" | "dead_letter_queue" | "operation"
        | "code" => Holds::Text,
        "client" | "by" | "held_by" => Holds::Name(Named::Client),
        "producer" => Holds::Name(Named::Producer),
        "transaction" => Holds::Name(Named::Transaction),
        "consumer" => Holds::Name(Named::Consumer),
        "group" => Holds::Name(Named::Group),
        "member" => Holds::Name(Named::Member),
        "members" | "awaited" => Holds::Names(Named::Member),
        "partition" => Holds::Name(Named::Partition),
        "partitions" => Holds::Names(Named::Partition),
        "record" => Holds::Name(Named::Record),
        "records" | "in_hand" | "unacknowledged" => Holds::Names(Named::Record),
        "service" => Holds::Name(Named::Service),
        "table" => Holds::Name(Named::Table),
        _ => Holds::Word,
    }
}

/// The names in a list as the trace writes it.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(move |_| text != "-")
}

impl Named {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Named::Consumer => "consumer",
            Named::Producer => "producer",
            Named::Client => "consumer or producer",
            Named::Transaction => "transactional id",
            Named::Group => "group",
            Named::Member => "member",
            Named::Partition => "partition",
            Named::Record => "record",
            Named::Service => "service",
            Named::Table => "table",
        }
    }

    /// Whether the scene has something of this name.
    pub fn is_in(self, cast: &Cast, name: &str) -> bool {
        match self {
            Named::Consumer => cast.find_consumer(name).is_some(),
            Named::Producer => cast.find_producer(name).is_some(),
            Named::Client => cast.find_client(name).is_some(),
            Named::Transaction => cast.find_transactional(name).is_some(),
            Named::Group => cast.find_group(name).is_some(),
            Named::Member => cast.find_member(name).is_some(),
            Named::Partition => cast.find_partition(name).is_some(),
            Named::Record => cast.find_record(name).is_some(),
            Named::Service => cast.find_service(name).is_some(),
            Named::Table => cast.find_table(name).is_some(),
        }
    }

    /// Everything of this kind in the scene, for saying what could have been meant.
    pub fn all(self, cast: &Cast) -> Vec<String> {
        match self {
            Named::Consumer | Named::Member => {
                cast.consumers.iter().map(|one| one.name.clone()).collect()
            }
            Named::Producer => cast.producers.iter().map(|one| one.name.clone()).collect(),
            Named::Client => cast.clients().map(|id| cast.client_name(id)).collect(),
            Named::Transaction => cast.transactional_ids.clone(),
            Named::Group => cast.groups.clone(),
            Named::Partition => {
                let topics = cast.topics.iter();
                topics
                    .flat_map(|one| {
                        (0..one.partitions).map(|index| format!("{}/{index}", one.name))
                    })
                    .collect()
            }
            Named::Record => cast.records.iter().map(|one| one.value.clone()).collect(),
            Named::Service => cast.services.iter().map(|one| one.name.clone()).collect(),
            Named::Table => cast.tables.iter().map(|one| one.name.clone()).collect(),
        }
    }
}

/// The words a field that holds one can hold.
fn words(field: &str) -> Vec<&'static str> {
    match field {
        "error" => Error::ALL.iter().map(|error| error.name()).collect(),
        "request" => {
            let consumers = Asked::ALL.iter().map(|one| one.word());
            let producers = ProducerAsked::ALL.iter().map(|one| one.word());
            consumers.chain(producers).collect()
        }
        "ended" => Ended::ALL.iter().map(|one| one.word()).collect(),
        "origin" => Origin::ALL.iter().map(|one| one.word()).collect(),
        "what" => Leg::ALL.iter().map(|one| one.word()).collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with this value of this field, if anything, and what to write instead.
pub fn misfit(field: &str, value: &str, cast: &Cast) -> Option<(String, String)> {
    let unknown = |named: Named, name: &str| {
        (!named.is_in(cast, name)).then(|| {
            (
                format!("there is no {} `{name}`", named.word()),
                format!("write one of: {}", named.all(cast).join(", ")),
            )
        })
    };
    match holds(field) {
        Holds::Number => value.parse::<u64>().is_err().then(|| {
            (
                format!("`{field}` cannot be `{value}`"),
                "write a number".to_owned(),
            )
        }),
        Holds::Word => {
            let known = words(field);
            (!known.contains(&value)).then(|| {
                (
                    format!("there is no {field} `{value}`"),
                    format!("write one of: {}", known.join(", ")),
                )
            })
        }
        Holds::Text => None,
        Holds::Name(named) => unknown(named, value),
        Holds::Names(named) => items(value).find_map(|name| unknown(named, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_holds_a_word_has_its_words() {
        for (verb, fields) in engine::Fact::forms() {
            for field in *fields {
                let known = words(field);
                assert_eq!(
                    holds(field) == Holds::Word,
                    !known.is_empty(),
                    "`{field}` of `{verb}`: {known:?}"
                );
            }
        }
    }
}
