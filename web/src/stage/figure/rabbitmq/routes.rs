//! Exchanges, bindings and queues of RabbitMQ, and the way of the latest message through them.

use super::queue;
use super::way::Latest;
use crate::stage::figure::Seen;
use crate::stage::figure::leases::Leases;
use crate::stage::figure::routes::{
    Binding, Board, Cell, Death, Holder, Routes, Sign, Stop, To, Way,
};
use crate::stage::words::{list, span};
use engine::systems::rabbitmq::exchange::{Destination, Exchange};
use engine::systems::rabbitmq::queue::arguments::Overflow;
use engine::systems::rabbitmq::topic::{self, Fit};
use engine::systems::rabbitmq::{
    Acknowledging, Broker, Kind, Message, Properties, Reason, exchange, queue as queues,
};
use engine::{ClientId, World};
use std::sync::Arc;

/// The most words of a key that stand in columns of their own.
const COLUMNS: usize = 5;
/// What the default exchange is called.
const DEFAULT: &str = "default exchange";

/// The routes of a broker, where there is something to see: an exchange that chooses, or that leads to more than
/// one queue.
pub fn routes(
    broker: &Broker,
    world: &World,
    seen: &Seen<'_>,
    latest: Option<&Latest>,
    leases: &dyn Fn(&str) -> Option<Leases>,
) -> Option<Routes> {
    let names = exchanges(broker);
    let chooses = |name: &&&Arc<str>| {
        let exchange = &broker.exchanges().by_name[**name];
        let bindings = exchange.bindings().values().map(|all| all.len());
        exchange.kind != Kind::Fanout
            || bindings.sum::<usize>() > 1
            || exchange.alternate_exchange.is_some()
    };
    names.iter().find(chooses)?;
    let all = &broker.queues().by_name;
    let stops: Vec<Stop> = all
        .values()
        .map(|one| {
            let mut stop = stop(one, broker, world, seen);
            stop.queue.leases = leases(&one.name);
            stop
        })
        .collect();
    let message = latest.and_then(|latest| message(latest, broker));
    let passed = match (latest, &message) {
        (Some(latest), Some(message)) => broker.exchanges().stops(&latest.exchange, message),
        _ => Vec::new(),
    };
    let mut drawing = Drawing {
        broker,
        seen,
        latest: latest.filter(|_| message.is_some()),
        passed: &passed,
        drawn: vec![false; stops.len()],
    };
    let mut boards: Vec<Board> = names.iter().map(|name| drawing.board(name)).collect();
    boards.extend(drawing.default_board());
    let unbound = (0..stops.len()).filter(|at| !drawing.drawn[*at]).collect();
    Some(Routes {
        boards,
        queues: stops,
        unbound,
        deaths: deaths(broker, seen, latest),
    })
}

/// The exchanges of the scene: first those that are published to, then those that get what others have no queue
/// for, then those for dead letters.
fn exchanges(broker: &Broker) -> Vec<&Arc<str>> {
    let all = &broker.exchanges().by_name;
    let rank = |name: &str| {
        let queues = broker.queues().by_name.values();
        let mut dead = queues.filter_map(|queue| queue.arguments.dead_letter_exchange.as_deref());
        let mut alternates = all
            .values()
            .filter_map(|one| one.alternate_exchange.as_deref());
        match (
            alternates.any(|one| one == name),
            dead.any(|one| one == name),
        ) {
            (false, false) => 0,
            (true, _) => 1,
            (false, true) => 2,
        }
    };
    let own = all
        .keys()
        .filter(|name| !name.is_empty() && !name.starts_with("amq."));
    let mut own: Vec<_> = own.map(|name| (rank(name), name)).collect();
    tiny_sort::unstable::sort(&mut own);
    own.into_iter().map(|(_, name)| name).collect()
}

/// The message as it came to its first exchange.
fn message(latest: &Latest, broker: &Broker) -> Option<Message> {
    let message = Message::published(
        Some(latest.record),
        latest.exchange.as_str().into(),
        latest.key.as_str().into(),
        Properties::default(),
        "".into(),
        broker.settings().version,
    );
    message.ok()
}

