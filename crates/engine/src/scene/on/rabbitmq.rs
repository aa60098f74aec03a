//! What a scene says of RabbitMQ only.

use super::{Named, check_failure, check_logs, check_programs};
use crate::scene::mistake::Mistakes;
use crate::scene::{Commit, Consumer, Point, Scene, When};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::SystemName;
use systems::rabbitmq::inbox::Plan;
use systems::rabbitmq::{
    self, Acknowledging, Arguments, Bind, ExchangeDeclare, Failure, Kind, Method, Opening,
    Properties, Published, Publisher, QueueDeclare, QueueType, Settings, Table,
};
use systems::setting::Refused;

/// What a scene says of RabbitMQ. Each channel is an exchange, and each subscription a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnRabbitmq {
    /// Settings of the broker: `version`, `consumer_timeout`, `channel_tick_interval`. At most 64.
    #[serde(default)]
    pub settings: Named,
    /// Exchanges, by channel, where one is no fanout exchange that is bound to the queue of each of its
    /// subscriptions. A name that is no channel makes an exchange of its own, such as a dead-letter exchange.
    /// At most 64.
    #[serde(default)]
    pub exchanges: BTreeMap<String, OnExchange>,
    /// Arguments of queues, by subscription: `x-queue-type`, `x-dead-letter-exchange`, `x-delivery-limit`,
    /// `x-max-length` and so on. A name that is no subscription makes a queue of its own, such as one for dead
    /// letters. At most 64 queues, of at most 64 arguments.
    #[serde(default)]
    pub queues: BTreeMap<String, Named>,
    /// Settings of consumers: `prefetch_count`, `acknowledge`, `failure`, `x-priority`. At most 32 consumers, of
    /// at most 64 settings.
    #[serde(default)]
    pub consumers: BTreeMap<String, Named>,
    /// Settings of publishers, by producer: `confirms`, `confirms.timeout`, `mandatory`. At most 32 publishers,
    /// of at most 64 settings.
    #[serde(default)]
    pub publishers: BTreeMap<String, Named>,
    /// Properties of messages, by record: `priority`, `expiration` (its own time to live in ms). At most 64
    /// messages, of at most 64 properties.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<String, Named>,
    /// What the terminal lists, one after the other. Left out: the queues. At most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub screen: Vec<Listing>,
}

/// A command of `rabbitmqctl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// `rabbitmqctl list_queues`: how many messages are ready, and how many with consumers.
    ListQueues,
    /// `rabbitmqctl list_exchanges`.
    ListExchanges,
    /// `rabbitmqctl list_bindings`.
    ListBindings,
    /// `rabbitmqctl list_consumers`.
    ListConsumers,
}

/// An exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnExchange {
    /// `direct`, `fanout` (which it is without a word) or `topic`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The keys that it is bound with, by queue. Left out: to the queue of each subscription, a topic exchange
    /// with `#`, a direct one with the channel's name. At most 64 queues, of at most 64 keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bindings: Option<BTreeMap<String, Vec<String>>>,
    /// The exchange that gets what no binding of this one takes.
    #[serde(
        default,
        rename = "alternate-exchange",
        skip_serializing_if = "Option::is_none"
    )]
    pub alternate: Option<String>,
}

/// The parts of a scene that its exchanges, queues and bindings are declared of: where one of them is not what
/// its author wrote, a broker may refuse another.
const DECLARED: [&str; 7] = [
    "/on/rabbitmq/exchanges/*/type",
    "/on/rabbitmq/exchanges/*/alternate-exchange",
    "/on/rabbitmq/exchanges/*/bindings",
    "/on/rabbitmq/queues/*/*",
    "/topics/*/name",
    "/consumers/*/group",
    "/consumers/*/topics/*",
];

/// Why times to live need a search with times, and what to do about it.
const TIMELESS: &str = "a search without times cannot tell when a message expires";
const WITH_TIMES: &str = "write `explore.jitter_ms`, so that times are explored, or leave it out";

static NOTHING: OnRabbitmq = OnRabbitmq {
    settings: BTreeMap::new(),
    exchanges: BTreeMap::new(),
    queues: BTreeMap::new(),
    consumers: BTreeMap::new(),
    publishers: BTreeMap::new(),
    messages: BTreeMap::new(),
    screen: Vec::new(),
};

