//! The states visited so far, each with its number and the state it was reached from.

use super::rows::{Layout, hash};

/// The number of a state: the how-manieth to be found.
pub type Index = u32;

/// The visited states: their packed rows in one arena, and a table that finds a row again.
///
/// A table's place holds the upper half of a row's hash and the state's index plus one, or zero. It
/// is found by the upper bits of the hash, so that a table twice as large has everything in the
/// same order. The row itself is compared, always.
#[derive(Debug)]
pub struct Visited {
    layout: Layout,
    /// The largest number of each slot.
    most: Vec<u32>,
    rows: Vec<u64>,
    parents: Vec<Index>,
    table: Vec<u64>,
    /// How many bits of the hash find the place.
    bits: u32,
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

/// The bits a table starts with.
const BITS_START: u32 = 12;

impl Visited {
    /// No state yet, of so many slots.
    pub fn new(slots: usize) -> Self {
        Visited {
            layout: Layout::new(slots),
            most: vec![0; slots],
            rows: Vec::new(),
            parents: Vec::new(),
            table: vec![0; 1 << BITS_START],
            bits: BITS_START,
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

    /// Makes room for a number, moving all rows, those of the batch too, if it has to.
    pub fn fit(&mut self, slot: usize, number: u32, batch: &mut Batch) {
        if !self.layout.fits(slot, number) {
            let wider = self.layout.widened(slot, number, &self.most);
            self.rows = self.layout.repack(&wider, &self.rows);
            batch.rows = self.layout.repack(&wider, &batch.rows);
            self.layout = wider;
            self.table.fill(0);
            for index in 0..self.parents.len() {
                let hash = (hash(self.packed(index as Index)) >> 32) as u32;
                insert(&mut self.table, self.bits, hash, index as Index);
            }
        }
        self.most[slot] = self.most[slot].max(number);
    }

    /// The bytes that looking up so many more rows may take on top of what is taken.
    pub fn growth(&self, rows: usize) -> usize {
        let mut bits = self.bits;
        while !room(bits, self.len() + rows) {
            bits += 1;
        }
        // The old table stands until the new one is filled.
        if bits > self.bits {
            size_of::<u64>() << bits
        } else {
            0
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
        while !room(self.bits, self.len() + batch.parents.len()) {
            self.grow();
        }
        reserve(&mut self.rows, batch.rows.len());
        reserve(&mut self.parents, batch.parents.len());
        // All places are read before the first is needed, and then the rows they speak of: memory
        // answers many questions at once as fast as one.
        let (bits, table) = (self.bits, &self.table);
        batch.hashes.clear();
        let rows = batch.rows.chunks_exact(words);
        batch
            .hashes
            .extend(rows.map(|row| (hash(row) >> 32) as u32));
        batch.seen.clear();
        let hashes = batch.hashes.iter();
        batch
            .seen
            .extend(hashes.map(|&hash| table[place(hash, bits)]));
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
        let mask = self.table.len() - 1;
        let mut at = place(hash, self.bits);
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
            at = (at + 1) & mask;
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
        let mut at = place(hash, self.bits);
        while self.table[at] != 0 {
            let entry = self.table[at];
            let index = (entry as u32).wrapping_sub(1);
            if (entry >> 32) as u32 == hash && self.packed(index) == row {
                return Some(index);
            }
            at = (at + 1) & (self.table.len() - 1);
        }
        None
    }

    fn grow(&mut self) {
        self.bits += 1;
        let old = std::mem::replace(&mut self.table, vec![0; 1 << self.bits]);
        for entry in old.into_iter().filter(|&entry| entry != 0) {
            let index = entry as u32 - 1;
            insert(&mut self.table, self.bits, (entry >> 32) as u32, index);
        }
    }

    /// What is taken by rows, parents and table.
    pub fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<u64>()
            + self.parents.capacity() * size_of::<Index>()
            + self.table.capacity() * size_of::<u64>()
    }
}

/// Whether a table found by so many bits has room for so many states: it is never more than three quarters full.
fn room(bits: u32, states: usize) -> bool {
    states <= (3 << bits) / 4
}

#[inline]
fn place(hash: u32, bits: u32) -> usize {
    (hash >> (u32::BITS - bits)) as usize
}

fn insert(table: &mut [u64], bits: u32, hash: u32, index: Index) {
    let mut at = place(hash, bits);
    while table[at] != 0 {
        at = (at + 1) & (table.len() - 1);
    }
    table[at] = u64::from(hash) << 32 | u64::from(index + 1);
}

/// Room for more, an eighth at a time: doubling would leave up to half of it empty.
fn reserve<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8));
    }
}
