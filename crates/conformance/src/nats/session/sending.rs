//! What a client publishes, and what it says of a delivery.

use super::{ASKING, INBOX, Session};
use crate::nats::ops::{Publish, Settle};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::nats::{AckKind, AckReply, Message, ReplyTo, Request};

impl Session {
    pub(super) fn publish(&mut self, publish: Publish) -> Value {
        let mut message = Message::new(&publish.subject, &publish.msg);
        for (name, value) in &publish.headers {
            message = message.with(name, value);
        }
        let number = |given: Option<u64>| given.map(|number| number.to_string());
        for (name, value) in [
            ("Nats-Msg-Id", publish.msg_id),
            ("Nats-Expected-Stream", publish.expect_stream),
            (
                "Nats-Expected-Last-Sequence",
                number(publish.expect_last_seq),
            ),
            (
                "Nats-Expected-Last-Subject-Sequence",
                number(publish.expect_last_subject_seq),
            ),
            ("Nats-Expected-Last-Msg-Id", publish.expect_last_msg_id),
            ("Nats-Rollup", publish.rollup),
        ] {
            if let Some(value) = value {
                message = message.with(name, &value);
            }
        }
        if !publish.stored {
            let client = publish.client.as_deref().unwrap_or("pub");
            let reply = publish.reply_to.map(Into::into);
            self.send(client, Request::Publish { message, reply });
            return json!({});
        }
        self.answers();
        let reply = Some(format!("{INBOX}.publish").into());
        self.send(ASKING, Request::Publish { message, reply });
        let Some(answer) = self.answers().into_iter().next() else {
            return json!({});
        };
        let Some(body) = answer["msg"].as_str() else {
            return answer;
        };
        let ack: Value = serde_json::from_str(body).unwrap_or_default();
        match ack.get("error") {
            Some(error) => {
                json!({"error": {"code": error["code"], "err_code": error["err_code"]}})
            }
            None => json!({
                "stream": ack["stream"], "stream_seq": ack["seq"], "duplicate": ack.get("duplicate"),
            }),
        }
    }

    pub(super) fn delivery(
        &mut self,
        client: &str,
        msg: &str,
        nth: Option<usize>,
    ) -> Result<ReplyTo, Refusal> {
        let all = self.client(client).deliveries.get(msg);
        let one = all.and_then(|all| match nth {
            None => all.last(),
            Some(nth) => all.get(nth.checked_sub(1)?),
        });
        one.cloned()
            .ok_or_else(|| Refusal::new(format!("`{client}` has no delivery of `{msg}`")))
    }

    pub(super) fn settle(&mut self, settle: &Settle, kind: AckKind) -> Result<Value, Refusal> {
        let client = settle.client.as_deref().unwrap_or("w");
        let to: AckReply = match self.delivery(client, &settle.msg, settle.delivery)? {
            ReplyTo::Ack(to) => to,
            ReplyTo::Subject(_) => {
                return Err(Refusal::new(format!(
                    "`{}` is no JetStream message",
                    settle.msg
                )));
            }
        };
        if !settle.sync {
            self.send(
                client,
                Request::Ack {
                    to,
                    kind,
                    reply: None,
                },
            );
            return Ok(json!({}));
        }
        self.answers();
        let reply = Some(format!("{INBOX}.ack").into());
        self.send(ASKING, Request::Ack { to, kind, reply });
        let answer = self.answers().into_iter().next();
        Ok(match answer {
            Some(answer) if answer.get("status").is_some() => answer,
            answer => json!({"confirmed": answer.is_some()}),
        })
    }
}