static FANOUT: OnExchange = OnExchange {
    kind: None,
    bindings: None,
    alternate: None,
};

impl OnExchange {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("fanout")
    }
}

/// A table with what is given of it; what it refuses is told.
fn filled<T: Default>(
    given: Option<&Named>,
    set: impl Fn(&mut T, &str, &Value) -> Result<(), Refused>,
    mut refused: impl FnMut(Refused),
) -> T {
    let mut table = T::default();
    for (name, value) in given.into_iter().flatten() {
        if let Err(why) = set(&mut table, name, value) {
            refused(why);
        }
    }
    table
}

impl Scene {
    /// What it says of RabbitMQ.
    pub(crate) fn on_rabbitmq(&self) -> &OnRabbitmq {
        self.on.rabbitmq.as_ref().unwrap_or(&NOTHING)
    }

    pub(super) fn check_rabbitmq(&self, found: &mut Mistakes) {
        let on = self.on_rabbitmq();
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}");
            check_programs(SystemName::Rabbitmq, &place, consumer, found);
            let own = on.consumers.get(&consumer.name);
            check_failure("/on/rabbitmq/consumers", consumer, own, found);
            let is_early = matches!(consumer.commit, Commit::Automatic | Commit::Before);
            let failure = own.and_then(|own| own.get("failure"));
            if is_early && failure.is_some_and(|failure| failure != "raise") {
                found.add(
                    format!("/on/rabbitmq/consumers/{}/failure", consumer.name),
                    format!(
                        "`{}` acknowledges before it works, and the queue has forgotten what it could give back",
                        consumer.name
                    ),
                    "let it commit \"after\" the work or by its \"handler\", or leave `failure` out",
                );
            }
        }
        for (at, fault) in self.faults.iter().enumerate() {
            if let When::After(moment) = fault.when
                && moment.step == Point::Commit
            {
                found.add(
                    format!("/faults/{at}/when/after"),
                    "on RabbitMQ an acknowledgement has no answer, so nobody hears that it is over",
                    "write { \"before\": … } of the next step, or leave `rabbitmq` out of `on`",
                );
            }
        }
        check_logs(SystemName::Rabbitmq, self, found);
        on.check(self, found);
    }
}

impl OnRabbitmq {
    /// The broker's settings.
    pub(crate) fn settings(&self) -> Settings {
        // The scene has no mistakes, so each is taken; so below.
        filled(Some(&self.settings), Settings::set, |_| {})
    }

    /// What a consumer is.
    pub(crate) fn consumer(&self, consumer: &Consumer) -> Plan {
        let given = self.consumers.get(&consumer.name);
        let mut consumes = filled(given, rabbitmq::Consumer::set, |_| {});
        if consumer.retry.is_some() && consumes.failure == Failure::Raise {
            consumes.failure = Failure::Requeue;
        }
        Plan {
            queue: consumer.group.as_str().into(),
            tag: consumer.name.as_str().into(),
            consumer: consumes,
            acknowledging: match consumer.commit {
                Commit::Automatic => Acknowledging::Automatic,
                _ => Acknowledging::Manual,
            },
        }
    }

    /// What a producer is.
    pub(crate) fn publisher(&self, name: &str) -> Publisher {
        filled(self.publishers.get(name), Publisher::set, |_| {})
    }

    /// What a message is published with, beside its body.
    pub(crate) fn properties(&self, record: &str) -> Properties {
        let given = filled(self.messages.get(record), Published::set, |_| {});
        Properties {
            priority: given.priority,
            expiration: given.expiration.map(u64::from),
            ..Properties::default()
        }
    }

    /// What the terminal lists.
    pub(crate) fn listings(&self) -> Vec<Listing> {
        match self.screen.is_empty() {
            true => vec![Listing::ListQueues],
            false => self.screen.clone(),
        }
    }

    fn arguments(&self, queue: &str) -> Arguments {
        filled(self.queues.get(queue), Arguments::set, |_| {})
    }

