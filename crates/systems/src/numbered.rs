//! Things by numbers that grow: what comes is added behind the others, and is mostly taken near the front.
//!
//! A stream of NATS JetStream keeps its messages in it and a consumer what it has delivered, a
//! subscription of Pub/Sub what is not acknowledged, an account of Amazon SNS what is not delivered. In a
//! tree every message would be looked for from the root; here its number tells where it stands, as long as
//! no number between it and one of the ends is missing.
//!
//! The sequences of a Kafka partition and of a Kinesis shard stand in blocks that copies share, and
//! are only dropped from the front: they are logs, and stay what they are. A [`Row`](crate::row::Row)
//! has numbers alone.

use explore::Weigh;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

/// Things by their numbers.
///
/// ```
/// use systems::numbered::Numbered;
/// let mut things = Numbered::default();
/// things.insert(7, "a");
/// things.insert(9, "b");
/// assert_eq!((things.get(9), things.get(8)), (Some(&"b"), None));
/// assert_eq!(things.remove(7), Some("a"));
/// assert_eq!(things.first(), Some((9, &"b")));
/// ```
///
/// Nothing moves when a thing in the middle is taken out: its place stays empty until it is at an end,
/// or until more places are empty than not. Two of them with the same things are equal wherever
/// places are empty.
#[derive(Clone, Debug, Weigh)]
pub struct Numbered<T> {
    /// In growing order; the first and the last place have something.
    places: VecDeque<(u64, Option<T>)>,
    /// How many places have something.
    len: usize,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered {
            places: VecDeque::new(),
            len: 0,
        }
    }
}

impl<T: PartialEq> PartialEq for Numbered<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for Numbered<T> {}

impl<T: Hash> Hash for Numbered<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|one| one.hash(state));
    }
}

impl<T> Numbered<T> {
    /// Where the number stands, or would stand. With no number missing before it, or none after it, it is
    /// found at once.
    fn place(&self, number: u64) -> Result<usize, usize> {
        let (Some((first, _)), Some((last, _))) = (self.places.front(), self.places.back()) else {
            return Err(0);
        };
        let Some(ahead) = number.checked_sub(*first) else {
            return Err(0);
        };
        let distance = |numbers: u64| usize::try_from(numbers).unwrap_or(usize::MAX);
        let is_it = |at: usize| self.places.get(at).is_some_and(|(one, _)| *one == number);
        // Numbers grow by one at least: it stands no further from either end than this.
        let mut high = distance(ahead);
        if is_it(high) {
            return Ok(high);
        }
        let Some(behind) = last.checked_sub(number) else {
            return Err(self.places.len());
        };
        let back = self.places.len() - 1;
        let mut low = back.saturating_sub(distance(behind));
        if is_it(low) {
            return Ok(low);
        }
        high = high.min(back);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.places[middle].0.cmp(&number) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// The thing with this number.
    pub fn get(&self, number: u64) -> Option<&T> {
        let at = self.place(number).ok()?;
        self.places.get(at)?.1.as_ref()
    }

    /// The thing with this number, to be changed.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let at = self.place(number).ok()?;
        self.places.get_mut(at)?.1.as_mut()
    }

    /// Whether there is a thing with this number.
    pub fn has(&self, number: u64) -> bool {
        self.get(number).is_some()
    }

    /// Puts a thing in its place; the one that was there.
    pub fn insert(&mut self, number: u64, thing: T) -> Option<T> {
        let before = match self.place(number) {
            Ok(at) => self.places[at].1.replace(thing),
            Err(at) if at == self.places.len() => {
                self.places.push_back((number, Some(thing)));
                None
            }
            Err(at) => {
                self.places.insert(at, (number, Some(thing)));
                None
            }
        };
        self.len += usize::from(before.is_none());
        before
    }

