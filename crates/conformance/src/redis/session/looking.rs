//! What is looked at, and what is deleted.

use super::Session;
use super::answer::{self, code, fields, named};
use crate::redis::commands::plain;
use crate::redis::ops::{Deleted, Info};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::redis::Reply;

impl Session {
    pub(super) fn channels(&mut self, pattern: Option<&str>) -> Result<Value, Refusal> {
        let mut words = vec!["PUBSUB", "CHANNELS"];
        words.extend(pattern);
        let mut names = plain(&self.ask(None, &words)?);
        if let Some(names) = names.as_array_mut() {
            names.sort_by_key(ToString::to_string);
        }
        let patterns = self.ask(None, &["PUBSUB", "NUMPAT"])?;
        Ok(json!({"channels": names, "patterns": plain(&patterns)}))
    }

    pub(super) fn info(
        &mut self,
        kind: Info,
        stream: &str,
        group: Option<&str>,
    ) -> Result<Value, Refusal> {
        let words = match kind {
            Info::Groups => vec!["XINFO", "GROUPS", stream],
            Info::Stream => vec!["XINFO", "STREAM", stream],
            Info::Consumers => vec!["XINFO", "CONSUMERS", stream, group.unwrap_or_default()],
        };
        let reply = self.ask(None, &words)?;
        if let Some(error) = code(&reply) {
            return Ok(error);
        }
        let each = |names: &[(&str, &str)]| -> Value {
            match &reply {
                Reply::List(all) => all.iter().map(|one| fields(one, names)).collect(),
                _ => Value::Null,
            }
        };
        Ok(match kind {
            Info::Groups => json!({"groups": each(&answer::GROUP)}),
            Info::Consumers => json!({"consumers": each(&answer::CONSUMER)}),
            Info::Stream => fields(&reply, &answer::STREAM),
        })
    }

    pub(super) fn delete(
        &mut self,
        kind: Deleted,
        stream: &str,
        group: &str,
        name: &str,
        ids: &[String],
    ) -> Result<Value, Refusal> {
        match kind {
            Deleted::Group => {
                let reply = self.ask(None, &["XGROUP", "DESTROY", stream, name])?;
                Ok(named("deleted", &reply))
            }
            Deleted::Consumer => {
                let reply = self.ask(None, &["XGROUP", "DELCONSUMER", stream, group, name])?;
                Ok(named("pending_dropped", &reply))
            }
            Deleted::Stream => {
                let reply = self.ask(
                    None,
                    &["DEL", if stream.is_empty() { name } else { stream }],
                )?;
                Ok(named("deleted", &reply))
            }
            Deleted::Entries => {
                let mut words = vec!["XDEL", stream];
                words.extend(ids.iter().map(String::as_str));
                Ok(named("deleted", &self.ask(None, &words)?))
            }
        }
    }
}
