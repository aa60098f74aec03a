//! What is made, set and counted.

use super::super::ops::{Declare, Given, Op, Redrive, What};
use super::{Session, number, of_queue, of_topic, seconds};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::{sns, sqs};

/// The attributes of a queue by name.
type Attributes = BTreeMap<Arc<str>, Arc<str>>;

impl Session {
    pub(super) fn redrive_policy(&self, redrive: &Redrive) -> Arc<str> {
        let target = sqs::arn::arn(&self.queue(&redrive.to));
        let policy =
            json!({"deadLetterTargetArn": &*target, "maxReceiveCount": redrive.max_receives});
        policy.to_string().into()
    }

    pub(super) fn declare(&mut self, declare: &Declare) -> Result<Value, Refusal> {
        let name = match declare.fifo {
            true => format!("{}.fifo", declare.name),
            false => declare.name.clone(),
        };
        let mut attributes: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        let mut set = |attribute: &str, value: Option<Arc<str>>| {
            attributes.extend(value.map(|value| (attribute.into(), value)));
        };
        let dedup = declare.content_dedup.filter(|on| *on || declare.fifo);
        let fifo = declare.fifo.then(|| "true".into());
        let content = dedup.map(|on| on.to_string().into());
        if declare.kind == What::Topic {
            set("FifoTopic", fifo);
            set("ContentBasedDeduplication", content);
            self.topics.insert(declare.name.clone(), name.clone());
            let name = name.into();
            let reply = self.ask_topic(sns::Request::CreateTopic { name, attributes })?;
            return Ok(of_topic(&reply));
        }
        set("FifoQueue", fifo);
        set("ContentBasedDeduplication", content);
        let scope = declare.dedup_scope.as_deref();
        set("DeduplicationScope", scope.map(Into::into));
        set("VisibilityTimeout", number(seconds(declare.visibility_ms)));
        set("DelaySeconds", number(seconds(declare.delay_ms)));
        let wait = number(seconds(declare.receive_wait_ms));
        set("ReceiveMessageWaitTimeSeconds", wait);
        let retention = number(seconds(declare.retention_ms));
        set("MessageRetentionPeriod", retention);
        set("MaximumMessageSize", number(declare.max_bytes));
        if let Given::Value(redrive) = &declare.redrive {
            set("RedrivePolicy", Some(self.redrive_policy(redrive)));
        }
        if let Some(scope) = scope {
            self.scopes.insert(name.clone(), scope.to_owned());
        }
        self.queues.insert(declare.name.clone(), name.clone());
        let name = name.into();
        let reply = self.ask(sqs::Request::CreateQueue { name, attributes })?;
        Ok(of_queue(&reply))
    }

    /// Attributes of a queue by name, or the error.
    pub(super) fn attributes(&mut self, name: &str) -> Result<Result<Attributes, Value>, Refusal> {
        let queue = self.queue(name);
        let names = vec!["All".into()];
        Ok(
            match self.ask(sqs::Request::GetQueueAttributes { queue, names })? {
                sqs::Reply::Attributes(attributes) => Ok(attributes.into_iter().collect()),
                reply => Err(of_queue(&reply)),
            },
        )
    }

    pub(super) fn depth(&mut self, name: &str) -> Result<Value, Refusal> {
        let attributes = match self.attributes(name)? {
            Ok(attributes) => attributes,
            Err(error) => return Ok(error),
        };
        let count = |name: &str| {
            attributes
                .get(name)
                .and_then(|text| text.parse::<u64>().ok())
        };
        Ok(json!({
            "ready": count("ApproximateNumberOfMessages"),
            "in_flight": count("ApproximateNumberOfMessagesNotVisible"),
            "delayed": count("ApproximateNumberOfMessagesDelayed"),
        }))
    }

    pub(super) fn describe(&mut self, name: &str) -> Result<Value, Refusal> {
        let attributes = match self.attributes(name)? {
            Ok(attributes) => attributes,
            Err(error) => return Ok(error),
        };
        let ms = |name: &str| {
            let text = attributes.get(name)?;
            text.parse::<u64>().ok().map(|seconds| seconds * 1000)
        };
        let mut told = json!({
            "visibility_ms": ms("VisibilityTimeout"),
            "delay_ms": ms("DelaySeconds"),
            "receive_wait_ms": ms("ReceiveMessageWaitTimeSeconds"),
        });
        if attributes.contains_key("FifoQueue") {
            told["fifo"] = json!(true);
        }
        if let Some(scope) = self.scopes.get(&*self.queue(name)) {
            told["dedup_scope"] = json!(scope);
        }
        if let Some(policy) = attributes.get("RedrivePolicy") {
            let policy: Value = serde_json::from_str(policy)?;
            let target = policy["deadLetterTargetArn"].as_str().unwrap_or_default();
            let target = self.name_of(sqs::arn::name_of_arn(target).unwrap_or_default());
            told["redrive"] = json!({"to": target, "max_receives": policy["maxReceiveCount"]});
        }
        Ok(told)
    }

    pub(super) fn alter(
        &mut self,
        name: &str,
        attributes: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Value, Refusal> {
        let queue = self.queue(name);
        let request = sqs::Request::SetQueueAttributes { queue, attributes };
        Ok(of_queue(&self.ask(request)?))
    }

    pub(super) fn bind(&mut self, op: Op) -> Result<Value, Refusal> {
        let Op::Bind {
            topic,
            queue,
            raw,
            filter,
            filter_scope,
        } = op
        else {
            return Err(Refusal::new("this is no subscription"));
        };
        let mut attributes: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        if raw {
            attributes.push(("RawMessageDelivery".into(), "true".into()));
        }
        if let Some(scope) = filter_scope {
            attributes.push(("FilterPolicyScope".into(), scope.into()));
        }
        if let Some(filter) = filter {
            attributes.push(("FilterPolicy".into(), filter.to_string().into()));
        }
        let reply = self.ask_topic(sns::Request::Subscribe {
            topic: self.topic(&topic),
            protocol: "sqs".into(),
            endpoint: sns::arn::queue(&self.queue(&queue)),
            attributes,
        })?;
        Ok(of_topic(&reply))
    }
}
