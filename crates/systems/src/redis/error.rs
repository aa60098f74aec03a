//! What Redis says when it refuses: its own codes and words.

use std::fmt;
use std::sync::Arc;

macro_rules! errors {
    ($( $(#[$doc:meta])* $name:ident $code:literal $words:literal; )*) => {
        /// A refusal. Its code is the first word of what a client reads.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Error {
            $( $(#[$doc])* $name, )*
            /// A command with too few or too many words.
            Arity(Arc<str>),
            /// No such command.
            UnknownCommand(Arc<[Arc<str>]>),
            /// No such subcommand, or one with another number of words.
            UnknownSubcommand {
                /// Of which command.
                command: &'static str,
                /// What was asked for.
                subcommand: Arc<str>,
            },
            /// An option that XCLAIM does not have.
            UnrecognizedClaimOption(Arc<str>),
            /// A command that a connection with subscriptions cannot send.
            InSubscription(Arc<str>),
            /// The stream or the group is not there: XPENDING, XCLAIM, XAUTOCLAIM.
            NoKeyOrGroup {
                /// The stream.
                key: Arc<str>,
                /// The group.
                group: Arc<str>,
            },
            /// The stream or the group is not there: XREADGROUP.
            NoGroupToRead {
                /// The stream.
                key: Arc<str>,
                /// The group.
                group: Arc<str>,
            },
            /// The stream has no such group: XGROUP, XINFO.
            NoGroup {
                /// The stream.
                key: Arc<str>,
                /// The group.
                group: Arc<str>,
            },
        }

        impl Error {
            /// The first word, by which programs tell refusals apart.
            pub const fn code(&self) -> &'static str {
                match self {
                    $( Error::$name => $code, )*
                    Error::NoKeyOrGroup { .. }
                    | Error::NoGroupToRead { .. }
                    | Error::NoGroup { .. } => "NOGROUP",
                    _ => "ERR",
                }
            }

            fn words(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $( Error::$name => out.write_str($words), )*
                    Error::Arity(command) => {
                        write!(out, "wrong number of arguments for '{command}' command")
                    }
                    Error::UnknownCommand(words) => {
                        let mut words = words.iter();
                        let name = words.next().map_or("", |name| name);
                        write!(out, "unknown command '{name}', with args beginning with: ")?;
                        words.try_for_each(|word| write!(out, "'{word}' "))
                    }
                    Error::UnknownSubcommand { command, subcommand } => {
                        write!(out, "unknown subcommand '{subcommand}'. Try {command} HELP.")
                    }
                    Error::UnrecognizedClaimOption(option) => {
                        write!(out, "Unrecognized XCLAIM option '{option}'")
                    }
                    Error::InSubscription(command) => write!(
                        out,
                        "Can't execute '{command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
                    ),
                    Error::NoKeyOrGroup { key, group } => {
                        write!(out, "No such key '{key}' or consumer group '{group}'")
                    }
                    Error::NoGroupToRead { key, group } => write!(
                        out,
                        "No such key '{key}' or consumer group '{group}' in XREADGROUP with GROUP option"
                    ),
                    Error::NoGroup { key, group } => {
                        write!(out, "No such consumer group '{group}' for key name '{key}'")
                    }
                }
            }
        }
    };
}

errors! {
    /// The words of a command are not in an order it knows.
    Syntax "ERR" "syntax error";
    /// A number was expected.
    NotAnInteger "ERR" "value is not an integer or out of range";
    /// The key holds something else.
    WrongType "WRONGTYPE" "Operation against a key holding the wrong kind of value";
    /// The key does not exist.
    NoKey "ERR" "no such key";
    /// It is no id of an entry.
    InvalidId "ERR" "Invalid stream ID specified as stream command argument";
    /// Nothing comes after the excluded bound.
    InvalidStart "ERR" "invalid start ID for the interval";
    /// Nothing comes before the excluded bound.
    InvalidEnd "ERR" "invalid end ID for the interval";
    /// An entry cannot have the id 0-0.
    IdZero "ERR" "The ID specified in XADD must be greater than 0-0";
    /// Ids only grow.
    IdNotGreater "ERR" "The ID specified in XADD is equal or smaller than the target stream top item";
    /// The stream has had the greatest of all ids.
    IdsExhausted "ERR" "The stream has exhausted the last possible ID, unable to add more items";
    /// A length was negative.
    MaxLenNegative "ERR" "The MAXLEN argument must be >= 0.";
    /// A limit was negative.
    LimitNegative "ERR" "The LIMIT argument must be >= 0.";
    /// Only one way of trimming can be chosen.
    TwoStrategies "ERR" "syntax error, MAXLEN and MINID options at the same time are not compatible";
    /// LIMIT belongs to approximate trimming.
    LimitWithoutTilde "ERR" "syntax error, LIMIT cannot be used without the special ~ option";
    /// LIMIT belongs to a way of trimming.
    LimitWithoutStrategy "ERR" "syntax error, LIMIT cannot be used without specifying a trimming strategy";
    /// XTRIM trims in some way.
    NoStrategy "ERR" "syntax error, XTRIM must be called with a trimming strategy";
    /// XSETID below an entry that is there.
    SetIdSmaller "ERR" "The ID specified in XSETID is smaller than the target stream top item";
    /// XSETID with fewer entries than there are.
    SetIdEntriesSmaller "ERR" "The entries_added specified in XSETID is smaller than the target stream length";
    /// XSETID below its own greatest deleted id.
    SetIdBelowDeleted "ERR" "The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
    /// XSETID with a negative number of entries.
    EntriesAddedNegative "ERR" "entries_added must be positive";
    /// The group exists already.
    BusyGroup "BUSYGROUP" "Consumer Group name already exists";
    /// XGROUP on a stream that is not there.
    GroupNeedsKey "ERR" "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.";
    /// ENTRIESREAD is a count, or -1 for unknown.
    EntriesReadNegative "ERR" "value for ENTRIESREAD must be positive or -1";
    /// Each stream of XREAD needs an id.
    UnbalancedRead "ERR" "Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.";
    /// Each stream of XREADGROUP needs an id.
    UnbalancedReadGroup "ERR" "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.";
    /// XREADGROUP reads for a group.
    MissingGroup "ERR" "Missing GROUP option for XREADGROUP";
    /// XREAD reads for no group.
    GroupInRead "ERR" "The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
    /// XREAD leaves nothing pending anyway.
    NoAckInRead "ERR" "The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
    /// `$` would read nothing of a history.
    DollarInGroup "ERR" "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.";
    /// `>` is about a group.
    GreaterInRead "ERR" "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.";
    /// The time to wait is no number.
    TimeoutNotInteger "ERR" "timeout is not an integer or out of range";
    /// The time to wait is no number: BLPOP, BRPOP.
    TimeoutNotFloat "ERR" "timeout is not a float or out of range";
    /// The time to wait is negative.
    TimeoutNegative "ERR" "timeout is negative";
    /// The least idle time is no number: XCLAIM.
    ClaimMinIdle "ERR" "Invalid min-idle-time argument for XCLAIM";
    /// The least idle time is no number: XAUTOCLAIM.
    AutoClaimMinIdle "ERR" "Invalid min-idle-time argument for XAUTOCLAIM";
    /// The idle time to set is no number.
    ClaimIdle "ERR" "Invalid IDLE option argument for XCLAIM";
    /// The time to set is no number.
    ClaimTime "ERR" "Invalid TIME option argument for XCLAIM";
    /// The number of deliveries to set is no number.
    ClaimRetryCount "ERR" "Invalid RETRYCOUNT option argument for XCLAIM";
    /// XAUTOCLAIM looks for at least one entry.
    CountNotPositive "ERR" "COUNT must be > 0";
    /// The group went away while a client waited for its entries.
    GroupGone "NOGROUP" "the consumer group this client was blocked on no longer exists";
    /// The stream went away while a client waited for its entries.
    KeyGone "UNBLOCKED" "the stream key no longer exists";
    /// An expiry of zero or less.
    InvalidExpire "ERR" "invalid expire time in 'set' command";
    /// A score that is no number.
    NotAFloat "ERR" "value is not a valid float";
    /// A bound of scores that is no number.
    MinMaxNotFloat "ERR" "min or max is not a float";
    /// A count of elements was negative.
    OutOfRangePositive "ERR" "value is out of range, must be positive";
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.code())?;
        self.words(out)
    }
}

impl std::error::Error for Error {}
