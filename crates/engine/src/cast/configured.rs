//! The settings of a scene's broker, topics and clients, by name: for whoever asks what one is.

use crate::scene::Scene;
use std::sync::Arc;
use systems::SystemName;
use systems::setting::Table;

/// Tables of settings, each with the name of whose it is: the broker's first.
#[derive(Clone, Debug)]
pub struct Configured(Vec<(String, Arc<dyn Table>)>);

impl Configured {
    /// The settings of the broker, topic or client of this name, on the system that the scene runs on; none
    /// where it has no settings there.
    pub fn get(&self, name: &str) -> Option<&dyn Table> {
        let (_, table) = self.0.iter().find(|(known, _)| known == name)?;
        Some(&**table)
    }
}

/// The tables of a scene.
pub(super) fn of(scene: &Scene) -> Configured {
    let mut tables: Vec<(String, Arc<dyn Table>)> = Vec::new();
    match scene.broker.system {
        SystemName::Kafka => {
            let broker = scene.broker.settings.clone();
            tables.push((scene.broker_name().to_owned(), Arc::new(broker)));
            for topic in &scene.topics {
                tables.push((topic.name.clone(), Arc::new(topic.settings())));
            }
            for consumer in &scene.consumers {
                let config = Arc::new(consumer.config.clone());
                tables.push((consumer.name.clone(), config));
            }
            for producer in &scene.producers {
                let config = Arc::new(producer.config.clone());
                tables.push((producer.name.clone(), config));
            }
        }
        SystemName::Sqs => {
            for consumer in &scene.consumers {
                let worker = Arc::new(scene.on_sqs().worker(consumer).worker);
                tables.push((consumer.name.clone(), worker));
            }
        }
        SystemName::Rabbitmq => {
            let on = scene.on_rabbitmq();
            tables.push((scene.broker_name().to_owned(), Arc::new(on.settings())));
            for consumer in &scene.consumers {
                let consumes = Arc::new(on.consumer(consumer).consumer);
                tables.push((consumer.name.clone(), consumes));
            }
            for producer in &scene.producers {
                let publishes = Arc::new(on.publisher(&producer.name));
                tables.push((producer.name.clone(), publishes));
            }
        }
    }
    Configured(tables)
}
