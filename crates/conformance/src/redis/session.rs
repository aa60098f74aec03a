//! A recording's session: one server at a virtual time, and the connections of its clients.

mod answer;
mod listening;
mod looking;
#[cfg(test)]
mod tests;

use super::ops::{Declared, Op, Read};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use answer::{background, code, entries, named};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use systems::redis::config::Settings;
use systems::redis::{Redis, Reply, Request};
use systems::{Caller, Instant, Out, Server, Span};

/// The connections of a client: it waits and is subscribed on others than it asks on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Asking = 1,
    Listening = 2,
    Waiting = 3,
}

/// The session.
pub struct Session {
    redis: Redis,
    now: Instant,
    clients: Vec<String>,
    /// What a connection got and nobody has looked at yet.
    inbox: BTreeMap<Caller, VecDeque<Reply>>,
    /// The reads in the background, by client.
    reads: BTreeMap<String, Read>,
}

impl Session {
    /// An empty server at virtual time 0, set as the recording says.
    ///
    /// # Errors
    /// A setting that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let mut settings = Settings::default();
        for (name, value) in &recording.broker {
            let set = settings.set(name, value);
            set.map_err(|refused| Refusal::new(refused.to_string()))?;
        }
        if let Some(name) = recording.features.keys().next() {
            return Err(Refusal::unknown("feature", name, &[]));
        }
        Ok(Box::new(Session {
            redis: Redis::new(settings),
            now: Instant(0),
            clients: Vec::new(),
            inbox: BTreeMap::new(),
            reads: BTreeMap::new(),
        }))
    }

    fn caller(&mut self, client: &str, line: Line) -> Result<Caller, Refusal> {
        let at = self.clients.iter().position(|one| one == client);
        let at = at.unwrap_or_else(|| {
            self.clients.push(client.to_owned());
            self.clients.len() - 1
        });
        let client = u8::try_from(at).map_err(|_| Refusal::new("there are too many clients"))?;
        Ok(Caller {
            client,
            connection: line as u16,
        })
    }

    fn take(&mut self, out: Out<Redis>) {
        for (to, reply) in out.to {
            self.inbox.entry(to).or_default().push_back(reply);
        }
    }

    fn send(&mut self, from: Caller, words: &[&str]) {
        let mut out = Out::default();
        let words = words.iter().map(|word| Arc::from(*word)).collect();
        self.redis
            .handle(self.now, from, Request::words(words), &mut out);
        self.take(out);
    }

    fn hang_up(&mut self, who: Caller) {
        let mut out = Out::default();
        self.redis.disconnect(self.now, who, &mut out);
        self.take(out);
    }

    fn next(&mut self, who: Caller) -> Option<Reply> {
        self.inbox.get_mut(&who)?.pop_front()
    }

    /// Asks on behalf of a client, and gives the reply.
    fn ask(&mut self, client: Option<&str>, words: &[&str]) -> Result<Reply, Refusal> {
        let caller = self.caller(client.unwrap_or("admin"), Line::Asking)?;
        self.send(caller, words);
        self.next(caller)
            .ok_or_else(|| Refusal::new(format!("`{}` has no reply", words.join(" "))))
    }

    /// Lets time pass: whatever is due on the way happens.
    fn wait(&mut self, ms: u64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.redis.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.redis.fire(self.now, due, &mut out);
            self.take(out);
        }
        self.now = end;
    }

    fn crash(&mut self, client: &str) -> Result<(), Refusal> {
        for line in [Line::Asking, Line::Listening, Line::Waiting] {
            let caller = self.caller(client, line)?;
            self.hang_up(caller);
        }
        self.reads.remove(client);
        Ok(())
    }

    /// Asks, and gives nothing but an error.
    fn done(&mut self, words: &[&str]) -> Result<Value, Refusal> {
        let reply = self.ask(None, words)?;
        Ok(code(&reply).unwrap_or(json!({})))
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Append {
                stream,
                id,
                msg,
                maxlen,
                minid,
                create,
                client,
            } => {
                let maxlen = maxlen.map(text);
                let mut words = vec!["XADD", &stream];
                if create == Some(false) {
                    words.push("NOMKSTREAM");
                }
                for (name, value) in [("MAXLEN", &maxlen), ("MINID", &minid)] {
                    if let Some(value) = value {
                        words.extend([name, "=", value]);
                    }
                }
                words.extend([id.as_deref().unwrap_or("*"), "msg", &msg]);
                Ok(named("id", &self.ask(client.as_deref(), &words)?))
            }
            Op::Declare {
                kind: Declared::Group,
                stream,
                name,
                start,
                create_stream,
                ..
            } => {
                let start = start.as_deref().unwrap_or("$");
                let mut words = vec!["XGROUP", "CREATE", &stream, &name, start];
                words.extend(create_stream.then_some("MKSTREAM"));
                self.done(&words)
            }
            Op::Declare {
                kind: Declared::Consumer,
                stream,
                group,
                name,
                ..
            } => {
                let group = group.unwrap_or_default();
                let words = ["XGROUP", "CREATECONSUMER", &stream, &group, &name];
                Ok(named("created", &self.ask(None, &words)?))
            }
            Op::Delete {
                kind,
                stream,
                group,
                name,
                ids,
            } => {
                let [stream, group, name] = [stream, group, name].map(Option::unwrap_or_default);
                self.delete(kind, &stream, &group, &name, &ids.unwrap_or_default())
            }
            Op::SetPosition {
                stream,
                group,
                start,
            } => self.done(&["XGROUP", "SETID", &stream, &group, &start]),
            Op::Read(read) => self.read(read),
            Op::Await { client } => {
                let client = client.unwrap_or_else(|| "r".to_owned());
                let known: Vec<&str> = self.reads.keys().map(String::as_str).collect();
                let Some(read) = self.reads.get(&client).cloned() else {
                    return Err(Refusal::unknown("background read", &client, &known));
                };
                let caller = self.caller(&client, Line::Waiting)?;
                let reply = self.next(caller);
                if reply.is_some() {
                    self.reads.remove(&client);
                }
                Ok(background(&read, reply.as_ref()))
            }
            Op::Ack {
                stream,
                group,
                ids,
                client,
            } => {
                let mut words = vec!["XACK", &stream, &group];
                words.extend(ids.iter().map(String::as_str));
                Ok(named("acked", &self.ask(client.as_deref(), &words)?))
            }
            Op::Pending {
                stream,
                group,
                detail,
                start,
                end,
                count,
                consumer,
                min_idle_ms,
            } => {
                let mut words = vec!["XPENDING", &stream, &group];
                let (count, idle) = (text(count.unwrap_or(1_000)), min_idle_ms.map(text));
                if detail {
                    if let Some(idle) = &idle {
                        words.extend(["IDLE", idle]);
                    }
                    words.push(start.as_deref().unwrap_or("-"));
                    words.extend([end.as_deref().unwrap_or("+"), &count]);
                    words.extend(consumer.as_deref());
                }
                let reply = self.ask(None, &words)?;
                Ok(answer::pending(detail, &reply))
            }
            Op::Claim {
                stream,
                group,
                client,
                min_idle_ms,
                ids,
                justid,
                force,
                set_idle_ms,
                set_deliveries,
            } => {
                let min_idle = text(min_idle_ms);
                let (idle, deliveries) = (set_idle_ms.map(text), set_deliveries.map(text));
                let mut words = vec!["XCLAIM", &stream, &group, &client, &min_idle];
                words.extend(ids.iter().map(String::as_str));
                for (name, value) in [("IDLE", &idle), ("RETRYCOUNT", &deliveries)] {
                    if let Some(value) = value {
                        words.extend([name, value]);
                    }
                }
                words.extend(force.then_some("FORCE"));
                words.extend(justid.then_some("JUSTID"));
                let reply = self.ask(Some(&client), &words)?;
                Ok(code(&reply).unwrap_or_else(|| json!({"entries": entries(&reply)})))
            }
            Op::Autoclaim {
                stream,
                group,
                client,
                min_idle_ms,
                start,
                count,
                justid,
            } => {
                let (min_idle, count) = (text(min_idle_ms), count.map(text));
                let mut words = vec!["XAUTOCLAIM", &stream, &group, &client, &min_idle, &start];
                if let Some(count) = &count {
                    words.extend(["COUNT", count]);
                }
                words.extend(justid.then_some("JUSTID"));
                let reply = self.ask(Some(&client), &words)?;
                Ok(answer::autoclaim(&reply))
            }
            Op::Trim {
                stream,
                maxlen,
                minid,
            } => {
                let maxlen = maxlen.map(text);
                let mut words = vec!["XTRIM", &stream];
                for (name, value) in [("MAXLEN", &maxlen), ("MINID", &minid)] {
                    if let Some(value) = value {
                        words.extend([name, "=", value]);
                    }
                }
                Ok(named("trimmed", &self.ask(None, &words)?))
            }
            Op::Range {
                stream,
                start,
                end,
                count,
                reverse,
            } => {
                let count = count.map(text);
                // XREVRANGE takes the higher bound first.
                let mut words = match reverse {
                    true => vec!["XREVRANGE", &stream, &end, &start],
                    false => vec!["XRANGE", &stream, &start, &end],
                };
                if let Some(count) = &count {
                    words.extend(["COUNT", count]);
                }
                let reply = self.ask(None, &words)?;
                Ok(code(&reply).unwrap_or_else(|| json!({"entries": entries(&reply)})))
            }
            Op::Info {
                kind,
                stream,
                group,
            } => self.info(kind, &stream, group.as_deref()),
            Op::Depth { stream } => Ok(named("length", &self.ask(None, &["XLEN", &stream])?)),
            Op::Subscribe(one) => self.subscription(false, &one),
            Op::Unsubscribe(one) => self.subscription(true, &one),
            Op::Publish {
                channel,
                msg,
                sharded,
                client,
            } => {
                let command = if sharded { "SPUBLISH" } else { "PUBLISH" };
                let reply = self.ask(client.as_deref(), &[command, &channel, &msg])?;
                Ok(named("receivers", &reply))
            }
            Op::Channels { pattern } => self.channels(pattern.as_deref()),
            Op::Drain { clients, merge } => self.drain(&clients, merge),
            Op::Crash { client } => self.crash(&client).map(|()| json!({})),
            Op::Wait { ms } => {
                self.wait(ms);
                Ok(json!({}))
            }
        }
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        self.answer(step.read()?)
    }
}

fn text(number: impl ToString) -> String {
    number.to_string()
}
