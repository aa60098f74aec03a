//! The tool `nats`.

use crate::bench_of_one::Bench;
use systems::nats::{Answer, Call, ConsumerConfig, StreamConfig, tools};

#[test]
fn the_tool_prints_streams_and_consumers() {
    let mut bench = Bench::new();
    let config = StreamConfig {
        max_msgs: Some(10_000),
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    bench.wait(90_061_000);
    for body in ["1", "2", "3"] {
        bench.put("s.a", body);
    }
    bench.fetch("c", 2);
    let Ok(Answer::Stream(info)) = bench.call(Call::StreamInfo { stream: "S".into() }) else {
        panic!("a stream is expected");
    };
    assert_eq!(
        tools::stream_info(&info),
        "Information for Stream S created 1970-01-01 00:00:00

              Subjects: s.>
              Replicas: 1
               Storage: Memory

Options:

             Retention: Limits
      Acknowledgements: true
        Discard Policy: Old
      Duplicate Window: 2m0s
     Allows Msg Delete: true
          Allows Purge: true
        Allows Rollups: false

Limits:

      Maximum Messages: 10,000
   Maximum Per Subject: unlimited
         Maximum Bytes: unlimited
           Maximum Age: unlimited
  Maximum Message Size: unlimited
     Maximum Consumers: unlimited

State:

              Messages: 3
                 Bytes: 60 B
              FirstSeq: 1 @ 1970-01-02 01:01:01 UTC
               LastSeq: 3 @ 1970-01-02 01:01:01 UTC
      Active Consumers: 1
    Number of Subjects: 1
"
    );
    let (stream, consumer) = ("S".into(), "c".into());
    let Ok(Answer::Consumer(info)) = bench.call(Call::ConsumerInfo { stream, consumer }) else {
        panic!("a consumer is expected");
    };
    assert_eq!(
        tools::consumer_info(&info),
        "Information for Consumer S > c created 1970-01-01 00:00:00

Configuration:

        Durable Name: c
           Pull Mode: true
      Deliver Policy: All
          Ack Policy: Explicit
            Ack Wait: 30.00s
       Replay Policy: Instant
     Max Ack Pending: 1,000
   Max Waiting Pulls: 512

State:

   Last Delivered Message: Consumer sequence: 2 Stream sequence: 2
     Acknowledgment floor: Consumer sequence: 0 Stream sequence: 0
         Outstanding Acks: 2 out of maximum 1,000
     Redelivered Messages: 0
     Unprocessed Messages: 1
            Waiting Pulls: 0 of maximum 512
"
    );
}
