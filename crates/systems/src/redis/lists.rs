//! Lists, as simple queues.
//!
//! R34. LPUSH and RPUSH put elements at the left or right end, LPOP and RPOP take them off; BLPOP and
//! BRPOP wait until one of their lists has one. Who waits longest is served first. An element that
//! was popped is in no list any more: who took it and fails has lost it. Source: Redis commands,
//! LPUSH, BRPOP. Shown by: the test `popped_elements_are_in_no_list`, the test
//! `blocked_readers_are_served_in_the_order_of_their_waiting`.

use super::error::Error;
use super::fact::Fact;
use super::reading::until;
use super::waiting::Wanted;
use super::wire::{Element, Reply};
use super::words::Words;
use super::{Answer, Out, Redis, Step};
use explore::time::{Instant, Span};
use std::collections::VecDeque;
use std::sync::Arc;

type List = VecDeque<Element>;

impl Redis {
    /// LPUSH, RPUSH.
    pub(super) fn push(
        &mut self,
        left: bool,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        let list: &mut List = self.keys_mut(key).get_or_make(key, step.now)?;
        for (n, text) in words.0.iter().enumerate() {
            let record = step.record(n);
            let element = Element {
                text: text.clone(),
                record,
            };
            match left {
                true => list.push_front(element),
                false => list.push_back(element),
            }
            step.out.tell(Fact::Pushed {
                list: key.clone(),
                record,
            });
        }
        step.ready.push(key.clone());
        Ok(Reply::count(list.len()))
    }

    /// LPOP, RPOP.
    pub(super) fn pop(
        &mut self,
        left: bool,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        let count = match words.is_empty() {
            true => None,
            false => Some(
                usize::try_from(words.number(Error::OutOfRangePositive)?)
                    .map_err(|_| Error::OutOfRangePositive)?,
            ),
        };
        if self.get::<List>(key, step.now)?.is_none() {
            return Ok(Reply::Nil);
        }
        let Some(most) = count else {
            let popped = self.pop_one(key, left, step.now, step.out)?;
            return Ok(popped.map_or(Reply::Nil, Reply::Element));
        };
        let mut popped = Vec::new();
        while popped.len() < most {
            match self.pop_one(key, left, step.now, step.out)? {
                Some(element) => popped.push(Reply::Element(element)),
                None => break,
            }
        }
        Ok(Reply::List(popped))
    }

    fn pop_one(
        &mut self,
        key: &Arc<str>,
        left: bool,
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Result<Option<Element>, Error> {
        let Some(list) = self.get_mut::<List>(key, now)? else {
            return Ok(None);
        };
        let element = match left {
            true => list.pop_front(),
            false => list.pop_back(),
        };
        self.keys_mut(key).tidy(key);
        if let Some(element) = &element {
            out.tell(Fact::Popped {
                list: key.clone(),
                record: element.record,
            });
        }
        Ok(element)
    }

    /// The first element of the first of these lists that has one, with the list's name.
    pub(super) fn pop_first(
        &mut self,
        lists: &[Arc<str>],
        left: bool,
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Result<Option<Reply>, Error> {
        for key in lists {
            if let Some(element) = self.pop_one(key, left, now, out)? {
                let name = Reply::Text(key.clone());
                return Ok(Some(Reply::List(vec![name, Reply::Element(element)])));
            }
        }
        Ok(None)
    }

    /// BLPOP, BRPOP. The time-out is in seconds.
    pub(super) fn blocking_pop(
        &mut self,
        left: bool,
        words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Answer {
        let (seconds, lists) = words.0.split_last().ok_or(Error::Syntax)?;
        let ms = milliseconds(seconds)?;
        if let Some(reply) = self.pop_first(lists, left, step.now, step.out)? {
            return Ok(Some(reply));
        }
        let until = until(step.now, ms);
        let wanted = Wanted::Element {
            lists: lists.to_vec(),
            left,
        };
        self.waiting.begin(step.from, until, wanted);
        step.out.tell(Fact::Blocked {
            client: step.client(),
        });
        Ok(None)
    }

    /// LLEN, LRANGE.
    pub(super) fn look_at_list(
        &self,
        mut words: Words<'_>,
        step: &Step<'_>,
    ) -> Result<Reply, Error> {
        let list = self.get::<List>(words.word()?, step.now);
        if words.is_empty() {
            return Ok(Reply::count(list?.map_or(0, VecDeque::len)));
        }
        let start = words.number(Error::NotAnInteger)?;
        let end = words.number(Error::NotAnInteger)?;
        let Some(list) = list? else {
            return Ok(Reply::List(Vec::new()));
        };
        // A negative place counts from the right end.
        let place = |at: i64| match at < 0 {
            true => at.saturating_add(i64::try_from(list.len()).unwrap_or(i64::MAX)),
            false => at,
        };
        let (start, end) = (place(start).max(0), place(end));
        let count = end.saturating_sub(start).saturating_add(1).max(0);
        let found = list
            .iter()
            .skip(usize::try_from(start).unwrap_or(usize::MAX))
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .map(|element| Reply::Element(element.clone()));
        Ok(Reply::List(found.collect()))
    }
}

/// Seconds with up to three decimals, in milliseconds.
fn milliseconds(seconds: &str) -> Result<u64, Error> {
    if seconds.starts_with('-') {
        return Err(Error::TimeoutNegative);
    }
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) {
        return Err(Error::TimeoutNotFloat);
    }
    let whole: u64 = whole.parse().map_err(|_| Error::TimeoutNotFloat)?;
    let part: String = format!("{part}000").chars().take(3).collect();
    let part: u64 = part.parse().map_err(|_| Error::TimeoutNotFloat)?;
    let ms = whole.saturating_mul(1_000).saturating_add(part);
    Ok(ms.min(Span(u64::MAX).0 / 1_000))
}
