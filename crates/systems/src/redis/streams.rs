//! The commands on entries: XADD, XLEN, XRANGE, XREVRANGE, XDEL, XTRIM, XSETID.
//!
//! R23. XADD with NOMKSTREAM adds nothing to a stream that does not exist, and answers nil. A command
//! that names several ids is refused as a whole when one of them is no id. Source: Redis commands,
//! XADD and XDEL. Shown by: redis-append-id-rules, redis_streams.
//!
//! R24. XRANGE gives entries between two ids, both included, from the lowest; XREVRANGE takes the
//! higher bound first and gives them from the highest. COUNT 0 answers nil. Source: Redis commands,
//! XRANGE. Shown by: redis-range-forms, redis_streams (xrange-partial-ids).
//!
//! R25. Deleting an entry leaves it in the pending entries of groups, without its fields. XSETID sets
//! the stream's last id, not below an entry that is there. Source: Redis commands, XDEL and XSETID.
//! Shown by: redis_streams (xsetid-entriesadded), the test
//! `a_deleted_entry_stays_pending_without_fields`.

use super::config::Version;
use super::error::Error;
use super::fact::Fact;
use super::id::{NewId, StreamId};
use super::keyspace::Kind;
use super::stream::{How, Keep, Stream, Trim, Trimmed};
use super::wire::{Entry, Reply};
use super::words::{Words, is};
use super::{Redis, Step};
use std::sync::Arc;

/// The options of XADD and XTRIM.
struct Options {
    make: bool,
    trim: Option<Trim>,
}

impl Redis {
    /// Reads the options before an id; those of trimming are also XTRIM's.
    fn options(&self, adds: bool, words: &mut Words<'_>) -> Result<Options, Error> {
        let (mut make, mut keep, mut is_approximate, mut limit) = (true, None, false, None);
        while let Some(word) = words.peek() {
            let has_more = words.len() > 1;
            let by_length = is(word, "MAXLEN");
            if adds && **word == *"*" {
                break;
            } else if has_more && (by_length || is(word, "MINID")) {
                words.word()?;
                if keep.is_some() {
                    return Err(Error::TwoStrategies);
                }
                is_approximate = words.takes("~", 1);
                if !is_approximate {
                    words.takes("=", 1);
                }
                keep = Some(if by_length {
                    let count = words.number(Error::NotAnInteger)?;
                    Keep::Newest(u64::try_from(count).map_err(|_| Error::MaxLenNegative)?)
                } else {
                    Keep::From(StreamId::read(words.word()?, 0)?)
                });
            } else if has_more && is(word, "LIMIT") {
                words.word()?;
                let most = words.number(Error::NotAnInteger)?;
                limit = Some(u64::try_from(most).map_err(|_| Error::LimitNegative)?);
            } else if adds && is(word, "NOMKSTREAM") {
                words.word()?;
                make = false;
            } else if adds {
                // That it is no id is told before what the options lack.
                self.new_id(word)?;
                break;
            } else {
                return Err(Error::Syntax);
            }
        }
        if limit.is_some_and(|limit| limit > 0) && keep.is_none() {
            return Err(Error::LimitWithoutStrategy);
        }
        if !adds && keep.is_none() {
            return Err(Error::NoStrategy);
        }
        if limit.is_some() && !is_approximate {
            return Err(Error::LimitWithoutTilde);
        }
        let node = self.settings.stream_node_max_entries;
        let usual = match node {
            0 => 10_000,
            _ => node.saturating_mul(100).min(1_000_000),
        };
        let how = match is_approximate {
            true => How::Approximately {
                limit: limit.unwrap_or(usual),
            },
            false => How::Exactly,
        };
        let trim = keep.map(|keep| Trim { keep, how });
        Ok(Options { make, trim })
    }

    /// The id that an entry is to get.
    fn new_id(&self, word: &str) -> Result<NewId, Error> {
        Ok(match (word, word.strip_suffix("-*")) {
            ("*", _) => NewId::Clock,
            (_, Some(ms)) if self.settings.version >= Version::V7_0 => {
                let id = (!ms.contains('-')).then(|| StreamId::read(ms, 0));
                NewId::Sequence(id.ok_or(Error::InvalidId)??.ms)
            }
            (word, _) => NewId::Explicit(StreamId::read(word, 0)?),
        })
    }

    /// XADD.
    pub(super) fn xadd(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let arity = || Error::Arity(Arc::from("xadd"));
        let key = words.word()?;
        let options = self.options(true, &mut words)?;
        let word = words.word().map_err(|_| arity())?;
        let id = self.new_id(word)?;
        if words.is_empty() || !words.len().is_multiple_of(2) {
            return Err(arity());
        }
        if id == NewId::Explicit(StreamId::MIN) {
            return Err(Error::IdZero);
        }
        if self.get::<Stream>(key, step.now)?.is_none() && !options.make {
            return Ok(Reply::Nil);
        }
        let entry = Entry {
            fields: words.0.into(),
            record: step.record(0),
        };
        let unix_ms = self.unix_ms(step.now);
        let keys = self.keys.slot_mut(key);
        let stream: &mut Stream = keys.get_or_make(key, step.now)?;
        let id = stream.log.add(unix_ms, id, entry, &self.settings)?;
        step.out.tell(Fact::Added {
            stream: key.clone(),
            id,
            record: step.record(0),
        });
        if let Some(trim) = options.trim {
            let trimmed = stream.log.trim(trim);
            step.tell_trimmed(key, trimmed);
        }
        self.changed(key, step);
        Ok(Reply::Id(id))
    }

