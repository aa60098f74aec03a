//! The names of commands, and with how many words each comes.

/// A command's name, with the least and the greatest number of words after it.
type Command = (&'static str, (usize, usize));

/// The command of this name, in whichever case it is written.
pub(super) fn find(name: &str) -> Option<Command> {
    let at = NAMES.binary_search(&packed(name)?).ok()?;
    let known = COMMANDS.get(at).copied();
    // Zeros at a name's end are packed like nothing.
    known.filter(|(known, _)| known.len() == name.len())
}

const MANY: usize = usize::MAX;

/// A name as one number: its letters in lower case, and zeros up to the length of the longest name
/// of a command. None, where it is longer than that.
const fn packed(name: &str) -> Option<u128> {
    let mut letters = [0; 16];
    let Some((place, _)) = letters.split_at_mut_checked(name.len()) else {
        return None;
    };
    place.copy_from_slice(name.as_bytes());
    // All sixteen: so many bytes are one step for a processor.
    letters.make_ascii_lowercase();
    Some(u128::from_be_bytes(letters))
}

/// The names of [`COMMANDS`] as numbers, which are found faster than texts.
const NAMES: [u128; COMMANDS.len()] = {
    let mut names = [0; COMMANDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = match packed(COMMANDS[at].0) {
            Some(packed) => packed,
            None => panic!("the name of a command is longer than those that are packed"),
        };
        at += 1;
    }
    names
};

/// The commands in the order of their names, with the least and the greatest number of words after
/// them.
const COMMANDS: &[Command] = &[
    ("blpop", (2, MANY)),
    ("brpop", (2, MANY)),
    ("del", (1, MANY)),
    ("exists", (1, MANY)),
    ("get", (1, 1)),
    ("hdel", (2, MANY)),
    ("hget", (2, 2)),
    ("hlen", (1, 1)),
    ("hset", (3, MANY)),
    ("llen", (1, 1)),
    ("lpop", (1, 2)),
    ("lpush", (2, MANY)),
    ("lrange", (3, 3)),
    ("ping", (0, 1)),
    ("psubscribe", (1, MANY)),
    ("publish", (2, 2)),
    ("pubsub", (1, MANY)),
    ("punsubscribe", (0, MANY)),
    ("rpop", (1, 2)),
    ("rpush", (2, MANY)),
    ("set", (2, MANY)),
    ("spublish", (2, 2)),
    ("ssubscribe", (1, MANY)),
    ("subscribe", (1, MANY)),
    ("sunsubscribe", (0, MANY)),
    ("type", (1, 1)),
    ("unsubscribe", (0, MANY)),
    ("xack", (3, MANY)),
    ("xadd", (4, MANY)),
    ("xautoclaim", (5, MANY)),
    ("xclaim", (5, MANY)),
    ("xdel", (2, MANY)),
    ("xgroup", (1, MANY)),
    ("xinfo", (1, MANY)),
    ("xlen", (1, 1)),
    ("xpending", (2, MANY)),
    ("xrange", (3, MANY)),
    ("xread", (3, MANY)),
    ("xreadgroup", (6, MANY)),
    ("xrevrange", (3, MANY)),
    ("xsetid", (2, MANY)),
    ("xtrim", (3, MANY)),
    ("zadd", (3, MANY)),
    ("zcard", (1, 1)),
    ("zrangebyscore", (3, MANY)),
    ("zrem", (2, MANY)),
    ("zrevrangebyscore", (3, MANY)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_by_its_name_in_either_case() {
        for known in COMMANDS {
            assert_eq!(find(known.0), Some(*known));
            assert_eq!(find(&known.0.to_ascii_uppercase()), Some(*known));
        }
        for name in ["", "xad", "xaddd", "get\0", "zrevrangebyscores", "écho"] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}
