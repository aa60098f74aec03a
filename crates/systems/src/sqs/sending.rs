//! Sending.
//!
//! Q3. A message's own delay wins over the queue's, also when it is 0; it is at most 900 seconds. A
//! FIFO queue takes no delay of a message but 0. Source: SQS API reference, "SendMessage". Shown by:
//! sqs-delay, sqs-batch-send-partial, the test `a_fifo_queue_takes_no_delay_of_a_message`.
//!
//! Q4. A message to a FIFO queue needs a message group (`MissingParameter`), and a deduplication id
//! unless the queue makes one of the body (`InvalidParameterValue`). Source: SQS API reference,
//! "SendMessage". Shown by: sqs-fifo-missing-fields, sqs_scenarios (q:missing-group).
//!
//! Q5. The bytes of the body and of the attributes' names, types and values together are at most
//! MaximumMessageSize; those of a whole batch at most 1 MiB. Source: SQS developer guide, "Amazon SQS
//! message quotas". Shown by: sqs-message-size, the test `attributes_count_towards_the_size`.

use super::attributes::DeduplicationScope;
use super::deduplication::{First, Key, WINDOW, content_id};
use super::error::{Code, Error};
use super::message::{Message, Place, size};
use super::reply::{Batch, Reply, Sent};
use super::{Entry, Fact, QueueAttributes, QueueId, Sqs};
use crate::party::Caller;
use crate::server::Out;
use explore::time::{Instant, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most bytes of a batch.
const MOST_OF_BATCH: usize = 1_048_576;
/// The longest delay in seconds.
const MOST_DELAY: i64 = 900;

impl Sqs {
    pub(super) fn send(
        &mut self,
        now: Instant,
        id: QueueId,
        entry: Entry,
        out: &mut Out<Self>,
    ) -> Result<Sent, Error> {
        let queue = self.get_mut(id)?;
        check(&entry, &queue.attributes)?;
        let is_fifo = queue.is_fifo();
        let deduplication_id = match entry.deduplication_id {
            None if is_fifo => Some(content_id(&entry.body)),
            given => given,
        };
        let name = Arc::clone(&queue.name);
        let key = deduplication_id.clone().filter(|_| is_fifo).map(|of| {
            let scope = match queue.attributes.deduplication_scope {
                DeduplicationScope::Queue => None,
                DeduplicationScope::MessageGroup => entry.group.clone(),
            };
            Key::new(scope, of)
        });
        let first = key
            .as_ref()
            .and_then(|key| queue.deduplication.first(now, WINDOW, key));
        if let Some(first) = first {
            out.tell(Fact::DuplicateNotStored {
                record: entry.record,
                queue: name,
            });
            return Ok(Sent {
                message_id: first.message,
                sequence_number: Some(first.sequence),
                queue: id,
            });
        }
        let own = entry
            .delay_seconds
            .and_then(|delay| u64::try_from(delay).ok());
        let queued = u64::from(queue.attributes.delay_seconds);
        let delay = if is_fifo {
            queued
        } else {
            own.unwrap_or(queued)
        };
        let message_id = queue.next_message_id();
        let sequence = queue.store.add(Message {
            id: message_id,
            body: entry.body,
            attributes: entry.attributes,
            group: entry.group,
            deduplication_id,
            sent: now,
            first_received: None,
            receive_count: 0,
            latest_receipt: None,
            place: match delay {
                0 => Place::Visible,
                _ => Place::Delayed {
                    until: now + Span::from_ms(delay * 1000),
                },
            },
            source: None,
            record: entry.record,
        });
        if let Some(key) = key {
            let message = message_id;
            queue
                .deduplication
                .remember(now, key, First { message, sequence });
        }
        out.tell(Fact::Sent {
            record: entry.record,
            queue: name,
            delay,
        });
        Ok(Sent {
            message_id,
            sequence_number: is_fifo.then_some(sequence),
            queue: id,
        })
    }

    pub(super) fn send_batch(
        &mut self,
        now: Instant,
        from: Caller,
        id: QueueId,
        entries: Vec<(Arc<str>, Entry)>,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        check_batch(
            "SendMessageBatchRequestEntry",
            entries.iter().map(|(id, _)| id),
        )?;
        let sizes = entries
            .iter()
            .map(|(_, entry)| size(&entry.body, &entry.attributes));
        let bytes: usize = sizes.sum();
        if bytes > MOST_OF_BATCH {
            let message = format!(
                "Batch requests cannot be longer than {MOST_OF_BATCH} bytes. You have sent {bytes} bytes."
            );
            return Err(Error::new(Code::BatchRequestTooLong, message));
        }
        let mut batch = Batch {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        for (name, entry) in entries {
            let record = entry.record;
            match self.send(now, id, entry, out) {
                Ok(sent) => batch.successful.push((name, sent)),
                Err(error) => {
                    Sqs::tell_refused(from, record, &error, out);
                    batch.failed.push((name, error));
                }
            }
        }
        Ok(Reply::SentBatch(batch))
    }
}

/// Whether a batch's entries can be told apart, and are not too many.
pub(super) fn check_batch<'a>(
    kind: &str,
    ids: impl ExactSizeIterator<Item = &'a Arc<str>>,
) -> Result<(), Error> {
    let count = ids.len();
    if count == 0 {
        let message = format!("There should be at least one {kind} in the request.");
        return Err(Error::new(Code::EmptyBatchRequest, message));
    }
    if count > 10 {
        let message =
            format!("Maximum number of entries per request are 10. You have sent {count}.");
        return Err(Error::new(Code::TooManyEntriesInBatchRequest, message));
    }
    let mut seen = BTreeSet::new();
    for id in ids {
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
        if id.is_empty() || id.len() > 80 || !id.bytes().all(is_plain) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
            return Err(Error::new(Code::InvalidBatchEntryId, message));
        }
        if !seen.insert(id) {
            let message = format!("Id {id} repeated.");
            return Err(Error::new(Code::BatchEntryIdsNotDistinct, message));
        }
    }
    Ok(())
}