struct Drawing<'a, 's> {
    broker: &'a Broker,
    seen: &'a Seen<'s>,
    latest: Option<&'a Latest>,
    passed: &'a [exchange::Stop<'a>],
    /// By queue: whether it stands with an exchange already.
    drawn: Vec<bool>,
}

impl Drawing<'_, '_> {
    fn queue(&mut self, name: &str) -> To {
        let mut names = self.broker.queues().by_name.keys();
        match names.position(|one| **one == *name) {
            Some(at) if !std::mem::replace(&mut self.drawn[at], true) => To::Queue(at),
            Some(_) | None => To::Elsewhere(name.to_owned()),
        }
    }

    /// The message that came to an exchange, and from where.
    fn arrival(&self, name: &str) -> Option<(String, String)> {
        let latest = self.latest?;
        let mut passed = self.passed.iter();
        passed.clone().find(|stop| stop.name == name)?;
        let before = passed.find(|stop| {
            let leads_here = |to: &&Destination| **to == Destination::Exchange(name.into());
            stop.alternate == Some(name) || stop.destinations.iter().any(leads_here)
        });
        let from = match (before, &latest.from) {
            (Some(stop), _) => format!("from {}", stop.name),
            (None, Some(from)) => from.clone(),
            (None, None) => "from before".to_owned(),
        };
        Some((self.seen.record(latest.record), from))
    }

    fn board(&mut self, name: &Arc<str>) -> Board {
        let exchange = &self.broker.exchanges().by_name[name];
        let message = self.arrival(name);
        let key = message
            .as_ref()
            .and(self.latest)
            .map(|latest| latest.key.as_str());
        let mut ways: Vec<(&Destination, Vec<Binding>)> = Vec::new();
        for (bound, bindings) in exchange.bindings() {
            for one in bindings {
                let binding = binding(exchange.kind, bound, key);
                match ways.iter_mut().find(|(to, _)| **to == one.destination) {
                    Some((_, all)) => all.push(binding),
                    None => ways.push((&one.destination, vec![binding])),
                }
            }
        }
        let says = key.map_or_else(String::new, |key| self.says(name, exchange, key, &ways));
        let ways: Vec<Way> = ways
            .into_iter()
            .map(|(to, bindings)| {
                let to = match to {
                    Destination::Queue(queue) => self.queue(queue),
                    Destination::Exchange(exchange) => To::Exchange(exchange.to_string()),
                };
                way(bindings, to)
            })
            .collect();
        let taken = self
            .passed
            .iter()
            .any(|stop| stop.name == &**name && stop.alternate.is_some());
        let alternate = exchange.alternate_exchange.as_ref();
        Board {
            exchange: name.to_string(),
            kind: format!("{} exchange", exchange.kind.name()),
            ..board(key, message, ways, says)
        }
        .with(alternate.map(|to| (to.to_string(), taken)))
    }

    /// The default exchange, where dead letters go by it: the routing key is the queue's name.
    fn default_board(&mut self) -> Option<Board> {
        let queues = self.broker.queues().by_name.values();
        let dead = queues.filter(|one| one.arguments.dead_letter_exchange.as_deref() == Some(""));
        let mut targets: Vec<Arc<str>> = dead
            .filter_map(|one| one.arguments.dead_letter_routing_key.clone())
            .collect();
        tiny_sort::unstable::sort(&mut targets);
        targets.dedup();
        if targets.is_empty() {
            return None;
        }
        let message = self.arrival("");
        let key = message
            .as_ref()
            .and(self.latest)
            .map(|latest| latest.key.as_str());
        let says = key.map_or_else(String::new, |key| {
            format!(
                "The default exchange needs no binding: the key {key} is the name of the queue."
            )
        });
        let ways = targets.iter().map(|name| {
            let to = self.queue(name);
            way(vec![binding(Kind::Direct, name, key)], to)
        });
        let ways = ways.collect();
        Some(Board {
            exchange: DEFAULT.to_owned(),
            kind: "direct, by the queue's name".to_owned(),
            ..board(key, message, ways, says)
        })
    }

