//! What the command line prints.

use crate::account::{Account, MIDDLE};
use systems::kinesis::tools::{describe_stream_summary, list_shards};

#[test]
fn a_summary_is_printed_as_the_command_line_does() {
    let account = Account::new(1);
    let printed = r#"{
    "StreamDescriptionSummary": {
        "StreamName": "s",
        "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {
            "StreamMode": "PROVISIONED"
        },
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": "2026-01-01T00:00:00+00:00",
        "EnhancedMonitoring": [
            {
                "ShardLevelMetrics": []
            }
        ],
        "EncryptionType": "NONE",
        "OpenShardCount": 1,
        "ConsumerCount": 0
    }
}
"#;
    assert_eq!(describe_stream_summary(&account.kinesis, "s"), printed);
    assert_eq!(
        describe_stream_summary(&account.kinesis, "none"),
        "\nAn error occurred (ResourceNotFoundException) when calling the DescribeStreamSummary operation: Stream none under account 123456789012 not found.\n"
    );
}

#[test]
fn shards_are_printed_with_ranges_parents_and_sequence_numbers() {
    let mut account = Account::new(1);
    account.split(0, MIDDLE);
    account.wait(60_000);
    account.merge(1, 2);
    let printed = list_shards(&account.kinesis, "s");
    let value: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
    let shards = value["Shards"].as_array().expect("a list");
    assert_eq!(shards.len(), 4);
    assert_eq!(shards[0]["ShardId"], "shardId-000000000000");
    assert_eq!(shards[0].get("ParentShardId"), None);
    assert_eq!(shards[1]["ParentShardId"], "shardId-000000000000");
    assert_eq!(shards[3]["ParentShardId"], "shardId-000000000001");
    assert_eq!(shards[3]["AdjacentParentShardId"], "shardId-000000000002");
    assert_eq!(
        shards[3]["HashKeyRange"]["EndingHashKey"],
        "340282366920938463463374607431768211455"
    );
    let ending = |at: usize| shards[at]["SequenceNumberRange"].get("EndingSequenceNumber");
    assert!(ending(2).is_some() && ending(3).is_none());
    let lines: Vec<&str> = printed.lines().take(5).collect();
    assert_eq!(
        lines,
        [
            "{",
            "    \"Shards\": [",
            "        {",
            "            \"ShardId\": \"shardId-000000000000\",",
            "            \"HashKeyRange\": {",
        ]
    );
}
