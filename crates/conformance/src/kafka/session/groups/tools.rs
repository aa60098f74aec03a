//! Command line tools, with masks as wide as what they stand for.

use super::{BEGINNING_UNIX_MS, Groups};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::group::MemberId;
use systems::kafka::tools::{self, Names};
use systems::kafka::{GroupId, TopicId};

/// Stands for a random id.
const ID: &str = "<id-------------------------------->";

struct Masks {
    topics: BTreeMap<TopicId, String>,
    groups: Vec<String>,
    members: Vec<String>,
    /// Static members are named after their instance.
    instances: BTreeMap<MemberId, String>,
}

impl Names for Masks {
    fn group(&self, group: GroupId) -> String {
        let name = self.groups.get(usize::from(group.0));
        name.cloned().unwrap_or_default()
    }

    fn topic(&self, topic: TopicId) -> String {
        self.topics.get(&topic).cloned().unwrap_or_default()
    }

    fn member(&self, member: MemberId) -> String {
        match self.instances.get(&member) {
            Some(instance) => format!("{instance}-{ID}"),
            None => format!("{}-{ID}", self.client(member.client)),
        }
    }

    fn host(&self, _: u8) -> String {
        "<host---->".to_owned()
    }

    fn client(&self, client: u8) -> String {
        let name = self.members.get(usize::from(client));
        name.cloned().unwrap_or_default()
    }

    fn address(&self) -> String {
        "<host--------->".to_owned()
    }

    fn since_beginning(&self, unix_ms: i64) -> i64 {
        unix_ms.saturating_sub(BEGINNING_UNIX_MS)
    }

    fn offsets_partitions(&self) -> u32 {
        1
    }
}

impl Groups {
    pub(super) fn tool(&mut self, args: &[String], file: Option<&Value>) -> Result<Value, Refusal> {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        // A group that a tool names may come into being by it.
        for pair in args.windows(2) {
            if pair[0] == "--group" {
                self.base.group(pair[1]);
            }
        }
        let file = file.map(|file| match file {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let broker = &mut self.base.broker;
        let groups = (0..self.base.groups.len()).map(|at| GroupId(at as u8));
        let members = groups.filter_map(|group| broker.group(group));
        let instances = members.flat_map(|group| group.members()).filter_map(|one| {
            let instance = one.instance.as_ref()?;
            Some((one.id, instance.to_string()))
        });
        let names = Masks {
            instances: instances.collect(),
            topics: broker
                .topics()
                .map(|(id, topic)| (id, topic.name.to_string()))
                .collect(),
            groups: self.base.groups.clone(),
            members: self.base.members.clone(),
        };
        let printed = tools::run(broker, self.base.now, &args, file.as_deref(), &names)
            .map_err(|refusal| Refusal::new(refusal.to_string()))?;
        Ok(json!({ "stdout": printed.stdout, "exit": printed.exit }))
    }
}
