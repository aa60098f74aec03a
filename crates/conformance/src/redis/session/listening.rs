//! Reads that may wait, and subscriptions.

use super::super::ops::{Read, Subscription};
use super::answer::{bodies, code, delivery, read_answer};
use super::{Line, Session, text};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use systems::redis::Reply;

impl Session {
    pub(super) fn read(&mut self, read: Read) -> Result<Value, Refusal> {
        let client = read.client.clone().unwrap_or_else(|| "r".to_owned());
        let (count, block) = (read.count.map(text), read.block_ms.map(text));
        let mut words = vec![if read.group.is_some() {
            "XREADGROUP"
        } else {
            "XREAD"
        }];
        if let Some(group) = &read.group {
            words.extend(["GROUP", group, &client]);
        }
        for (name, value) in [("COUNT", &count), ("BLOCK", &block)] {
            if let Some(value) = value {
                words.extend([name, value]);
            }
        }
        if read.noack {
            words.push("NOACK");
        }
        words.push("STREAMS");
        match (&read.stream, &read.from, &read.streams) {
            (Some(stream), from, None) => {
                let usual = if read.group.is_some() { ">" } else { "0" };
                words.extend([stream, from.as_deref().unwrap_or(usual)]);
            }
            (None, None, Some(streams)) => {
                words.extend(streams.keys().map(String::as_str));
                words.extend(streams.values().map(String::as_str));
            }
            _ => {
                let expected = "a read has either `stream` with `from`, or `streams`";
                return Err(Refusal::new(expected));
            }
        }
        let line = if read.background {
            Line::Waiting
        } else {
            Line::Asking
        };
        let caller = self.caller(&client, line)?;
        self.send(caller, &words);
        if read.background {
            self.reads.insert(client, read);
            return Ok(json!({}));
        }
        let reply = self.next(caller);
        if reply.is_none() {
            // It would wait; the recordings go on as if its time had passed.
            self.hang_up(caller);
        }
        Ok(read_answer(&read, &reply.unwrap_or(Reply::Nil)))
    }

    pub(super) fn subscription(
        &mut self,
        leaving: bool,
        one: &Subscription,
    ) -> Result<Value, Refusal> {
        let (kind, name) = match (&one.channel, &one.pattern, one.sharded) {
            (Some(channel), None, false) => ("", channel),
            (Some(channel), None, true) => ("S", channel),
            (None, Some(pattern), false) => ("P", pattern),
            _ => {
                let expected = "a subscription has either a `channel` or a `pattern`";
                return Err(Refusal::new(expected));
            }
        };
        let command = format!("{kind}{}SUBSCRIBE", if leaving { "UN" } else { "" });
        let caller = self.caller(&one.client, Line::Listening)?;
        let before = self.inbox.get(&caller).map_or(0, VecDeque::len);
        self.send(caller, &[&command, name]);
        // Its confirmation is no delivery.
        let reply = self
            .inbox
            .get_mut(&caller)
            .and_then(|all| all.remove(before));
        Ok(reply.as_ref().and_then(code).unwrap_or(json!({})))
    }

    pub(super) fn drain(&mut self, clients: &[String], merge: bool) -> Result<Value, Refusal> {
        let mut deliveries = Map::new();
        for client in clients {
            let caller = self.caller(client, Line::Listening)?;
            let got = self.inbox.remove(&caller).unwrap_or_default();
            let got = got.iter().filter_map(delivery).collect();
            deliveries.insert(client.clone(), got);
        }
        Ok(match merge {
            true => json!({"merged": bodies(&deliveries)}),
            false => json!({"deliveries": deliveries}),
        })
    }
}
