//! What a system calls the things that every system has.

/// The words of one system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What waits in it and is handled: "record".
    pub item: &'static str,
    /// Within which messages keep their order: "key".
    pub order: &'static str,
    /// Where producers send to.
    pub channel: &'static str,
    /// What consumers share: each record is handled once within it.
    pub subscription: &'static str,
    /// Taking records, as something that was just done: "polling".
    pub taking: &'static str,
    /// How a consumer says that it is done with a record: "the commit".
    pub settling: &'static str,
    /// What has become of a record that was settled: "committed past".
    pub settled: &'static str,
    /// What a message carries on this system beside what every message carries, as programs write it:
    /// "receive_count".
    pub carried: &'static [&'static str],
}
