//! Where things stand, by a mark that different things rarely share.
//!
//! A mark stands beside its place, and the next free slot is taken where its own is not free: looking for
//! a mark, and writing it where it was not found, is mostly one line of the processor's cache. With many
//! ids the time goes there, as the table is looked into anywhere. `hashbrown`, which keeps tags apart from
//! what it holds, looks into two.

use explore::Weigh;

/// A mark: it is odd, so that it is not that of an empty slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Mark(u32);

impl Mark {
    /// The mark of a thing with this fingerprint.
    pub const fn of(fingerprint: u64) -> Mark {
        // The upper half of this product differs where any of the fingerprint's bits do.
        let mixed = fingerprint.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        Mark(mixed as u32 | 1)
    }

    /// The slot that it is to stand in, among so many less one, which are a power of two.
    const fn home(self, mask: usize) -> usize {
        (self.0 >> 1) as usize & mask
    }
}

/// The slots; what stands behind a slot of another mark has no empty one between it and its own.
#[derive(Clone, Debug, Default, Weigh)]
pub struct Places {
    /// None, or a power of two; the mark of an empty one is 0.
    slots: Vec<(Mark, u32)>,
    /// How many are not empty.
    len: usize,
}

const EMPTY: (Mark, u32) = (Mark(0), 0);

impl Places {
    /// The slot in which a thing of this mark stands for which `is_it` says so.
    fn slot(&self, mark: Mark, mut is_it: impl FnMut(u32) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = mark.home(mask);
        loop {
            let (found, place) = self.slots[at];
            if found == EMPTY.0 {
                return None;
            }
            if found == mark && is_it(place) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// The place of a thing of this mark for which `is_it` says so.
    pub fn find(&self, mark: Mark, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        Some(self.slots[self.slot(mark, is_it)?].1)
    }

    /// Adds the place of a thing.
    pub fn insert(&mut self, mark: Mark, place: u32) {
        // A quarter of the slots stays empty.
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let more = vec![EMPTY; (self.slots.len() * 2).max(4)];
            let before = std::mem::replace(&mut self.slots, more);
            let full = before.into_iter().filter(|(mark, _)| *mark != EMPTY.0);
            full.for_each(|(mark, place)| self.put(mark, place));
        }
        self.put(mark, place);
        self.len += 1;
    }

    fn put(&mut self, mark: Mark, place: u32) {
        let mask = self.slots.len() - 1;
        let mut at = mark.home(mask);
        while self.slots[at].0 != EMPTY.0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (mark, place);
    }

    /// Takes out the place of a thing of this mark.
    pub fn remove(&mut self, mark: Mark, place: u32) {
        let Some(mut hole) = self.slot(mark, |other| other == place) else {
            return;
        };
        let mask = self.slots.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let next = self.slots[at];
            if next.0 == EMPTY.0 {
                break;
            }
            // It moves up, unless its own slot is behind the hole.
            let from_home = at.wrapping_sub(next.0.home(mask)) & mask;
            if from_home >= at.wrapping_sub(hole) & mask {
                self.slots[hole] = next;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
        self.len -= 1;
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_found_as_in_a_list(acts in proptest::collection::vec((0..3_u8, 0..6_u64), 0..120)) {
            // Few marks: things share them, or stand in each other's way.
            let mark = |fingerprint: u64| Mark((fingerprint as u32) << 1 | 1);
            let (mut places, mut list) = (Places::default(), Vec::new());
            for (place, (act, fingerprint)) in (0..).zip(acts) {
                if act < 2 {
                    places.insert(mark(fingerprint), place);
                    list.push((mark(fingerprint), place));
                } else {
                    // Of that mark, the first; nothing where there is none.
                    let at = list.iter().position(|(one, _)| *one == mark(fingerprint));
                    let gone = at.map_or((mark(fingerprint), place), |at| list.remove(at));
                    places.remove(gone.0, gone.1);
                }
                for (mark, place) in &list {
                    prop_assert_eq!(places.find(*mark, |one| one == *place), Some(*place));
                }
                let of = list.iter().filter(|(one, _)| *one == mark(fingerprint));
                let mut seen = Vec::new();
                places.find(mark(fingerprint), |one| { seen.push(one); false });
                seen.sort_unstable();
                prop_assert_eq!(seen, of.map(|(_, place)| *place).collect::<Vec<_>>());
                prop_assert_eq!(places.len, list.len());
            }
        }
    }

    #[test]
    fn marks_of_neighbouring_fingerprints_are_spread() {
        let homes = (0..1024).map(|one| Mark::of(one).home(1023));
        let distinct: std::collections::BTreeSet<usize> = homes.collect();
        // As many as of numbers drawn at random, or more.
        assert!(distinct.len() > 600, "{}", distinct.len());
    }
}