    /// XTRIM.
    pub(super) fn xtrim(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        let options = self.options(false, &mut words)?;
        let trim = options.trim.ok_or(Error::NoStrategy)?;
        let Some(stream) = self.get_mut::<Stream>(key, step.now)? else {
            return Ok(Reply::Integer(0));
        };
        let trimmed = stream.log.trim(trim);
        let entries = trimmed.entries;
        step.tell_trimmed(key, trimmed);
        Ok(Reply::count(entries))
    }

    /// XLEN.
    pub(super) fn xlen(&self, mut words: Words<'_>, step: &Step<'_>) -> Result<Reply, Error> {
        let stream = self.get::<Stream>(words.word()?, step.now)?;
        Ok(Reply::count(stream.map_or(0, |stream| stream.log.len())))
    }

    /// XRANGE, XREVRANGE.
    pub(super) fn xrange(
        &self,
        reversed: bool,
        mut words: Words<'_>,
        step: &Step<'_>,
    ) -> Result<Reply, Error> {
        let (key, one, other) = (words.word()?, words.word()?, words.word()?);
        let (start, end) = if reversed { (other, one) } else { (one, other) };
        let (start, end) = (StreamId::read_start(start)?, StreamId::read_end(end)?);
        let mut count = None;
        while !words.is_empty() {
            if !words.takes("COUNT", 1) {
                return Err(Error::Syntax);
            }
            count = Some(words.number(Error::NotAnInteger)?.max(0));
        }
        let Some(stream) = self.get::<Stream>(key, step.now)? else {
            return Ok(Reply::List(Vec::new()));
        };
        if count == Some(0) {
            return Ok(Reply::Nil);
        }
        let most = count.map_or(usize::MAX, |count| count.try_into().unwrap_or(usize::MAX));
        let range = stream.log.range(start, end);
        let reply = |(id, entry): (StreamId, &Entry)| Reply::Entry(id, Some(entry.clone()));
        Ok(Reply::List(match reversed {
            true => range.rev().take(most).map(reply).collect(),
            false => range.take(most).map(reply).collect(),
        }))
    }

    /// XDEL.
    pub(super) fn xdel(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        let Some(stream) = self.get_mut::<Stream>(key, step.now)? else {
            return Ok(Reply::Integer(0));
        };
        let mut deleted = 0u64;
        for id in ids(words)? {
            if let Some(entry) = stream.log.delete(id) {
                deleted += 1;
                step.out.tell(Fact::Deleted {
                    stream: key.clone(),
                    id,
                    record: entry.record,
                });
            }
        }
        Ok(Reply::count(deleted))
    }

    /// XSETID.
    pub(super) fn xsetid(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let (key, id) = (words.word()?, words.word()?);
        let id = StreamId::read(id, 0)?;
        let (mut added, mut max_deleted) = (None, StreamId::MIN);
        let is_7 = self.settings.version >= Version::V7_0;
        while !words.is_empty() {
            if is_7 && words.takes("ENTRIESADDED", 1) {
                let count = words.number(Error::NotAnInteger)?;
                added = Some(u64::try_from(count).map_err(|_| Error::EntriesAddedNegative)?);
            } else if is_7 && words.takes("MAXDELETEDID", 1) {
                max_deleted = StreamId::read(words.word()?, 0)?;
                if id < max_deleted {
                    return Err(Error::SetIdBelowDeleted);
                }
            } else {
                return Err(Error::Syntax);
            }
        }
        let stream = self.get_mut::<Stream>(key, step.now)?;
        let log = &mut stream.ok_or(Error::NoKey)?.log;
        if let Some(top) = log.top() {
            if id < top {
                return Err(Error::SetIdSmaller);
            }
            if added.is_some_and(|added| added < log.len()) {
                return Err(Error::SetIdEntriesSmaller);
            }
        }
        log.last = id;
        log.added = added.unwrap_or(log.added);
        if max_deleted != StreamId::MIN {
            log.max_deleted = max_deleted;
        }
        Ok(Reply::Status("OK"))
    }

    /// DEL of a key that held a stream: who waits for it must learn of it.
    pub(super) fn is_stream(&self, key: &str, step: &Step<'_>) -> bool {
        let held = self.held(key, step.now);
        held.is_some_and(|held| Stream::of(&held.value).is_some())
    }
}

/// The rest of the words as ids.
///
/// # Errors
/// One of them is no id.
pub(super) fn ids(words: Words<'_>) -> Result<impl Iterator<Item = StreamId>, Error> {
    let ids = words.0.iter().map(|word| StreamId::read(word, 0));
    // Twice, so that nothing has to keep them.
    ids.clone().try_for_each(|id| id.map(drop))?;
    Ok(ids.flatten())
}

impl Step<'_> {
    fn tell_trimmed(&mut self, key: &Arc<str>, trimmed: Trimmed) {
        let Trimmed { entries, records } = trimmed;
        if entries > 0 {
            self.out.tell(Fact::Trimmed {
                stream: key.clone(),
                entries,
                records,
            });
        }
    }
}