    /// The exchanges, queues and bindings of a scene with these subscriptions, without messages. Queues that are no subscription's
    /// come first. A channel that is sent to and that nobody subscribes to has a queue of its own.
    pub(crate) fn opening(&self, scene: &Scene, subscriptions: &[String]) -> Opening {
        let unread: Vec<&str> = scene.channels_unread().collect();
        let own = subscriptions.iter().map(String::as_str);
        let named = self.queues.keys().map(String::as_str);
        let mut names: Vec<&str> = Vec::new();
        let others = named.chain(unread.iter().copied());
        let others = others.filter(|name| !subscriptions.iter().any(|own| own == name));
        for name in others.chain(own) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let channels = scene.topics.iter().map(|topic| topic.name.as_str());
        let extra = self.exchanges.keys().map(String::as_str);
        let extra = extra.filter(|name| !scene.topics.iter().any(|topic| topic.name == *name));
        let declare = |name: &&str| QueueDeclare {
            arguments: self.arguments(name),
            ..QueueDeclare::new(*name)
        };
        let mut opening = Opening {
            settings: self.settings(),
            queues: names.iter().map(declare).collect(),
            ..Opening::default()
        };
        // Alternate exchanges may be any of them.
        for name in extra.chain(channels) {
            let exchange = self.exchanges.get(name).unwrap_or(&FANOUT);
            opening.exchanges.push(ExchangeDeclare {
                alternate_exchange: exchange.alternate.as_deref().map(Into::into),
                ..ExchangeDeclare::new(name, exchange.kind())
            });
            let mut bind = |queue: &str, key: &str| {
                opening.bindings.push(Bind {
                    destination: queue.into(),
                    source: name.into(),
                    routing_key: key.into(),
                    arguments: Table::new(),
                });
            };
            let key = match exchange.kind() {
                "direct" => name,
                "topic" => "#",
                _ => "",
            };
            match &exchange.bindings {
                Some(bindings) => {
                    for (queue, keys) in bindings {
                        keys.iter().for_each(|key| bind(queue, key));
                    }
                }
                None if unread.contains(&name) => bind(name, key),
                None => {
                    let readers = scene.subscriptions_to(name).into_iter();
                    readers.for_each(|queue| bind(queue, key));
                }
            }
        }
        opening
    }

    fn check(&self, scene: &Scene, found: &mut Mistakes) {
        let names = |rows: &[systems::setting::Row]| {
            let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
            format!("write one of: {}", names.join(", "))
        };
        let mut refuse = |place: String, rows: &[systems::setting::Row], why: Refused| {
            let what = format!("`{}` {}", why.name, why.why);
            found.add(format!("{place}/{}", why.name), what, names(rows));
        };
        let place = "/on/rabbitmq/settings";
        let _: Settings = filled(Some(&self.settings), Settings::set, |why| {
            refuse(place.to_owned(), Settings::ROWS, why);
        });
        for (name, given) in &self.queues {
            let place = format!("/on/rabbitmq/queues/{name}");
            let _: Arguments = filled(Some(given), Arguments::set, |why| {
                refuse(place.clone(), Arguments::ROWS, why);
            });
        }
        for (name, given) in &self.consumers {
            let place = format!("/on/rabbitmq/consumers/{name}");
            let _: rabbitmq::Consumer = filled(Some(given), rabbitmq::Consumer::set, |why| {
                refuse(place.clone(), rabbitmq::Consumer::ROWS, why);
            });
        }
        for (name, given) in &self.publishers {
            let place = format!("/on/rabbitmq/publishers/{name}");
            let _: Publisher = filled(Some(given), Publisher::set, |why| {
                refuse(place.clone(), Publisher::ROWS, why);
            });
        }
        for (name, given) in &self.messages {
            let place = format!("/on/rabbitmq/messages/{name}");
            let _: Published = filled(Some(given), Published::set, |why| {
                refuse(place.clone(), Published::ROWS, why);
            });
        }
        self.check_names(scene, found);
        self.check_messages(scene, found);
        self.check_queues(scene, found);
        self.check_declared(scene, found);
    }