/// Whether a queue takes a message.
fn check(entry: &Entry, queue: &QueueAttributes) -> Result<(), Error> {
    let wrong_kind = "The request include parameter that is not valid for this queue type";
    if entry.body.is_empty() {
        return Err(Error::missing("MessageBody"));
    }
    if let Some(delay) = entry.delay_seconds {
        if !(0..=MOST_DELAY).contains(&delay) {
            let reason = "DelaySeconds must be >= 0 and <= 900.";
            return Err(Error::invalid(delay, "DelaySeconds", reason));
        }
        if queue.fifo_queue && delay != 0 {
            return Err(Error::invalid(delay, "DelaySeconds", wrong_kind));
        }
    }
    check_name("MessageGroupId", entry.group.as_ref())?;
    check_name("MessageDeduplicationId", entry.deduplication_id.as_ref())?;
    if queue.fifo_queue {
        if entry.group.is_none() {
            return Err(Error::missing("MessageGroupId"));
        }
        if entry.deduplication_id.is_none() && !queue.content_based_deduplication {
            let message = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
            return Err(Error::new(Code::InvalidParameterValue, message));
        }
    } else if let Some(id) = &entry.deduplication_id {
        return Err(Error::invalid(id, "MessageDeduplicationId", wrong_kind));
    }
    check_attributes(entry)?;
    let is_sendable = |letter: char| match letter {
        '\t' | '\n' | '\r' => true,
        letter => letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}'),
    };
    // Most bodies have no letters but those of ASCII: all at once, without looking where each begins.
    let is_plain = |plain, byte: u8| plain & matches!(byte, b' '..=b'~');
    if !entry.body.bytes().fold(true, is_plain) && !entry.body.chars().all(is_sendable) {
        let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
        return Err(Error::new(Code::InvalidMessageContents, message));
    }
    let most = queue.maximum_message_size;
    if size(&entry.body, &entry.attributes) > most as usize {
        let message = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        );
        return Err(Error::new(Code::InvalidParameterValue, message));
    }
    Ok(())
}

/// Whether a message group or a deduplication id can be called so.
fn check_name(parameter: &str, name: Option<&Arc<str>>) -> Result<(), Error> {
    match name {
        Some(name)
            if !(1..=128).contains(&name.len())
                || !name.bytes().all(|letter| letter.is_ascii_graphic()) =>
        {
            let reason = format!(
                "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            );
            Err(Error::invalid(name, parameter, &reason))
        }
        _ => Ok(()),
    }
}

fn check_attributes(entry: &Entry) -> Result<(), Error> {
    let count = entry.attributes.len();
    if count > 10 {
        let message =
            format!("Number of message attributes [{count}] exceeds the allowed maximum [10].");
        return Err(Error::new(Code::InvalidParameterValue, message));
    }
    for (name, attribute) in &entry.attributes {
        let kind = attribute.data_type.split('.').next().unwrap_or_default();
        if !["String", "Number", "Binary"].contains(&kind) {
            let message = format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            );
            return Err(Error::new(Code::InvalidParameterValue, message));
        }
        if attribute.value.is_empty() {
            let message = format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{}'.",
                attribute.data_type
            );
            return Err(Error::new(Code::InvalidParameterValue, message));
        }
    }
    Ok(())
}
