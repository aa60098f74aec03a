//! What is asked for received messages.

use super::super::ops::Held;
use super::{Session, failed_entry, of_queue, seconds};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::sync::Arc;
use systems::sqs;
use systems::sqs::ReceiptHandle;

impl Session {
    /// The handle that a step means.
    pub(super) fn held(&self, queue: &str, held: &Held) -> ReceiptHandle {
        if let Some(literal) = &held.handle {
            return ReceiptHandle::Text(literal.as_str().into());
        }
        let msg = held.msg.clone().unwrap_or_default();
        let receipts = self.receipts.get(&(queue.to_owned(), msg.clone()));
        let receipt = receipts.and_then(|receipts| match held.delivery {
            Some(number) => receipts.get(number.checked_sub(1)?),
            None => receipts.last(),
        });
        match receipt {
            Some(receipt) => ReceiptHandle::Issued(*receipt),
            None => ReceiptHandle::Text(msg.into()),
        }
    }

    pub(super) fn hold(&mut self, held: &Held, is_deletion: bool) -> Result<Value, Refusal> {
        let name = held.queue.clone();
        let name = name.ok_or_else(|| Refusal::new("the step names no queue"))?;
        let (queue, handle) = (self.queue(&name), self.held(&name, held));
        let request = match is_deletion {
            true => sqs::Request::DeleteMessage { queue, handle },
            false => sqs::Request::ChangeMessageVisibility {
                queue,
                handle,
                visibility_timeout: seconds(held.visibility_ms).unwrap_or(0),
            },
        };
        Ok(of_queue(&self.ask(request)?))
    }

    pub(super) fn hold_batch(
        &mut self,
        name: &str,
        entries: &[Held],
        is_deletion: bool,
    ) -> Result<Value, Refusal> {
        let queue = self.queue(name);
        let id = |held: &Held| Arc::from(held.id.as_deref().unwrap_or_default());
        let held = entries.iter().map(|held| (id(held), self.held(name, held)));
        let request = match is_deletion {
            true => sqs::Request::DeleteMessageBatch {
                queue,
                entries: held.collect(),
            },
            false => sqs::Request::ChangeMessageVisibilityBatch {
                queue,
                entries: held
                    .zip(entries)
                    .map(|((id, handle), held)| {
                        (id, handle, seconds(held.visibility_ms).unwrap_or(0))
                    })
                    .collect(),
            },
        };
        Ok(match self.ask(request)? {
            sqs::Reply::Batch(batch) => {
                let done = batch.successful.iter().map(|(id, ())| json!(&**id));
                let failed = batch.failed.iter();
                let failed = failed.map(|(id, error)| failed_entry(id, error.code.name()));
                json!({"done": done.collect::<Vec<_>>(), "failed": failed.collect::<Vec<_>>()})
            }
            reply => of_queue(&reply),
        })
    }
}