    /// Whether everybody who is named is there.
    fn check_names(&self, scene: &Scene, found: &mut Mistakes) {
        let consumers: Vec<&str> = scene.consumers.iter().map(|one| &*one.name).collect();
        let producers: Vec<&str> = scene.producers.iter().map(|one| &*one.name).collect();
        for name in self.consumers.keys() {
            let place = format!("/on/rabbitmq/consumers/{name}");
            found.resting_on(["/consumers/*/name"], |found| {
                found.known(&place, "consumer", name, &consumers);
            });
        }
        for name in self.publishers.keys() {
            let place = format!("/on/rabbitmq/publishers/{name}");
            found.resting_on(["/producers/*/name"], |found| {
                found.known(&place, "producer", name, &producers);
            });
        }
        for (name, exchange) in &self.exchanges {
            let kind = Kind::of(exchange.kind());
            if matches!(kind, None | Some(Kind::Headers)) {
                found.add(
                    format!("/on/rabbitmq/exchanges/{name}/type"),
                    format!(
                        "`{}` is no type of exchange that scenes have",
                        exchange.kind()
                    ),
                    "write \"direct\", \"fanout\" or \"topic\"",
                );
            }
        }
    }

    /// Whether the messages that are spoken of are there, and whether a search can tell when they expire.
    fn check_messages(&self, scene: &Scene, found: &mut Mistakes) {
        let topics = scene.topics.iter();
        let records = topics.flat_map(|topic| topic.records.iter().chain(&topic.sent));
        let records: Vec<&str> = records.map(|record| &*record.value).collect();
        for (name, given) in &self.messages {
            let place = format!("/on/rabbitmq/messages/{name}");
            found.resting_on(
                ["/topics/*/records/*/value", "/topics/*/sent/*/value"],
                |found| found.known(&place, "record", name, &records),
            );
            let expires = given
                .get("expiration")
                .is_some_and(|value| !value.is_null());
            if expires && scene.explore.jitter_ms.is_none() {
                found.add(format!("{place}/expiration"), TIMELESS, WITH_TIMES);
            }
        }
    }

    /// What the model of a scene leaves out.
    fn check_queues(&self, scene: &Scene, found: &mut Mistakes) {
        for name in self.queues.keys() {
            let arguments = self.arguments(name);
            let place = format!("/on/rabbitmq/queues/{name}");
            if arguments.queue_type() == QueueType::Stream {
                found.add(
                    format!("{place}/x-queue-type"),
                    "streams are not modelled in scenes: what is consumed from one stays",
                    "write \"classic\" or \"quorum\"",
                );
            }
            if arguments.message_ttl.is_some() && scene.explore.jitter_ms.is_none() {
                found.add(format!("{place}/x-message-ttl"), TIMELESS, WITH_TIMES);
            }
        }
    }

    /// Whether a broker takes what is declared.
    fn check_declared(&self, scene: &Scene, found: &mut Mistakes) {
        let mut subscriptions: Vec<String> = Vec::new();
        for consumer in &scene.consumers {
            if !subscriptions.contains(&consumer.group) {
                subscriptions.push(consumer.group.clone());
            }
        }
        let (_, refused) = self.opening(scene, &subscriptions).broker();
        let unmade: Vec<Arc<str>> = refused
            .iter()
            .filter_map(|(method, _)| match method {
                Method::ExchangeDeclare(one) => Some(one.exchange.clone()),
                _ => None,
            })
            .collect();
        for (method, why) in refused {
            // That of its type is told already, and a binding comes with its exchange.
            let is_told = match &method {
                Method::ExchangeDeclare(one) => Kind::of(&one.kind).is_none(),
                Method::QueueBind(one) => unmade.contains(&one.source),
                _ => false,
            };
            if is_told {
                continue;
            }
            let (place, what): (String, Arc<str>) = match &method {
                Method::ExchangeDeclare(one) => (
                    format!("/on/rabbitmq/exchanges/{}", one.exchange),
                    "an exchange".into(),
                ),
                Method::QueueDeclare(one) => (
                    format!("/on/rabbitmq/queues/{}", one.queue),
                    "a queue".into(),
                ),
                Method::QueueBind(one) => (
                    format!(
                        "/on/rabbitmq/exchanges/{}/bindings/{}",
                        one.source, one.destination
                    ),
                    "a binding".into(),
                ),
                _ => continue,
            };
            found.resting_on(DECLARED, |found| {
                found.add(
                    place,
                    format!("{what} cannot be made: {why}"),
                    "write arguments as queue.declare takes them; a binding leads to a queue of the scene",
                );
            });
        }
    }
}
