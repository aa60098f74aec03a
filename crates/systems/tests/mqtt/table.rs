//! A broker on a table, with connections to it and all that came over them.

use systems::mqtt::{
    Ack, Broker, Connect, Fact, Publish, Qos, Reply, Request, Settings, Subscription, Version,
};
use systems::{Caller, Instant, Out, Server, Span};

pub struct Table {
    pub broker: Broker,
    pub now: Instant,
    pub facts: Vec<Fact>,
    came: Vec<(Caller, Reply)>,
    clients: Vec<(String, u16)>,
}

/// CONNECT of MQTT 3.1.1 with a clean session.
pub fn v3(client_id: &str) -> Connect {
    Connect {
        client_id: client_id.into(),
        clean_start: true,
        ..Connect::default()
    }
}

/// CONNECT of MQTT 5 with a clean start.
pub fn v5(client_id: &str) -> Connect {
    Connect {
        version: Version::V5,
        ..v3(client_id)
    }
}

/// CONNECT of MQTT 3.1.1 to a session that is kept.
pub fn kept(client_id: &str) -> Connect {
    Connect {
        clean_start: false,
        ..v3(client_id)
    }
}

pub fn publish(topic: &str, payload: &str, qos: Qos, packet_id: u16) -> Publish {
    Publish {
        topic: topic.into(),
        payload: payload.into(),
        qos,
        packet_id: (qos != Qos::AtMostOnce).then_some(packet_id),
        ..Publish::default()
    }
}

pub fn filter(filter: &str, qos: Qos) -> Subscription {
    Subscription {
        filter: filter.into(),
        qos,
        ..Subscription::default()
    }
}

impl Table {
    pub fn new(settings: Settings) -> Table {
        Table {
            broker: Broker::new(settings, 7),
            now: Instant(0),
            facts: Vec::new(),
            came: Vec::new(),
            clients: Vec::new(),
        }
    }

    fn keep(&mut self, out: Out<Broker>) {
        self.came.extend(out.to);
        self.facts.extend(out.facts);
    }

    /// A new connection of the client of this name, over which nothing went yet.
    pub fn dial(&mut self, name: &str) -> Caller {
        let at = self.clients.iter().position(|(known, _)| known == name);
        let at = at.unwrap_or_else(|| {
            self.clients.push((name.to_owned(), 0));
            self.clients.len() - 1
        });
        self.clients[at].1 += 1;
        Caller {
            client: at as u8,
            connection: self.clients[at].1,
        }
    }

    /// Connects, and forgets nothing of what comes.
    pub fn connect(&mut self, connect: Connect) -> Caller {
        let caller = self.dial(&connect.client_id.clone());
        self.send(caller, Request::Connect(Box::new(connect)));
        caller
    }

    pub fn send(&mut self, from: Caller, request: Request) {
        let mut out = Out::default();
        self.broker.handle(self.now, from, request, &mut out);
        self.keep(out);
    }

    /// Sends, and takes all that came over this connection so far.
    pub fn ask(&mut self, from: Caller, request: Request) -> Vec<Reply> {
        self.send(from, request);
        self.take(from)
    }

    pub fn take(&mut self, of: Caller) -> Vec<Reply> {
        let (its, others) = std::mem::take(&mut self.came)
            .into_iter()
            .partition(|(to, _)| *to == of);
        self.came = others;
        let its: Vec<(Caller, Reply)> = its;
        its.into_iter().map(|(_, reply)| reply).collect()
    }

    pub fn lose(&mut self, gone: Caller) {
        let mut out = Out::default();
        self.broker.disconnect(self.now, gone, &mut out);
        self.keep(out);
    }

    /// Lets time pass; what is due happens.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.broker.next_due()
            && at <= end
        {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.broker.fire(self.now, due, &mut out);
            self.keep(out);
        }
        self.now = end;
    }

    pub fn subscribe(&mut self, from: Caller, subscription: Subscription) -> Vec<Reply> {
        let request = Request::Subscribe {
            packet_id: 9_000,
            subscriptions: vec![subscription],
            identifier: None,
        };
        self.ask(from, request)
    }

    pub fn publish(&mut self, from: Caller, publish: Publish) -> Vec<Reply> {
        self.ask(from, Request::Publish(publish))
    }

    /// The deliveries that came over a connection; everything else is forgotten.
    pub fn deliveries(&mut self, of: Caller) -> Vec<Publish> {
        let only = |reply| match reply {
            Reply::Publish(publish) => Some(publish),
            _ => None,
        };
        self.take(of).into_iter().filter_map(only).collect()
    }

    /// The payloads of the deliveries that came over a connection.
    pub fn payloads(&mut self, of: Caller) -> Vec<String> {
        let deliveries = self.deliveries(of);
        deliveries
            .iter()
            .map(|one| one.payload.to_string())
            .collect()
    }

    pub fn puback(&mut self, from: Caller, packet_id: u16) {
        self.send(from, Request::Puback(Ack::of(packet_id)));
    }

    pub fn disconnect(&mut self, from: Caller) {
        let request = Request::Disconnect {
            reason: systems::mqtt::ReasonCode::Success,
            session_expiry_interval: None,
        };
        self.send(from, request);
    }
}
