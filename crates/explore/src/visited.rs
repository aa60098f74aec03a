//! The states visited so far, each with its number and the state it was reached from.

use super::rows::{Layout, hash};
use super::sizes::reserve;

/// The number of a state: the how-manieth to be found.
pub type Index = u32;

/// The visited states: their packed rows in one arena, and a table that finds a row again.
///
/// A table's place holds the upper half of a row's hash and the state's index plus one, or zero. Places
/// are in the order of hashes, so that a larger table has everything in the same order, and a table
/// can grow where it stands. The row itself is compared, always.
#[derive(Debug)]
pub struct Visited {
    layout: Layout,
    /// The largest number of each slot.
    most: Vec<u32>,
    rows: Vec<u64>,
    parents: Vec<Index>,
    table: Vec<u64>,
}

/// Rows that were built but not yet looked up.
#[derive(Debug, Default)]
pub struct Batch {
    /// The packed rows, one after the other.
    pub rows: Vec<u64>,
    /// The state each was reached from.
    pub parents: Vec<Index>,
    hashes: Vec<u32>,
    seen: Vec<u64>,
}

impl Batch {
    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.parents.clear();
    }
}

/// What became of a row that was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was visited before.
    Known(Index),
    /// It was not, and it is now.
    New(Index),
    /// It was not, and it is not now: no more states are taken.
    Refused,
}

/// How many places a table starts with.
const PLACES_START: usize = 1 << 12;

