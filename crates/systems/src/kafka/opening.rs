//! The broker of a scene that begins.

use super::log::record::Batch;
use super::outbox::Message;
use super::settings::TransactionVersion;
use super::topic::Config;
use super::{Broker, Fact, Settings};
use crate::record::RecordId;
use crate::server::Opens;
use explore::time::Instant;
use std::sync::Arc;

/// What a broker is made of before anything happens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its settings.
    pub settings: Arc<Settings>,
    /// How many groups there are.
    pub groups: u8,
    /// By number: the name of each topic, how many partitions it has, and its settings.
    pub topics: Vec<(String, u16, Config)>,
    /// The records that stand in them, in the order in which they were written.
    pub there: Vec<RecordId>,
    /// By record: where it stands or will stand, and as what.
    pub messages: Arc<[Message]>,
}

impl Opens for Broker {
    type Opening = Opening;

    fn open(opening: &Opening, tell: &mut dyn FnMut(Fact)) -> Broker {
        let mut broker = Broker::new(Arc::clone(&opening.settings), opening.groups);
        for (name, partitions, config) in &opening.topics {
            broker.add_topic(name, *partitions, config.clone());
        }
        for &record in &opening.there {
            let message = &opening.messages[record.at()];
            let partition = message.partition;
            let batch = Batch::plain(vec![message.record.clone()]);
            let version = TransactionVersion::V2;
            if let Ok(appended) = broker.append(Instant(0).into(), partition, &batch, version) {
                tell(Fact::Appended {
                    partition,
                    offset: appended.first,
                    record,
                });
            }
        }
        broker
    }
}
