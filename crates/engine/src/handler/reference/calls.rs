//! The table: every call and every part of a message.

use super::{Call, Is, Object, Parameter, Part};

const fn needs(name: &'static str, is: Is) -> Parameter {
    Parameter {
        name,
        is,
        default: None,
    }
}

const fn may(name: &'static str, is: Is, default: &'static str) -> Parameter {
    Parameter {
        name,
        is,
        default: Some(default),
    }
}

const TABLE: Parameter = needs("table", Is::Table);
const KEY: Parameter = needs("key", Is::RowKey);
const ROW: &[Parameter] = &[TABLE, KEY];
const NEW_ROW: &[Parameter] = &[TABLE, KEY, may("value", Is::RowValue, "True")];
const WHOLE_ROW: &[Parameter] = &[TABLE, KEY, needs("value", Is::RowValue)];
const MORE: &[Parameter] = &[TABLE, KEY, needs("n", Is::Number)];
const TO_SERVICE: &[Parameter] = &[
    needs("message", Is::Message),
    may("key", Is::IdempotencyKey, "None"),
];
const OWN: &[Parameter] = &[may("message", Is::Message, "")];

const fn call(
    object: Object,
    method: &'static str,
    parameters: &'static [Parameter],
    elsewhere: &'static [&'static str],
    says: &'static str,
) -> Call {
    Call {
        object,
        method,
        parameters,
        says,
        step: true,
        elsewhere,
    }
}

const fn gathers(
    method: &'static str,
    parameters: &'static [Parameter],
    elsewhere: &'static [&'static str],
    says: &'static str,
) -> Call {
    Call {
        step: false,
        ..call(Object::Tx, method, parameters, elsewhere, says)
    }
}

/// Everything that can be called, in the order of a page that explains it.
pub static CALLS: [Call; 23] = [
    call(
        Object::Db,
        "has",
        ROW,
        &["exists", "contains", "includes", "find"],
        "Is there such a row? True or False.",
    ),
    call(
        Object::Db,
        "get",
        ROW,
        &["read", "fetch", "select", "lookup"],
        "The row's value, or None.",
    ),
    call(
        Object::Db,
        "insert",
        NEW_ROW,
        &["create", "enter", "insert_if_absent"],
        "Enters a row that must not be there yet. True, or False when it was there and stays as it is.",
    ),
    call(
        Object::Db,
        "put",
        WHOLE_ROW,
        &["set", "upsert", "write", "save", "update"],
        "Writes the row, whether it was there or not.",
    ),
    call(
        Object::Db,
        "add",
        MORE,
        &["increment", "incr", "increase", "plus"],
        "Adds to the number in the row, from 0, and gives the new number.",
    ),
    call(
        Object::Db,
        "delete",
        ROW,
        &["remove", "drop"],
        "Takes the row out. True when it was there.",
    ),
    Call {
        step: false,
        ..call(
            Object::Db,
            "begin",
            &[],
            &["transaction", "start", "begin_transaction"],
            "Begins a transaction. It gathers writes; nothing happens before tx.commit(). One at a time.",
        )
    },
    gathers(
        "insert",
        NEW_ROW,
        &["create", "enter"],
        "Gathers an insert. When its row is there at the commit, nothing of the transaction happens.",
    ),
    gathers(
        "put",
        WHOLE_ROW,
        &["set", "upsert", "write", "save", "update"],
        "Gathers a write.",
    ),
    gathers(
        "add",
        MORE,
        &["increment", "incr", "increase", "plus"],
        "Gathers an addition.",
    ),
    gathers("delete", ROW, &["remove", "drop"], "Gathers a deletion."),
    call(
        Object::Tx,
        "commit",
        &[],
        &["end", "finish", "close"],
        "All the writes in one step, or none. True, or False when a row to insert was there. A transaction that was not committed did nothing.",
    ),
    gathers(
        "rollback",
        &[],
        &["abort", "cancel", "undo"],
        "Forgets what was gathered.",
    ),
    call(
        Object::Service,
        "send",
        TO_SERVICE,
        &["deliver", "mail", "notify"],
        "Has a service do its work for the message. True, or False when no answer came in time: the work may have been done or not. With a key that the service knows already it answers True and does nothing again.",
    ),
    call(
        Object::Service,
        "call",
        TO_SERVICE,
        &["invoke", "request"],
        "The same.",
    ),
    call(
        Object::Service,
        "charge",
        TO_SERVICE,
        &["pay", "bill"],
        "The same.",
    ),
    call(Object::Service, "post", TO_SERVICE, &[], "The same."),
    call(
        Object::Broker,
        "commit",
        OWN,
        &["commit_sync", "commitSync"],
        "Commits the offset behind this message. True, or False when the group's coordinator refused it.",
    ),
    call(
        Object::Broker,
        "ack",
        OWN,
        &["acknowledge"],
        "Settles this message: deletes it on Amazon SQS, acknowledges it on RabbitMQ, commits the offset behind it on Kafka. True, or False when that was refused.",
    ),
    call(
        Object::Broker,
        "publish",
        &[needs("topic", Is::Topic), needs("message", Is::Message)],
        &["send", "produce", "emit"],
        "Publishes an event about the message to a topic. True.",
    ),
    Call {
        step: false,
        ..call(
            Object::Broker,
            "nack",
            &[
                may("message", Is::Message, ""),
                may("delay_ms", Is::Milliseconds, "0"),
            ],
            &["reject", "requeue", "retry"],
            "Ends the handler here: it wants the message again, after this wait.",
        )
    },
    call(
        Object::Clock,
        "sleep",
        &[needs("ms", Is::Milliseconds)],
        &["wait", "pause"],
        "Waits.",
    ),
    call(
        Object::Clock,
        "backoff",
        &[
            needs("attempt", Is::Attempt),
            may("base_ms", Is::Milliseconds, "100"),
            may("max_ms", Is::Milliseconds, "10000"),
        ],
        &["back_off", "exponential_backoff"],
        "Waits base_ms, doubled with each attempt after the first, at most max_ms.",
    ),
];

pub(super) static PARTS: [Part; 11] = [
    Part {
        name: "id",
        says: "The message's text, such as \"ord_12\"; the scene shows it by this name.",
    },
    Part {
        name: "value",
        says: "The same text.",
    },
    Part {
        name: "key",
        says: "Its key, or None.",
    },
    Part {
        name: "amount",
        says: "The money it is about, in cents.",
    },
    Part {
        name: "headers",
        says: "Its headers, a dict of texts.",
    },
    Part {
        name: "topic",
        says: "The name of its topic.",
    },
    Part {
        name: "partition",
        says: "The number of its partition, on Kafka.",
    },
    Part {
        name: "offset",
        says: "Its offset, on Kafka.",
    },
    Part {
        name: "receive_count",
        says: "How often it has been received, on Amazon SQS: 1 to 7, and 8 for 8 or more.",
    },
    Part {
        name: "redelivered",
        says: "Whether it had been handed out before, on RabbitMQ: True or False.",
    },
    Part {
        name: "attempt",
        says: "The how-manieth time this process tries, from 1. After a crash it is 1 again: the broker does not count.",
    },
];