    /// What an exchange made of a message, and why.
    fn says(
        &self,
        name: &str,
        exchange: &Exchange,
        key: &str,
        ways: &[(&Destination, Vec<Binding>)],
    ) -> String {
        let keys = |takes: bool| {
            let all = exchange
                .bindings()
                .keys()
                .filter(|bound| binding(exchange.kind, bound, Some(key)).takes == Some(takes));
            all.map(|key| key.to_string()).collect::<Vec<_>>()
        };
        let (fits, others) = (keys(true), keys(false));
        let mut says = match (exchange.kind, &fits[..], &others[..]) {
            (_, [], []) => format!("{name} has no binding."),
            (Kind::Fanout, _, _) => {
                "A fanout exchange asks for no key: each destination gets a copy.".to_owned()
            }
            (Kind::Topic, [], others) => {
                format!("{key} matches none: not {}.", others.join(", not "))
            }
            (Kind::Topic, fits, []) => format!("{key} matches {}.", list(fits)),
            (Kind::Topic, fits, others) => format!(
                "{key} matches {}; not {}.",
                list(fits),
                others.join(", not ")
            ),
            (_, [], _) => format!("No binding has the key {key}."),
            (_, _, _) => format!("The binding with exactly the key {key} takes it."),
        };
        for (to, bindings) in ways {
            let (Destination::Queue(to) | Destination::Exchange(to)) = to;
            let count = bindings
                .iter()
                .filter(|one| one.takes == Some(true))
                .count();
            if count > 1 {
                says.push_str(&format!(
                    " {to} is bound {count} times over and gets one copy."
                ));
            }
        }
        if fits.is_empty() {
            let record = self
                .latest
                .map_or_else(String::new, |latest| self.seen.record(latest.record));
            let what = match (&exchange.alternate_exchange, self.latest) {
                (Some(alternate), _) => {
                    format!(" So {record} goes to the alternate exchange, {alternate}.")
                }
                (
                    None,
                    Some(Latest {
                        returned_to: Some(to),
                        ..
                    }),
                ) => {
                    format!(
                        " {record} is mandatory, so it goes back to {}.",
                        self.seen.client(*to)
                    )
                }
                (None, _) => format!(" So {record} is dropped, and its publisher is not told."),
            };
            says.push_str(&what);
        }
        says
    }
}

impl Board {
    fn with(self, alternate: Option<(String, bool)>) -> Board {
        Board { alternate, ..self }
    }
}

fn board(
    key: Option<&str>,
    message: Option<(String, String)>,
    ways: Vec<Way>,
    says: String,
) -> Board {
    let bindings = ways.iter().flat_map(|way| &way.bindings);
    let wide = bindings.map(|one| one.cells.iter().map(|cell| usize::from(cell.span)).sum());
    let rows = wide.max().unwrap_or(1);
    let is_split = rows > 1;
    let key: Vec<String> = match key {
        Some("") => vec!["(empty)".to_owned()],
        Some(key) if is_split => key.split('.').map(ToOwned::to_owned).collect(),
        Some(key) => vec![key.to_owned()],
        None => Vec::new(),
    };
    Board {
        exchange: String::new(),
        kind: String::new(),
        columns: rows.max(key.len()).clamp(1, COLUMNS + 1) as u8,
        key,
        message,
        ways,
        alternate: None,
        says,
    }
}

fn way(bindings: Vec<Binding>, to: To) -> Way {
    let asked = bindings.iter().any(|one| one.takes.is_some());
    let count = bindings
        .iter()
        .filter(|one| one.takes == Some(true))
        .count();
    Way {
        is_taken: count > 0,
        note: match (asked, count) {
            (false, _) => None,
            (true, 0) => Some("gets nothing"),
            (true, 1) => Some("gets a copy"),
            (true, 2) => Some("2 ways, 1 copy"),
            (true, _) => Some("many ways, 1 copy"),
        },
        bindings,
        to,
    }
}

