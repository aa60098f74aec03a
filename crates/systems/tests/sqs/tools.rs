//! What `aws sqs` prints.

use crate::bench_client::{Bench, redrive};
use systems::sqs::tools;

#[test]
fn get_queue_attributes_prints_what_the_tool_prints() {
    let mut bench = Bench::new();
    bench.create("dead", &[]);
    bench
        .at(7)
        .create("q", &[("RedrivePolicy", &redrive("dead", 3))]);
    bench.put(&["a", "b"]);
    bench.receive("q", 1);
    assert_eq!(
        tools::get_queue_attributes(&bench.sqs, "q", &["All"]),
        r#"{
    "Attributes": {
        "QueueArn": "arn:aws:sqs:us-east-1:123456789012:q",
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "ApproximateNumberOfMessagesDelayed": "0",
        "CreatedTimestamp": "7",
        "LastModifiedTimestamp": "7",
        "VisibilityTimeout": "30",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
        "RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":3}"
    }
}
"#
    );
    assert_eq!(
        tools::get_queue_attributes(&bench.sqs, "q", &["DelaySeconds"]),
        "{\n    \"Attributes\": {\n        \"DelaySeconds\": \"0\"\n    }\n}\n"
    );
    assert_eq!(
        tools::get_queue_attributes(&bench.sqs, "none", &["All"]),
        "\nAn error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueAttributes operation: The specified queue does not exist.\n"
    );
}

#[test]
fn list_dead_letter_source_queues_prints_urls() {
    let mut bench = Bench::new();
    bench.create("dead", &[]);
    let list = |bench: &Bench| tools::list_dead_letter_source_queues(&bench.sqs, "dead");
    assert_eq!(list(&bench), "{\n    \"queueUrls\": []\n}\n");
    bench.create("q", &[("RedrivePolicy", &redrive("dead", 3))]);
    assert_eq!(
        list(&bench),
        "{\n    \"queueUrls\": [\n        \"https://sqs.us-east-1.amazonaws.com/123456789012/q\"\n    ]\n}\n"
    );
}
