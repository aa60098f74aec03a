//! Settings of Kafka that stand beside `on`, in a scene that cannot run on it: of its broker, its consumers and
//! its producers.

use crate::scene::mistake::Mistakes;
use crate::scene::{BrokerConfig, ConsumerConfig, ProducerConfig, Scene};
use systems::SystemName;
use systems::kafka::config::TopicConfig;
use systems::setting::Table;

impl Scene {
    /// Settings of Kafka in a scene that cannot run on it. Where a scene runs on Kafka and on others, they
    /// hold on Kafka only: what another system has of the kind stands in its own block.
    pub(super) fn check_without_kafka(&self, found: &mut Mistakes) {
        let shipped = ProducerConfig::default();
        let broker = &self.broker.settings;
        self.unread("/broker/settings", broker, &BrokerConfig::default(), found);
        for (at, consumer) in self.consumers.iter().enumerate() {
            let (place, config) = (format!("/consumers/{at}"), &consumer.config);
            let of_consumer = ConsumerConfig::default();
            self.unread(&format!("{place}/config"), config, &of_consumer, found);
            if let Some(config) = &consumer.producer {
                self.unread(&format!("{place}/producer"), config, &shipped, found);
            }
        }
        for (at, producer) in self.producers.iter().enumerate() {
            let place = format!("/producers/{at}/config");
            self.unread(&place, &producer.config, &shipped, found);
        }
        if self.explore.slow_polls > 0 {
            found.add(
                "/explore/slow_polls",
                format!(
                    "`max.poll.interval.ms` is a setting of {}, and the scene runs on {} only: no poll is too slow",
                    SystemName::Kafka.title(),
                    self.broker.system.title()
                ),
                "remove it, or name `kafka` in `on`",
            );
        }
        for (at, topic) in self.topics.iter().enumerate() {
            if let Some(config) = &topic.config {
                let place = format!("/topics/{at}/config");
                self.unread(&place, config, &TopicConfig::default(), found);
            }
            if topic.partitions > 1 {
                found.add(
                    format!("/topics/{at}/partitions"),
                    format!("{} has no partitions", self.broker.system.title()),
                    "remove it, or name `kafka` in `on`",
                );
            }
        }
    }

    /// What of a table is not as shipped, and read by nobody.
    fn unread(&self, place: &str, table: &dyn Table, shipped: &dyn Table, found: &mut Mistakes) {
        let own = self.broker.system;
        let names = table.rows().iter().map(|row| row.name);
        for name in names.filter(|name| table.get(name) != shipped.get(name)) {
            // It is refused with a reason of its own.
            if name == "transactional.id" {
                continue;
            }
            found.add(
                format!("{place}/{name}"),
                format!(
                    "`{name}` is a setting of {}, and the scene runs on {} only: nobody would read it",
                    SystemName::Kafka.title(),
                    own.title()
                ),
                format!(
                    "remove it, or name `kafka` in `on`; settings of {} stand in `/on/{}`",
                    own.title(),
                    own.name()
                ),
            );
        }
    }
}