/// A binding with this key against the key of a message.
fn binding(kind: Kind, bound: &str, key: Option<&str>) -> Binding {
    let cell = |text: &str, note: Option<String>, sign: Sign| Cell {
        text: text.to_owned(),
        note,
        sign,
        span: 1,
    };
    match (kind, key) {
        (Kind::Fanout | Kind::Headers, _) => Binding {
            cells: vec![cell(
                "any key",
                None,
                if key.is_some() {
                    Sign::Wild
                } else {
                    Sign::Plain
                },
            )],
            takes: key.map(|_| true),
            words: "any key".to_owned(),
        },
        (Kind::Direct, Some(key)) => {
            let is_equal = bound == key;
            let (note, sign) = match is_equal {
                true => (None, Sign::Equal),
                false => (Some(format!("≠ {key}")), Sign::Differs),
            };
            let words = if is_equal {
                "is the key"
            } else {
                "is another key"
            };
            Binding {
                cells: vec![cell(bound, note, sign)],
                takes: Some(is_equal),
                words: format!("{bound} {words}"),
            }
        }
        (Kind::Direct, None) => Binding {
            cells: vec![cell(bound, None, Sign::Plain)],
            takes: None,
            words: bound.to_owned(),
        },
        (Kind::Topic, None) => {
            let words = bound
                .split('.')
                .map(|word| cell(word, wildcard(word), Sign::Plain));
            Binding {
                cells: fitted(words.collect(), bound, None),
                takes: None,
                words: bound.to_owned(),
            }
        }
        (Kind::Topic, Some(key)) => by_words(bound, key),
    }
}

fn wildcard(word: &str) -> Option<String> {
    match word {
        "*" => Some("one word".to_owned()),
        "#" => Some("any words".to_owned()),
        _ => None,
    }
}

/// A binding of a topic exchange, word for word.
fn by_words(bound: &str, key: &str) -> Binding {
    let compared = topic::compare(bound, key);
    let takes = topic::matches(bound, key);
    let mut reasons: Vec<String> = Vec::new();
    let cells = compared.into_iter().map(|(word, fit)| {
        let shown = if word.is_empty() { "end" } else { word };
        let (note, sign, span) = match fit {
            Fit::Equal => (None, Sign::Equal, 1),
            Fit::StandsFor(words) => {
                let note = match words.is_empty() {
                    true => "no word".to_owned(),
                    false => words.join("."),
                };
                reasons.push(format!("{word} stands for {note}"));
                (Some(note), Sign::Wild, words.len().max(1))
            }
            Fit::Differs(Some(other)) => {
                reasons.push(match word {
                    "" => format!("{other} is left over"),
                    word => format!("{word} is not {other}"),
                });
                (Some(format!("≠ {other}")), Sign::Differs, 1)
            }
            Fit::Differs(None) => {
                reasons.push(format!("no word is left for {word}"));
                (Some("no word".to_owned()), Sign::Differs, 1)
            }
            Fit::NotAsked => (None, Sign::NotAsked, 1),
        };
        Cell {
            text: shown.to_owned(),
            note,
            sign,
            span: span.min(COLUMNS) as u8,
        }
    });
    let cells = cells.collect();
    let how = if takes { "matches" } else { "does not match" };
    let why = if reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", list(&reasons))
    };
    Binding {
        cells: fitted(cells, bound, Some(takes)),
        takes: Some(takes),
        words: format!("{bound} {how}{why}"),
    }
}

/// The words of a binding that has room for them; else all of it as one.
fn fitted(cells: Vec<Cell>, bound: &str, takes: Option<bool>) -> Vec<Cell> {
    if cells
        .iter()
        .map(|cell| usize::from(cell.span))
        .sum::<usize>()
        <= COLUMNS + 1
    {
        return cells;
    }
    vec![Cell {
        text: bound.to_owned(),
        note: None,
        sign: match takes {
            None => Sign::Plain,
            Some(true) => Sign::Equal,
            Some(false) => Sign::Differs,
        },
        span: 1,
    }]
}

