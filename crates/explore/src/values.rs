//! The values each slot has held so far, each with a number.

use super::sizes;
use super::weigh::{Scale, Weigh};
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::{BuildHasher, Hash};

/// The values of every slot. Equal values of one slot have one number, given in the order they were met.
#[derive(Debug)]
pub struct Values<P> {
    slots: Vec<Slot<P>>,
    /// What the values own outside themselves.
    owned: Scale,
}

#[derive(Debug)]
struct Slot<P> {
    values: Vec<P>,
    numbers: HashTable<u32>,
}

impl<P: Clone + Eq + Hash + Weigh> Values<P> {
    /// No values yet, for so many slots.
    pub fn new(slots: usize) -> Self {
        Values {
            slots: (0..slots)
                .map(|_| Slot {
                    values: Vec::new(),
                    numbers: HashTable::new(),
                })
                .collect(),
            owned: Scale::default(),
        }
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The value of a number.
    pub fn get(&self, slot: usize, number: u32) -> &P {
        &self.slots[slot].values[number as usize]
    }

    /// The values of a row of numbers.
    pub fn row(&self, row: &[u32]) -> Vec<&P> {
        let slots = self.slots.iter().zip(row);
        slots
            .map(|(slot, &number)| &slot.values[number as usize])
            .collect()
    }

    /// The number of a value that was met before.
    pub fn find(&self, slot: usize, value: &P) -> Option<u32> {
        let slot = &self.slots[slot];
        let same = |&number: &u32| slot.values[number as usize] == *value;
        slot.numbers
            .find(FxBuildHasher.hash_one(value), same)
            .copied()
    }

    /// The number of a value, which may be a new one.
    pub fn number(&mut self, slot: usize, value: P) -> u32 {
        if let Some(number) = self.find(slot, &value) {
            return number;
        }
        let Slot { values, numbers } = &mut self.slots[slot];
        let number = u32::try_from(values.len()).expect("a slot has fewer than 2^32 values");
        let hash = FxBuildHasher.hash_one(&value);
        value.weigh(&mut self.owned);
        sizes::reserve(values, 1);
        values.push(value);
        numbers.insert_unique(hash, number, |&number| {
            FxBuildHasher.hash_one(&values[number as usize])
        });
        number
    }

    /// What the values own outside themselves.
    pub fn owned_bytes(&self) -> usize {
        self.owned.bytes()
    }

    /// What is taken by the values, all they own, and their tables.
    pub fn bytes(&self) -> usize {
        let slots = self.slots.iter().map(|slot| {
            slot.values.capacity() * P::LAYOUT.size
                + sizes::table(slot.values.len(), size_of::<u32>())
        });
        slots.sum::<usize>() + self.owned.bytes()
    }
}