impl Visited {
    /// No state yet, of so many slots.
    pub fn new(slots: usize) -> Self {
        Visited {
            layout: Layout::new(slots),
            most: vec![0; slots],
            rows: Vec::new(),
            parents: Vec::new(),
            table: vec![0; PLACES_START],
        }
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// The state a state was reached from; the first is its own.
    pub fn parent(&self, state: Index) -> Index {
        self.parents[state as usize]
    }

    /// How rows are packed at present.
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The packed row of a state.
    #[inline]
    pub fn packed(&self, state: Index) -> &[u64] {
        let words = self.layout.words();
        &self.rows[state as usize * words..][..words]
    }

    /// The numbers of a state.
    #[inline]
    pub fn unpack(&self, state: Index, row: &mut [u32]) {
        self.layout.unpack(self.packed(state), row);
    }

    /// Makes room for a number, moving all rows, those of the batch too, if it has to. Not if that takes
    /// more than so many bytes; says whether there is room now.
    #[must_use]
    pub fn fit(&mut self, slot: usize, number: u32, batch: &mut Batch, bytes_max: usize) -> bool {
        if !self.layout.fits(slot, number) {
            let wider = self.layout.widened(slot, number, &self.most);
            let words = (wider.words() - self.layout.words()) * self.len();
            if words * size_of::<u64>() > bytes_max {
                return false;
            }
            self.layout.repack(&wider, &mut self.rows);
            self.layout.repack(&wider, &mut batch.rows);
            self.layout = wider;
            self.table.fill(0);
            for index in 0..self.parents.len() {
                let hash = (hash(self.packed(index as Index)) >> 32) as u32;
                insert(&mut self.table, hash, index as Index);
            }
        }
        self.most[slot] = self.most[slot].max(number);
        true
    }

    /// The bytes that looking up so many more rows may take on top of what is taken.
    pub fn growth(&self, rows: usize) -> usize {
        (self.places(rows) - self.table.len()) * size_of::<u64>()
    }

    /// How many places the table has when so many more rows have been looked up.
    fn places(&self, rows: usize) -> usize {
        // Never more than three quarters full, and then a quarter longer.
        let (places, needed) = (self.table.len(), (self.len() + rows) * 4 / 3 + 1);
        if needed <= places {
            places
        } else {
            needed.max(places + places / 4)
        }
    }

    /// Looks up all rows of a batch in order, adding the new ones while there are fewer states than
    /// `max`; hands the outcome of each to `found`.
    pub fn resolve(&mut self, batch: &mut Batch, max: usize, found: impl FnMut(Found)) {
        // The same thrice: with a length known beforehand, a row is compared without a loop.
        match self.layout.words() {
            1 => self.resolve_rows(1, batch, max, found),
            2 => self.resolve_rows(2, batch, max, found),
            words => self.resolve_rows(words, batch, max, found),
        }
    }

    #[inline(always)]
    fn resolve_rows(
        &mut self,
        words: usize,
        batch: &mut Batch,
        max: usize,
        mut found: impl FnMut(Found),
    ) {
        self.grow(self.places(batch.parents.len()));
        reserve(&mut self.rows, batch.rows.len());
        reserve(&mut self.parents, batch.parents.len());
        // All places are read before the first is needed, and then the rows they speak of: memory
        // answers many questions at once as fast as one.
        let (places, table) = (self.table.len(), &self.table);
        batch.hashes.clear();
        let rows = batch.rows.chunks_exact(words);
        batch
            .hashes
            .extend(rows.map(|row| (hash(row) >> 32) as u32));
        batch.seen.clear();
        let hashes = batch.hashes.iter();
        batch
            .seen
            .extend(hashes.map(|&hash| table[place(hash, places)]));
        let rows = batch.rows.chunks_exact(words).zip(&batch.parents);
        for ((row, &parent), (&hash, &seen)) in rows.zip(batch.hashes.iter().zip(&batch.seen)) {
            // What stands in the first place stays there: nothing is ever taken out.
            if seen != 0 && (seen >> 32) as u32 == hash {
                let index = seen as u32 - 1;
                if self.rows[index as usize * words..][..words] == *row {
                    found(Found::Known(index));
                    continue;
                }
            }
            found(self.settle(words, row, hash, parent, max));
        }
    }

    #[inline(always)]
    fn settle(&mut self, words: usize, row: &[u64], hash: u32, parent: Index, max: usize) -> Found {
        let mut at = place(hash, self.table.len());
        loop {
            let entry = self.table[at];
            if entry == 0 {
                break;
            }
            if (entry >> 32) as u32 == hash {
                let index = entry as u32 - 1;
                if self.rows[index as usize * words..][..words] == *row {
                    return Found::Known(index);
                }
            }
            at = next(at, self.table.len());
        }
        if self.len() >= max {
            return Found::Refused;
        }
        let index = self.len() as Index;
        self.table[at] = u64::from(hash) << 32 | u64::from(index + 1);
        self.rows.extend_from_slice(row);
        self.parents.push(parent);
        Found::New(index)
    }

    /// The index of a packed row, if it was visited.
    pub fn find(&self, row: &[u64]) -> Option<Index> {
        let hash = (hash(row) >> 32) as u32;
        let mut at = place(hash, self.table.len());
        while self.table[at] != 0 {
            let entry = self.table[at];
            let index = (entry as u32).wrapping_sub(1);
            if (entry >> 32) as u32 == hash && self.packed(index) == row {
                return Some(index);
            }
            at = next(at, self.table.len());
        }
        None
    }

    /// Makes the table so long, where it stands: a second one beside it would take as much again.
    fn grow(&mut self, places: usize) {
        let old = self.table.len();
        if places <= old {
            return;
        }
        self.table.reserve_exact(places - old);
        self.table.resize(places, 0);
        // From behind, everything moves back into what is empty. What would not (it had been put far
        // from its place, or comes round the end) waits.
        let mut waiting = Vec::new();
        for from in (0..old).rev() {
            let entry = std::mem::take(&mut self.table[from]);
            if entry == 0 {
                continue;
            }
            let mut at = place((entry >> 32) as u32, places);
            if at >= from {
                while at < places && self.table[at] != 0 {
                    at += 1;
                }
            }
            if at >= from && at < places {
                self.table[at] = entry;
            } else {
                waiting.push(entry);
            }
        }
        for entry in waiting {
            insert(&mut self.table, (entry >> 32) as u32, entry as u32 - 1);
        }
    }

    /// What is taken by rows, parents and table.
    pub fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<u64>()
            + self.parents.capacity() * size_of::<Index>()
            + self.table.capacity() * size_of::<u64>()
    }
}

/// Where a hash belongs in a table of so many places.
#[inline]
fn place(hash: u32, places: usize) -> usize {
    ((u64::from(hash) * places as u64) >> 32) as usize
}

/// The place after this one, round the end.
#[inline]
fn next(at: usize, places: usize) -> usize {
    if at + 1 == places { 0 } else { at + 1 }
}

fn insert(table: &mut [u64], hash: u32, index: Index) {
    let mut at = place(hash, table.len());
    while table[at] != 0 {
        at = next(at, table.len());
    }
    table[at] = u64::from(hash) << 32 | u64::from(index + 1);
}
