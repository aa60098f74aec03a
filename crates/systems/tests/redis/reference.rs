//! A stream and its group as lists that are looked through from end to end.

use crate::sequence;
use crate::talk::Talk;
use arbitrary::{Result, Unstructured};
use systems::redis::StreamId;

fn id(bytes: &mut Unstructured<'_>) -> Result<StreamId> {
    let (ms, seq) = (bytes.int_in_range(0..=8)?, bytes.int_in_range(0..=2)?);
    Ok(StreamId { ms, seq })
}

/// What is done to the entries of a stream.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    Add(StreamId),
    Delete(StreamId),
    Newest(usize),
    From(StreamId),
}

impl Change {
    /// A change, and between which ids the entries are looked at afterwards.
    fn of(bytes: &mut Unstructured<'_>) -> Result<(Change, StreamId, StreamId)> {
        let change = match bytes.int_in_range(0..=8_u8)? {
            0..=4 => Change::Add(id(bytes)?),
            5 | 6 => Change::Delete(id(bytes)?),
            7 => Change::Newest(bytes.int_in_range(0..=5)?),
            _ => Change::From(id(bytes)?),
        };
        Ok((change, id(bytes)?, id(bytes)?))
    }
}

/// Ranges and trims agree with a list.
pub fn compare_entries(bytes: &mut Unstructured<'_>) {
    let changes = sequence::decode(bytes, 60, Change::of);
    let mut talk = Talk::default();
    let (mut list, mut top, mut is_made) = (Vec::<StreamId>::new(), StreamId::MIN, false);
    sequence::each(&changes, |(change, start, end)| {
        let before = list.len();
        let (line, answer) = match *change {
            Change::Add(id) => {
                let is_taken = id > top;
                is_made |= is_taken;
                if is_taken {
                    list.push(id);
                    top = id;
                }
                (format!("XADD s {id} k v"), is_taken.then(|| id.to_string()))
            }
            Change::Delete(id) => {
                list.retain(|one| *one != id);
                (
                    format!("XDEL s {id}"),
                    Some((before - list.len()).to_string()),
                )
            }
            Change::Newest(count) => {
                list.drain(..before.saturating_sub(count));
                (
                    format!("XTRIM s MAXLEN = {count}"),
                    Some((before - list.len()).to_string()),
                )
            }
            Change::From(id) => {
                list.retain(|one| *one >= id);
                (
                    format!("XTRIM s MINID {id}"),
                    Some((before - list.len()).to_string()),
                )
            }
        };
        let got = talk.ask(&line);
        match answer {
            Some(answer) => assert_eq!(got, answer, "{line}"),
            None => assert!(got.starts_with("ERR "), "{line}: {got}"),
        }
        let shown = |ids: Vec<&StreamId>| {
            let ids: Vec<String> = ids.iter().map(|id| format!("{id}(k v)")).collect();
            format!("[{}]", ids.join(" "))
        };
        let within = |id: &&StreamId| start <= *id && *id <= end;
        let up = shown(list.iter().filter(within).collect());
        assert_eq!(talk.ask(&format!("XRANGE s {start} {end}")), up);
        let down = shown(list.iter().rev().filter(within).collect());
        assert_eq!(talk.ask(&format!("XREVRANGE s {end} {start}")), down);
        assert_eq!(talk.ask("XLEN s"), list.len().to_string());
        assert_eq!(talk.ask("EXISTS s"), u8::from(is_made).to_string());
    });
}

/// What is done to a stream and its group.
#[derive(Clone, Debug)]
enum Step {
    Add(StreamId),
    Delete(StreamId),
    Newest(usize),
    Read(char, usize),
    ReadOwn(char),
    Ack(StreamId),
    Claim {
        by: char,
        idle_ms: u64,
        id: StreamId,
        just_id: bool,
        force: bool,
    },
    Forget(char),
    Pass(u64),
}

impl Step {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Step> {
        let by = *bytes.choose(&['a', 'b', 'c'])?;
        Ok(match bytes.int_in_range(0..=20_u8)? {
            0..=5 => Step::Add(id(bytes)?),
            6 => Step::Delete(id(bytes)?),
            7 => Step::Newest(bytes.int_in_range(0..=5)?),
            8..=11 => Step::Read(by, bytes.int_in_range(1..=3)?),
            12 => Step::ReadOwn(by),
            13 | 14 => Step::Ack(id(bytes)?),
            15..=17 => Step::Claim {
                by,
                idle_ms: bytes.int_in_range(0..=2)?,
                id: id(bytes)?,
                just_id: bytes.arbitrary()?,
                force: bytes.arbitrary()?,
            },
            18 => Step::Forget(by),
            _ => Step::Pass(bytes.int_in_range(0..=3)?),
        })
    }
}

/// An entry that is pending: whose it is, when it was last delivered, how often.
#[derive(Clone, Debug)]
struct Owned {
    id: StreamId,
    by: char,
    at: u64,
    deliveries: u64,
}

/// A group on a page, as in version 7.0.
#[derive(Debug, Default)]
struct Slow {
    now: u64,
    entries: Vec<StreamId>,
    top: StreamId,
    last: StreamId,
    pending: Vec<Owned>,
}

