//! What `rabbitmqctl` prints.

use crate::Scene;
use serde_json::json;
use systems::rabbitmq::{BasicConsume, Method, Version, tools};

#[test]
fn the_tool_prints_tables_with_tabs() {
    let mut scene = Scene::new(Version::V4_0);
    scene.exchange("orders", "topic");
    scene.queue("q", &[("x-max-length", json!(5))]);
    scene.bind("orders", "order.#", "q");
    scene.send("q", "m");
    scene.send("q", "n");
    let consume = BasicConsume {
        priority: 3,
        ..BasicConsume::new("q", "worker")
    };
    let (prefetch_count, global) = (1, false);
    scene.ok(
        1,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    scene.ok(1, Method::BasicConsume(consume));
    let columns = [
        "name",
        "messages_ready",
        "messages_unacknowledged",
        "consumers",
        "arguments",
    ];
    assert_eq!(
        tools::list_queues(&scene.broker, &columns).expect("the columns are known"),
        "Timeout: 60.0 seconds ...\nListing queues for vhost / ...\n\
         name\tmessages_ready\tmessages_unacknowledged\tconsumers\targuments\n\
         q\t1\t1\t1\t[{\"x-max-length\",5}]\n"
    );
    assert_eq!(
        tools::list_bindings(&scene.broker),
        "Listing bindings for vhost /...\n\
         source_name\tsource_kind\tdestination_name\tdestination_kind\trouting_key\targuments\n\
         \texchange\tq\tqueue\tq\t[]\norders\texchange\tq\tqueue\torder.#\t[]\n"
    );
    assert_eq!(
        tools::list_consumers(&scene.broker),
        "Listing consumers in vhost / ...\n\
         queue_name\tchannel_pid\tconsumer_tag\tack_required\tprefetch_count\tactive\targuments\n\
         q\t<rabbit@localhost.1.1.1>\tworker\ttrue\t1\ttrue\t[{\"x-priority\",3}]\n"
    );
    assert_eq!(
        tools::list_exchanges(&scene.broker),
        "Listing exchanges for vhost / ...\nname\ttype\n\tdirect\namq.direct\tdirect\n\
         amq.fanout\tfanout\namq.headers\theaders\namq.match\theaders\namq.rabbitmq.trace\ttopic\n\
         amq.topic\ttopic\norders\ttopic\n"
    );
    let unknown = tools::list_queues(&scene.broker, &["nmae"]).expect_err("no such column");
    assert_eq!(
        unknown.to_string(),
        "Error (argument validation): Info key `nmae` is not supported"
    );
}
