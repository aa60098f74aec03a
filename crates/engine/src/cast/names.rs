//! What everybody and everything in a scene is called, and who has a name.

use super::{Cast, ClientId, ConsumerId, Party, ProducerNr, RecordId, ServiceId, TableId};
use crate::seed::uuid;
use systems::kafka::group::MemberId;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{GroupId, Partition, TopicId, tools};

/// The name of a number, and the number of a name, by a list of the cast.
macro_rules! names {
    ($( $what:literal $kind:ident: $name:ident $find:ident, $list:ident |$one:ident| $text:expr );* $(;)?) => {
        impl Cast { $(
            #[doc = concat!("The name of a ", $what, ".")]
            pub fn $name(&self, id: $kind) -> String {
                self.$list
                    .get(usize::from(id.0))
                    .map_or_else(|| format!(concat!($what, "-{}"), id.0), |$one| $text.clone())
            }

            #[doc = concat!("The ", $what, " of this name.")]
            pub fn $find(&self, name: &str) -> Option<$kind> {
                let at = self.$list.iter().position(|$one| *$text == *name)?;
                Some($kind(at as _))
            }
        )* }
    };
}

names! {
    "consumer" ConsumerId: consumer_name find_consumer, consumers |one| one.name;
    "producer" ProducerNr: producer_name find_producer, producers |one| one.name;
    "transactional id" TransactionalId: transactional_name find_transactional, transactional_ids |one| one;
    "service" ServiceId: service_name find_service, services |one| one.name;
    "table" TableId: table_name find_table, tables |one| one.name;
    "record" RecordId: record_name find_record, records |one| one.value;
    "group" GroupId: group_name find_group, groups |one| one;
    "topic" TopicId: topic_name find_topic, topics |one| one.name;
}

/// "1st", "2nd", "3rd", "4th", "11th", "21st".
pub fn nth(nth: u16) -> String {
    let ending = match (nth % 10, nth % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{nth}{ending}")
}

/// The name of the nth process of a client, for people: "email-1", and from the second on "email-1 · 2nd".
pub fn process_name(client: String, process: u16) -> String {
    match process {
        0 | 1 => client,
        process => format!("{client} · {}", nth(process)),
    }
}

impl Cast {
    /// The name of somebody.
    pub fn party_name(&self, party: Party) -> String {
        match party {
            Party::Broker => self.broker.clone(),
            Party::Consumer(id) => self.consumer_name(id),
            Party::Producer(id) => self.producer_name(id),
            Party::Service(id) => self.service_name(id),
            Party::Table(id) => self.table_name(id),
        }
    }

    /// Who has this name.
    pub fn find_party(&self, name: &str) -> Option<Party> {
        self.parties().find(|&party| self.party_name(party) == name)
    }

    /// A client's name.
    pub fn client_name(&self, id: ClientId) -> String {
        self.party_name(self.party_of(id))
    }

    /// The client of this name.
    pub fn find_client(&self, name: &str) -> Option<ClientId> {
        self.clients().find(|&id| self.client_name(id) == name)
    }

    /// A partition's name, such as `orders/0`.
    pub fn partition_name(&self, partition: Partition) -> String {
        format!("{}/{}", self.topic_name(partition.topic), partition.index)
    }

    /// The partition of this name.
    pub fn find_partition(&self, name: &str) -> Option<Partition> {
        let (topic, index) = name.rsplit_once('/')?;
        let topic = self.find_topic(topic)?;
        let count = self.topics[usize::from(topic.0)].partitions;
        let index = index.parse().ok().filter(|&index| index < count)?;
        Some(Partition { topic, index })
    }

    /// A member's short name: its client, and from the second id on the how-manieth, such as `email-1#2`.
    pub fn member_name(&self, id: MemberId) -> String {
        let client = self.consumer_name(ConsumerId(id.client));
        if id.nth == 1 {
            client
        } else {
            format!("{client}#{}", id.nth)
        }
    }

    /// The member of this short name.
    pub fn find_member(&self, name: &str) -> Option<MemberId> {
        let (client, nth) = match name.rsplit_once('#') {
            Some((client, nth)) => (client, nth.parse().ok().filter(|&nth| nth > 1)?),
            None => (name, 1),
        };
        self.find_consumer(client)
            .map(|id| MemberId { client: id.0, nth })
    }
}

impl tools::Names for Cast {
    fn group(&self, group: GroupId) -> String {
        self.group_name(group)
    }

    fn topic(&self, topic: TopicId) -> String {
        self.topic_name(topic)
    }

    fn member(&self, member: MemberId) -> String {
        let of = (u64::from(member.client) << 16) | u64::from(member.nth);
        format!(
            "{}-{}",
            self.consumer_name(ConsumerId(member.client)),
            uuid(self.seed, of)
        )
    }

    fn host(&self, client: u8) -> String {
        format!("/10.0.0.{}", 11 + u16::from(client))
    }

    fn client(&self, client: u8) -> String {
        self.client_name(ClientId(client))
    }
}
