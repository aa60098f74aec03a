//! Errors in the broker's own words.

use crate::{Scene, bind, queue};
use serde_json::json;
use systems::rabbitmq::{
    BasicConsume, BasicPublish, ExchangeDeclare, Method, Properties, QueueDeclare, Settings, Value,
    Version,
};

#[test]
fn errors_have_the_words() {
    let mut scene = Scene::with(Settings {
        version: Version::V4_0,
        topic_binding_wildcard_limit: true,
        ..Settings::default()
    });
    scene.queue("q", &[("x-max-length", json!(5))]);
    scene.exchange("t", "topic");
    scene.exchange("h", "headers");
    let internal = ExchangeDeclare {
        internal: true,
        ..ExchangeDeclare::new("inside", "fanout")
    };
    scene.ok(9, Method::ExchangeDeclare(internal));
    let mut check = |method: Method, expected: &str| {
        assert_eq!(scene.error(1, method), expected);
    };
    let declare =
        |name: &str, argument: &str, value| Method::QueueDeclare(queue(name, &[(argument, value)]));
    check(
        declare("q", "x-max-length", json!(6)),
        "406 PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': \
         received '6' but current is '5'",
    );
    check(
        declare("q", "x-max-length", json!(null)),
        "406 PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': \
         received none but current is the value '5' of type 'signedint'",
    );
    let transient = QueueDeclare {
        durable: false,
        ..queue("q", &[("x-max-length", json!(5))])
    };
    check(
        Method::QueueDeclare(transient),
        "406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received \
         'false' but current is 'true'",
    );
    check(
        declare("p", "x-delivery-limit", json!(3)),
        "406 PRECONDITION_FAILED - invalid arg 'x-delivery-limit' for queue 'p' in vhost '/' of \
         queue type rabbit_classic_queue",
    );
    check(
        declare("p", "x-expires", json!(0)),
        "406 PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'p' in vhost '/': \
         {value_zero,0}",
    );
    check(
        declare("p", "x-message-ttl", json!(-1)),
        "406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'p' in vhost '/': \
         {value_negative,-1}",
    );
    check(
        declare("p", "x-max-priority", json!(256)),
        "406 PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'p' in vhost '/': \
         {max_value_exceeded,256}",
    );
    check(
        declare("p", "x-dead-letter-routing-key", json!("k")),
        "406 PRECONDITION_FAILED - invalid arg 'x-dead-letter-routing-key' for queue 'p' in vhost \
         '/': routing_key_but_no_dlx_defined",
    );
    check(
        declare("p", "x-overflow", json!("spill")),
        "406 PRECONDITION_FAILED - invalid arg 'x-overflow' for queue 'p' in vhost '/': \
         invalid_overflow",
    );
    let transient = QueueDeclare {
        durable: false,
        ..queue("p", &[("x-queue-type", json!("quorum"))])
    };
    check(
        Method::QueueDeclare(transient),
        "406 PRECONDITION_FAILED - invalid property 'durable' for queue 'p' in vhost '/'",
    );
    check(
        Method::QueueDeclare(QueueDeclare::new("amq.mine")),
        "403 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
    );
    check(
        Method::ExchangeDeclare(ExchangeDeclare::new("t", "direct")),
        "406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 't' in vhost '/': received \
         'direct' but current is 'topic'",
    );
    check(
        Method::ExchangeDeclare(ExchangeDeclare::new("x", "round")),
        "503 COMMAND_INVALID - unknown exchange type 'round'",
    );
    check(
        Method::ExchangeDelete {
            exchange: "amq.direct".into(),
            if_unused: false,
        },
        "403 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
    );
    check(
        Method::QueueBind(bind("", "k", "q")),
        "403 ACCESS_REFUSED - operation not permitted on the default exchange",
    );
    check(
        Method::QueueBind(bind("t", "k", "none")),
        "404 NOT_FOUND - no queue 'none' in vhost '/'",
    );
    check(
        Method::QueueBind(bind("none", "k", "q")),
        "404 NOT_FOUND - no exchange 'none' in vhost '/'",
    );
    check(
        Method::QueueBind(bind("t", "#.a.#.b.#", "q")),
        "406 PRECONDITION_FAILED - topic binding key '#.a.#.b.#' has more than 2 '#' wildcards",
    );
    let mut headers = bind("h", "", "q");
    let some = Value::Text("some".into());
    headers.arguments.insert("x-match".into(), some);
    check(
        Method::QueueBind(headers),
        "406 PRECONDITION_FAILED - Invalid x-match field value \"some\"; expected all, any, \
         all-with-x, or any-with-x",
    );
    check(
        Method::BasicPublish(BasicPublish::new("inside", "", "m")),
        "403 ACCESS_REFUSED - cannot publish to internal exchange 'inside' in vhost '/'",
    );
    let far = BasicPublish {
        properties: Properties {
            expiration: Some(4_294_967_296),
            ..Properties::default()
        },
        ..BasicPublish::new("", "q", "m")
    };
    check(
        Method::BasicPublish(far),
        "406 PRECONDITION_FAILED - invalid expiration '4294967296': {value_too_big,4294967296}",
    );
    check(
        Method::BasicAck {
            delivery_tag: 1,
            multiple: false,
        },
        "406 PRECONDITION_FAILED - unknown delivery tag 1",
    );
    check(
        Method::BasicRecover { requeue: false },
        "540 NOT_IMPLEMENTED - requeue=false",
    );
    check(Method::ChannelCloseOk, "no error");
    check(
        Method::ChannelOpen,
        "504 CHANNEL_ERROR - second 'channel.open' seen",
    );
    let global = true;
    let prefetch_count = 1;
    scene.queue("quorum", &[("x-queue-type", json!("quorum"))]);
    scene.ok(
        1,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    let consume = |queue: &str, tag: &str| Method::BasicConsume(BasicConsume::new(queue, tag));
    assert_eq!(
        scene.error(1, consume("quorum", "c")),
        "540 NOT_IMPLEMENTED - queue 'quorum' in vhost '/' does not support global qos"
    );
    scene.ok(1, consume("q", "c"));
    assert_eq!(
        scene.error(1, consume("q", "c")),
        "530 NOT_ALLOWED - attempt to reuse consumer tag 'c'"
    );
    // The whole connection went: its consumer, too.
    let queue = scene.broker.queues().by_name.get("q").expect("the queue");
    assert!(queue.consumers.is_empty());
}

#[test]
fn a_lost_channel_gives_back_what_it_had() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.send("q", "a");
    scene.send("q", "b");
    assert!(scene.get(1, "q").is_some());
    // Another channel's tags are unknown here.
    let ack = Method::BasicAck {
        delivery_tag: 1,
        multiple: true,
    };
    let answers = scene.on(1, 2, ack);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(scene.counts("q"), (1, 1));
    scene.ok(1, Method::ChannelClose);
    let again = scene.get(1, "q").expect("a message");
    assert_eq!((&*again.message.body, again.redelivered), ("a", true));
}