impl Slow {
    fn read(&mut self, by: char, count: usize) -> Vec<StreamId> {
        let fresh = self.entries.iter().copied().filter(|id| *id > self.last);
        let given: Vec<StreamId> = fresh.take(count).collect();
        for id in &given {
            self.last = *id;
            // An entry that was claimed by force before it was read changes hands.
            self.pending.retain(|one| one.id != *id);
            self.pending.push(Owned {
                id: *id,
                by,
                at: self.now,
                deliveries: 1,
            });
        }
        self.pending.sort_by_key(|one| one.id);
        given
    }

    /// What is pending for somebody, each with whether it is still there.
    fn read_own(&mut self, by: char) -> Vec<(StreamId, bool)> {
        let mut given = Vec::new();
        for one in self.pending.iter_mut().filter(|one| one.by == by) {
            let is_there = self.entries.contains(&one.id);
            if is_there {
                one.at = self.now;
                one.deliveries += 1;
            }
            given.push((one.id, is_there));
        }
        given
    }

    fn claim(&mut self, by: char, idle_ms: u64, id: StreamId, just_id: bool, force: bool) -> bool {
        if !self.entries.contains(&id) {
            self.pending.retain(|one| one.id != id);
            return false;
        }
        let now = self.now;
        let found = self.pending.iter_mut().find(|one| one.id == id);
        match found {
            Some(one) if now - one.at < idle_ms => return false,
            Some(one) => {
                one.by = by;
                one.at = now;
                one.deliveries += u64::from(!just_id);
            }
            None if force => {
                // It counts as delivered once before.
                let deliveries = 1 + u64::from(!just_id);
                self.pending.push(Owned {
                    id,
                    by,
                    at: now,
                    deliveries,
                });
                self.pending.sort_by_key(|one| one.id);
            }
            None => return false,
        }
        true
    }

    /// As XPENDING shows it.
    fn shown(&self) -> String {
        let one = |one: &Owned| {
            let idle = self.now - one.at;
            format!("[{} {} {idle} {}]", one.id, one.by, one.deliveries)
        };
        let all: Vec<String> = self.pending.iter().map(one).collect();
        format!("[{}]", all.join(" "))
    }
}

/// A group gives out and keeps what the slow one does.
pub fn compare_group(bytes: &mut Unstructured<'_>) {
    let steps = sequence::decode(bytes, 60, Step::of);
    let (mut talk, mut slow) = (Talk::default(), Slow::default());
    talk.all(&["XGROUP CREATE s g 0 MKSTREAM"]);
    let entries = |ids: &[(StreamId, bool)]| {
        let one = |(id, is_there): &(StreamId, bool)| match is_there {
            true => format!("{id}(k v)"),
            false => format!("{id}(-)"),
        };
        let all: Vec<String> = ids.iter().map(one).collect();
        format!("[{}]", all.join(" "))
    };
    sequence::each(&steps, |step| {
        match *step {
            Step::Add(id) => {
                let answer = talk.ask(&format!("XADD s {id} k v"));
                if id > slow.top {
                    slow.top = id;
                    slow.entries.push(id);
                    assert_eq!(answer, id.to_string());
                }
            }
            Step::Delete(id) => {
                talk.ask(&format!("XDEL s {id}"));
                slow.entries.retain(|one| *one != id);
            }
            Step::Newest(count) => {
                talk.ask(&format!("XTRIM s MAXLEN {count}"));
                let gone = slow.entries.len().saturating_sub(count);
                slow.entries.drain(..gone);
            }
            Step::Read(by, count) => {
                let line = format!("XREADGROUP GROUP g {by} COUNT {count} STREAMS s >");
                let given: Vec<_> = slow.read(by, count).iter().map(|id| (*id, true)).collect();
                let expected = match given.is_empty() {
                    true => "-".to_owned(),
                    false => format!("[[s {}]]", entries(&given)),
                };
                assert_eq!(talk.ask(&line), expected);
            }
            Step::ReadOwn(by) => {
                let answer = talk.ask(&format!("XREADGROUP GROUP g {by} STREAMS s 0"));
                assert_eq!(answer, format!("[[s {}]]", entries(&slow.read_own(by))));
            }
            Step::Ack(id) => {
                let before = slow.pending.len();
                slow.pending.retain(|one| one.id != id);
                let count = before - slow.pending.len();
                assert_eq!(talk.ask(&format!("XACK s g {id}")), count.to_string());
            }
            Step::Claim {
                by,
                idle_ms,
                id,
                just_id,
                force,
            } => {
                let force_word = if force { " FORCE" } else { "" };
                let just_word = if just_id { " JUSTID" } else { "" };
                let line = format!("XCLAIM s g {by} {idle_ms} {id}{force_word}{just_word}");
                let expected = match slow.claim(by, idle_ms, id, just_id, force) {
                    true if just_id => format!("[{id}]"),
                    true => entries(&[(id, true)]),
                    false => "[]".to_owned(),
                };
                assert_eq!(talk.ask(&line), expected, "{line}");
            }
            Step::Forget(by) => {
                let before = slow.pending.len();
                slow.pending.retain(|one| one.by != by);
                let count = before - slow.pending.len();
                let answer = talk.ask(&format!("XGROUP DELCONSUMER s g {by}"));
                assert_eq!(answer, count.to_string());
            }
            Step::Pass(ms) => {
                slow.now += ms;
                talk.until(slow.now);
            }
        }
        assert_eq!(talk.ask("XPENDING s g - + 1000"), slow.shown());
        let stream = talk.redis.stream("s").expect("the stream stays");
        assert_eq!(stream.groups["g"].last, slow.last);
        assert_eq!(stream.log.len(), slow.entries.len() as u64);
    });
}
