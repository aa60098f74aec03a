//! Rows of numbers, packed into as few bits as the numbers met so far need.

use super::sizes;

/// Where each slot's number stands in the words of a packed row.
///
/// Every slot has room for the numbers it has needed so far; a number that does not fit makes a
/// new layout, into which everything packed so far has to be moved. A new layout gives every slot
/// that is nearly full more room at once, so that this happens seldom.
#[derive(Clone, Debug)]
pub struct Layout {
    places: Vec<Place>,
    words: usize,
}

/// A slot's bits within a row.
#[derive(Clone, Copy, Debug)]
struct Place {
    word: u32,
    shift: u32,
    mask: u64,
}

/// How many bits a slot starts with: room for two numbers.
const BITS_MIN: u32 = 1;
/// A number has no more bits than this.
const BITS_MAX: u32 = 32;

impl Layout {
    /// A layout for so many slots that have met no value yet.
    pub fn new(slots: usize) -> Self {
        Layout::of(vec![BITS_MIN; slots])
    }

    /// Slots one after another; one that would cross the end of a word begins the next.
    fn of(bits: Vec<u32>) -> Self {
        let (mut word, mut shift) = (0, 0);
        let places = bits
            .into_iter()
            .map(|bits| {
                if shift + bits > u64::BITS {
                    (word, shift) = (word + 1, 0);
                }
                let place = Place {
                    word,
                    shift,
                    mask: (1 << bits) - 1,
                };
                shift += bits;
                place
            })
            .collect();
        Layout {
            places,
            words: word as usize + 1,
        }
    }

    /// How many words a row takes.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Whether a slot has room for a number.
    pub fn fits(&self, slot: usize, number: u32) -> bool {
        u64::from(number) <= self.places[slot].mask
    }

    /// A layout in which this number fits as well. `most` says the largest number of each slot so far.
    pub fn widened(&self, slot: usize, number: u32, most: &[u32]) -> Self {
        let bits = self.places.iter().enumerate().map(|(other, place)| {
            let most = if other == slot { number } else { most[other] };
            let (had, needed) = (place.mask.count_ones(), u32::BITS - most.leading_zeros());
            // Three quarters full counts as nearly full; a new number beyond the room is always so.
            let nearly = u64::from(most) * 4 > place.mask * 3;
            if needed > had || nearly && had > 2 {
                (needed.max(had) + u32::from(needed <= had)).min(BITS_MAX)
            } else {
                had
            }
        });
        Layout::of(bits.collect())
    }

    /// The number of one slot.
    #[inline]
    pub fn number(&self, packed: &[u64], slot: usize) -> u32 {
        let place = self.places[slot];
        (packed[place.word as usize] >> place.shift & place.mask) as u32
    }

    /// All numbers of a row.
    #[inline]
    pub fn unpack(&self, packed: &[u64], row: &mut [u32]) {
        for (number, place) in row.iter_mut().zip(&self.places) {
            *number = (packed[place.word as usize] >> place.shift & place.mask) as u32;
        }
    }

    /// Puts one number into a packed row. It must fit.
    #[inline]
    pub fn put(&self, packed: &mut [u64], slot: usize, number: u32) {
        let place = self.places[slot];
        let word = &mut packed[place.word as usize];
        *word = *word & !(place.mask << place.shift) | u64::from(number) << place.shift;
    }

    /// Packs rows that were packed by this layout by another with no fewer words, where they stand.
    pub fn repack(&self, other: &Layout, rows: &mut Vec<u64>) {
        let count = rows.len() / self.words;
        let more = count * other.words - rows.len();
        sizes::reserve(rows, more);
        rows.resize(count * other.words, 0);
        let mut moved = vec![0; other.words];
        // From behind: a row never moves onto one that is still to be moved.
        for row in (0..count).rev() {
            let from = &rows[row * self.words..][..self.words];
            for slot in 0..self.places.len() {
                other.put(&mut moved, slot, self.number(from, slot));
            }
            rows[row * other.words..][..other.words].copy_from_slice(&moved);
        }
    }
}

/// A hash of a packed row, all of whose bits depend on all of the row. Products of 64 bits only:
/// wasm has no wider ones.
#[inline]
pub fn hash(packed: &[u64]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash: u64 = 0;
    for &word in packed {
        hash = (hash ^ word).wrapping_mul(ODD);
        hash ^= hash >> 32;
    }
    hash.wrapping_mul(ODD)
}
