//! What `aws kinesis` prints of a stream.
//!
//! Simplified: `list-shards` prints one page, as with `--no-paginate` and without a maximum.

use super::Kinesis;
use super::date::in_iso;
use super::error::Error;
use super::reply::{Reply, ShardDescription};
use serde::Serialize;

/// `aws kinesis describe-stream-summary --stream-name NAME`.
pub fn describe_stream_summary(kinesis: &Kinesis, stream: &str) -> String {
    let summary = match kinesis.summary(stream) {
        Ok(summary) => summary,
        Err(error) => return refused("DescribeStreamSummary", &error),
    };
    let settings = kinesis.settings();
    json(&Described {
        summary: Summary {
            name: stream,
            arn: format!(
                "arn:aws:kinesis:{}:{}:stream/{stream}",
                settings.region, settings.account
            ),
            status: summary.status.name(),
            mode: ModeDetails {
                mode: summary.mode.name(),
            },
            retention_hours: summary.retention_hours,
            created: in_iso(summary.created),
            monitoring: [Monitoring { metrics: [] }],
            encryption: "NONE",
            open_shards: summary.open_shards,
            consumers: summary.consumers,
        },
    })
}

/// `aws kinesis list-shards --stream-name NAME`.
pub fn list_shards(kinesis: &Kinesis, stream: &str) -> String {
    match kinesis.list_shards(stream, None, None) {
        Ok(Reply::Shards(shards, _)) => json(&Listed {
            shards: shards.iter().map(Listed::one).collect(),
        }),
        Ok(_) => String::new(),
        Err(error) => refused("ListShards", &error),
    }
}

/// What the command line prints when the service refuses.
fn refused(operation: &str, error: &Error) -> String {
    format!(
        "\nAn error occurred ({}) when calling the {operation} operation: {}\n",
        error.code(),
        error.words()
    )
}

/// Indented by four, as the command line does it.
fn json(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, form);
    // Texts and numbers into memory: nothing there can fail.
    let _ = value.serialize(&mut writer);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Described<'a> {
    #[serde(rename = "StreamDescriptionSummary")]
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    #[serde(rename = "StreamName")]
    name: &'a str,
    #[serde(rename = "StreamARN")]
    arn: String,
    #[serde(rename = "StreamStatus")]
    status: &'static str,
    #[serde(rename = "StreamModeDetails")]
    mode: ModeDetails,
    #[serde(rename = "RetentionPeriodHours")]
    retention_hours: u32,
    #[serde(rename = "StreamCreationTimestamp")]
    created: String,
    #[serde(rename = "EnhancedMonitoring")]
    monitoring: [Monitoring; 1],
    #[serde(rename = "EncryptionType")]
    encryption: &'static str,
    #[serde(rename = "OpenShardCount")]
    open_shards: u32,
    #[serde(rename = "ConsumerCount")]
    consumers: u32,
}

#[derive(Serialize)]
struct ModeDetails {
    #[serde(rename = "StreamMode")]
    mode: &'static str,
}

#[derive(Serialize)]
struct Monitoring {
    #[serde(rename = "ShardLevelMetrics")]
    metrics: [&'static str; 0],
}

#[derive(Serialize)]
struct Listed {
    #[serde(rename = "Shards")]
    shards: Vec<Listing>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    shard_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_shard_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adjacent_parent_shard_id: Option<String>,
    hash_key_range: HashKeys,
    sequence_number_range: SequenceNumbers,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HashKeys {
    starting_hash_key: String,
    ending_hash_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SequenceNumbers {
    starting_sequence_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ending_sequence_number: Option<String>,
}

impl Listed {
    fn one(shard: &ShardDescription) -> Listing {
        let mut parents = shard.parents.iter().map(ToString::to_string);
        Listing {
            shard_id: shard.shard.to_string(),
            parent_shard_id: parents.next(),
            adjacent_parent_shard_id: parents.next(),
            hash_key_range: HashKeys {
                starting_hash_key: shard.range.start.to_string(),
                ending_hash_key: shard.range.end.to_string(),
            },
            sequence_number_range: SequenceNumbers {
                starting_sequence_number: shard.starting.to_string(),
                ending_sequence_number: shard.ending.map(|ending| ending.to_string()),
            },
        }
    }
}