/// A queue with who consumes from it, and what it was declared with.
fn stop(one: &queues::Queue, broker: &Broker, world: &World, seen: &Seen<'_>) -> Stop {
    let consumers = one.consumers.iter().map(|consumer| {
        let own = one
            .held
            .values()
            .filter(|held| held.owner == consumer.owner);
        let records = own.filter_map(|held| held.entry.message.record);
        let limit = match (consumer.acknowledging, consumer.prefetch) {
            (Acknowledging::Automatic, _) => "acknowledged when sent: no prefetch".to_owned(),
            (Acknowledging::Manual, 0) => "no prefetch limit".to_owned(),
            (Acknowledging::Manual, most) => format!("prefetch {most}"),
        };
        Holder {
            who: seen.client(ClientId(consumer.owner.caller.client)),
            holds: records.map(|record| seen.record(record)).collect(),
            limit,
            is_full: !consumer.can_take(broker.connections()),
        }
    });
    let mut holders: Vec<Holder> = consumers.collect();
    tiny_sort::unstable::sort_by_key(&mut holders, |holder| holder.who.clone());
    Stop {
        queue: queue(one, world, seen),
        holders,
        rules: rules(one, broker),
    }
}

/// What a queue was declared with, in words.
fn rules(queue: &queues::Queue, broker: &Broker) -> Vec<String> {
    let given = &queue.arguments;
    let mut rules = Vec::new();
    if let Some(most) = given.most_messages() {
        let over = match given.overflow() {
            Overflow::DropHead => "drop-head",
            Overflow::RejectPublish => "reject-publish",
            Overflow::RejectPublishDlx => "reject-publish-dlx",
        };
        rules.push(format!("at most {most} ready, then {over}"));
    }
    if let Some(ms) = given.ttl() {
        rules.push(format!("expires after {}", span(ms.saturating_mul(1_000))));
    }
    if given.most_priority() > 0 {
        rules.push(format!("priorities up to {}", given.most_priority()));
    }
    if let Some(limit) = given.delivery_limit(broker.settings().version) {
        rules.push(format!("delivery limit {limit}"));
    }
    if given.single_active_consumer == Some(true) {
        rules.push("single active consumer".to_owned());
    }
    if let Some(exchange) = &given.dead_letter_exchange {
        let exchange = if exchange.is_empty() {
            DEFAULT
        } else {
            exchange
        };
        let key = given.dead_letter_routing_key.as_ref();
        let key = key.map_or_else(String::new, |key| format!(", key {key}"));
        rules.push(format!("dead letters to {exchange}{key}"));
    }
    rules
}

/// The `x-death` of the latest message, or of any that is still in a queue.
fn deaths(
    broker: &Broker,
    seen: &Seen<'_>,
    latest: Option<&Latest>,
) -> Option<(String, Vec<Death>)> {
    let queues = broker.queues().by_name.values();
    let ready = queues.clone().flat_map(|queue| queue.ready.values());
    let held = queues.flat_map(|queue| queue.held.values().map(|held| &held.entry));
    let all = || {
        ready
            .clone()
            .chain(held.clone())
            .map(|entry| &entry.message)
    };
    let dead = |message: &&Arc<Message>| !message.deaths().entries.is_empty();
    let of_latest = |message: &&Arc<Message>| message.record == latest.map(|latest| latest.record);
    let found = all()
        .filter(dead)
        .find(of_latest)
        .or_else(|| all().find(dead))?;
    let death = |one: &engine::systems::rabbitmq::Death| Death {
        queue: one.queue.to_string(),
        reason: Reason::name(one.reason),
        count: one.count,
        exchange: match &*one.exchange {
            "" => "(default)".to_owned(),
            name => name.to_owned(),
        },
        key: one
            .routing_keys
            .first()
            .map_or_else(String::new, |key| key.to_string()),
    };
    let entries = found.deaths().entries.iter().map(death).collect();
    Some((seen.record(found.record?), entries))
}
