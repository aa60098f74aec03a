//! Topic names and topic filters.
//!
//! T2. A topic is a row of levels between slashes, and levels may be empty: `/a` has two. Upper and lower case differ. A topic name has no wildcard in it and is not empty. Source: MQTT 5.0 section 4.7. Shown by: mqtt_topic_validity.
//!
//! T3. In a filter `+` stands for one whole level, also an empty one; `#` stands for the level above it and everything below, and only at the end. A wildcard beside other letters of its level makes the filter invalid. Source: MQTT 5.0 section 4.7.1. Shown by: mqtt_topic_match, mqtt_topic_validity, mqtt-wildcards.
//!
//! T4. Filters that begin with a wildcard match no topic that begins with `$`. Source: MQTT 5.0 section 4.7.2. Shown by: mqtt_topic_match, the test `dollar_topics_are_hidden_from_wildcards`.
//!
//! T5. A topic has at most 200 slashes and 65535 bytes; the broker hangs up on others. Source: Mosquitto 2.0, `TOPIC_HIERARCHY_LIMIT`. Shown by: the test `a_topic_with_too_many_levels_closes_the_connection`.

use crate::pattern::Wildcards;

/// How [patterns](crate::pattern) are written here.
pub const WILDCARDS: Wildcards = Wildcards {
    one: "+",
    many: "#",
    least: 0,
};

/// How many slashes Mosquitto allows in a topic.
const HIERARCHY_LIMIT: usize = 200;
/// How many bytes a text of MQTT can have.
const LONGEST: usize = 65_535;

/// Whether the text has a length and a depth that a topic can have.
fn is_measured(text: &str) -> bool {
    let slashes = text.bytes().filter(|byte| *byte == b'/').count();
    !text.is_empty() && text.len() <= LONGEST && slashes <= HIERARCHY_LIMIT && !text.contains('\0')
}

/// Whether messages can be published to this topic name.
pub fn is_name(text: &str) -> bool {
    is_measured(text) && !text.contains(['+', '#'])
}

/// Whether the wildcards of a filter stand where they may.
fn has_right_wildcards(filter: &str) -> bool {
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let is_last = levels.peek().is_none();
        let is_right = match level {
            "+" => true,
            "#" => is_last,
            other => !other.contains(['+', '#']),
        };
        if !is_right {
            return false;
        }
    }
    true
}

/// Whether one can subscribe to this filter.
pub fn is_filter(text: &str) -> bool {
    is_measured(text) && has_right_wildcards(text)
}

/// A filter and a topic that are no pair: a wildcard stands in a wrong place, or one is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

/// Whether a topic matches a filter.
///
/// ```
/// use systems::mqtt::topic::matches;
/// assert_eq!(matches("sport/#", "sport"), Ok(true));
/// assert_eq!(matches("sport/+", "sport"), Ok(false));
/// assert_eq!(matches("#", "$SYS/broker/uptime"), Ok(false));
/// ```
///
/// # Errors
/// A wildcard stands in a wrong place of the filter, or in the topic; or one of them is empty.
pub fn matches(filter: &str, topic: &str) -> Result<bool, Invalid> {
    if filter.is_empty() || topic.is_empty() {
        return Err(Invalid);
    }
    if filter.starts_with('$') != topic.starts_with('$') {
        return Ok(false);
    }
    if !has_right_wildcards(filter) || topic.contains(['+', '#']) {
        return Err(Invalid);
    }
    let mut of_topic = topic.split('/');
    for level in filter.split('/') {
        match (level, of_topic.next()) {
            ("#", _) => return Ok(true),
            ("+", Some(_)) => {}
            (level, Some(other)) if level == other => {}
            _ => return Ok(false),
        }
    }
    Ok(of_topic.next().is_none())
}

/// The levels of a topic or filter as trees hold them: topics that do not begin with `$` stand below
/// an empty root, so that no wildcard reaches the others.
pub(crate) fn levels(text: &str) -> Vec<&str> {
    let root = (!text.starts_with('$')).then_some("");
    root.into_iter().chain(text.split('/')).collect()
}

/// A filter of SUBSCRIBE: its group, when it is shared, and its levels in the tree. Nothing when it
/// begins with `$share` and names no group and filter.
pub(super) fn shared(filter: &str) -> Option<(Option<&str>, Vec<&str>)> {
    let rest = match filter.strip_prefix("$share") {
        Some("") => return None,
        Some(rest) => rest.strip_prefix('/'),
        None => None,
    };
    let Some(rest) = rest else {
        return Some((None, levels(filter)));
    };
    let (group, filter) = rest.split_once('/')?;
    if filter.is_empty() {
        return None;
    }
    let levels = std::iter::once("").chain(filter.split('/')).collect();
    Some((Some(group), levels))
}