    /// Takes a thing out.
    pub fn remove(&mut self, number: u64) -> Option<T> {
        let at = self.place(number).ok()?;
        let taken = self.places.get_mut(at)?.1.take()?;
        self.len -= 1;
        self.tidy();
        Some(taken)
    }

    /// Takes empty places away where they are in the way.
    fn tidy(&mut self) {
        while self.places.front().is_some_and(|(_, one)| one.is_none()) {
            self.places.pop_front();
        }
        while self.places.back().is_some_and(|(_, one)| one.is_none()) {
            self.places.pop_back();
        }
        if self.places.len() > 2 * self.len + 16 {
            self.places.retain(|(_, one)| one.is_some());
        }
    }

    /// Keeps the things for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(u64, &mut T) -> bool) {
        self.places
            .retain_mut(|(number, one)| one.as_mut().is_some_and(|one| keep(*number, one)));
        self.len = self.places.len();
    }

    /// The first one.
    pub fn first(&self) -> Option<(u64, &T)> {
        self.iter().next()
    }

    /// The last one.
    pub fn last(&self) -> Option<(u64, &T)> {
        self.iter().next_back()
    }

    /// All from a number on, in order.
    pub fn from(&self, number: u64) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        let (Ok(at) | Err(at)) = self.place(number);
        let places = self.places.range(at..);
        places.filter_map(|(number, one)| Some((*number, one.as_ref()?)))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        let places = self.places.iter();
        places.filter_map(|(number, one)| Some((*number, one.as_ref()?)))
    }

    /// The things, in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.places.iter().filter_map(|(_, one)| one.as_ref())
    }

    /// The things, in order, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().filter_map(|(_, one)| one.as_mut())
    }

    /// All of them, in order, taken out of it.
    pub fn into_things(self) -> impl Iterator<Item = (u64, T)> {
        let places = self.places.into_iter();
        places.filter_map(|(number, one)| Some((number, one?)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        *self = Numbered::default();
    }
}

impl<T> FromIterator<(u64, T)> for Numbered<T> {
    fn from_iter<I: IntoIterator<Item = (u64, T)>>(things: I) -> Numbered<T> {
        let mut all = Numbered::default();
        for (number, thing) in things {
            all.insert(number, thing);
        }
        all
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::Numbered;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::hash::{DefaultHasher, Hash, Hasher};

    fn hash(of: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        of.hash(&mut hasher);
        hasher.finish()
    }

    proptest! {
        #[test]
        fn numbered_things_are_a_sorted_map(
            acts in proptest::collection::vec((0..6_u8, 0..60_u64), 0..120),
        ) {
            let (mut things, mut map) = (Numbered::default(), BTreeMap::new());
            // Far apart and next to each other; up to the greatest number there is.
            let far = |number: u64| match number {
                0..40 => number,
                _ => u64::MAX - (59 - number) * 7,
            };
            for (at, (act, number)) in acts.into_iter().enumerate() {
                let number = far(number);
                match act {
                    0..=2 => prop_assert_eq!(things.insert(number, at), map.insert(number, at)),
                    3 | 4 => prop_assert_eq!(things.remove(number), map.remove(&number)),
                    _ => {
                        things.retain(|number, _| number % 5 != 0);
                        map.retain(|number, _| number % 5 != 0);
                    }
                }
                let all = || map.iter().map(|(number, one)| (*number, one));
                prop_assert!(things.iter().eq(all()));
                prop_assert!(things.from(number).eq(all().filter(|(one, _)| *one >= number)));
                prop_assert_eq!(things.get(number), map.get(&number));
                prop_assert_eq!((things.first(), things.last()), (all().next(), all().next_back()));
                prop_assert_eq!((things.len(), things.is_empty()), (map.len(), map.is_empty()));
            }
            let fresh: Numbered<usize> = map.into_iter().collect();
            prop_assert_eq!(hash(&things), hash(&fresh));
            prop_assert_eq!(&things, &fresh);
            prop_assert!(things.into_things().eq(fresh.into_things()));
        }
    }
}
