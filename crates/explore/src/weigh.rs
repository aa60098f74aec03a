//! What values take in memory, with everything they own elsewhere.
//!
//! The same on every machine: sizes are those of a machine whose pointers have 64 bits, also where this
//! runs as wasm, and a block is what the allocator of GNU libc makes of it. So a search that is held to
//! so many bytes ends in the same state everywhere, and natively these bytes are those of the process.
//!
//! What is shared (behind an [`Arc`]) is counted where it is met first.

use super::sizes;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::BuildHasher;
use std::sync::Arc;

/// Something whose memory can be counted. `#[derive(Weigh)]` counts all fields.
pub trait Weigh {
    /// The value itself.
    const LAYOUT: Layout;
    /// Whether a value can own anything elsewhere; where not, lists of it need no look inside.
    const OWNS: bool;

    /// Puts on the scale what the value owns elsewhere.
    fn weigh(&self, scale: &mut Scale);
}

/// How a type stands in memory where a pointer has 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its bytes.
    pub size: usize,
    /// Its bytes are a multiple of this.
    pub align: usize,
    /// The field (or the type itself) with the most bit patterns that are no value, in bytes.
    niche: usize,
    /// How many such patterns there are: an enum around it needs no tag of its own then.
    niches: u64,
}

impl Layout {
    /// A plain number of so many bytes.
    const fn number(size: usize) -> Self {
        Layout {
            size,
            align: size,
            niche: 0,
            niches: 0,
        }
    }

    /// So many words, with so many patterns of one of them that are no value.
    const fn words(words: usize, niches: u64) -> Self {
        Layout {
            size: 8 * words,
            align: 8,
            niche: 8,
            niches,
        }
    }

    /// A struct or tuple of these fields, which the compiler puts in the order that needs least.
    pub const fn of(fields: &[Layout]) -> Self {
        Layout::behind(0, fields)
    }

    /// These fields behind a tag of so many bytes.
    const fn behind(tag: usize, fields: &[Layout]) -> Self {
        let mut layout = Layout {
            size: tag,
            align: 1,
            niche: 0,
            niches: 0,
        };
        let mut at = 0;
        while at < fields.len() {
            let field = fields[at];
            layout.size += field.size;
            if field.align > layout.align {
                layout.align = field.align;
            }
            if field.niches > layout.niches {
                (layout.niche, layout.niches) = (field.niche, field.niches);
            }
            at += 1;
        }
        layout.size = layout.size.next_multiple_of(layout.align);
        layout
    }

    /// An enum of these variants: its tag is a byte of its own, or stands where the largest variant has
    /// patterns that are no value, if all others find room beside.
    pub const fn either(variants: &[&[Layout]]) -> Self {
        let (mut largest, mut tagged) = (Layout::behind(0, &[]), Layout::behind(1, &[]));
        let (mut at, mut nth) = (0, 0);
        while at < variants.len() {
            let (plain, behind) = (Layout::of(variants[at]), Layout::behind(1, variants[at]));
            if plain.size > largest.size {
                (largest, nth) = (plain, at);
            }
            if behind.align > tagged.align {
                tagged.align = behind.align;
            }
            if behind.size > tagged.size {
                tagged.size = behind.size;
            }
            at += 1;
        }
        let others = variants.len() as u64 - if variants.is_empty() { 0 } else { 1 };
        let mut fits = largest.size > 0 && largest.niches >= others;
        at = 0;
        while at < variants.len() {
            let room = largest.size - if fits { largest.niche } else { 0 };
            fits = fits && (at == nth || Layout::of(variants[at]).size <= room);
            at += 1;
        }
        if fits || others == 0 {
            return Layout {
                size: largest.size.next_multiple_of(tagged.align),
                align: tagged.align,
                niches: largest.niches.saturating_sub(others),
                ..largest
            };
        }
        Layout {
            size: tagged.size.next_multiple_of(tagged.align),
            align: tagged.align,
            niche: 1,
            niches: 255 - others,
        }
    }
}

/// Adds up what values own. What is shared is counted once.
#[derive(Debug, Default)]
pub struct Scale {
    bytes: usize,
    /// The addresses of what is shared and was counted. Whoever weighs keeps the values, so that no
    /// address is given to something else.
    shared: HashTable<usize>,
}

impl Scale {
    /// What was put on so far, with what the scale itself takes to know it again.
    pub fn bytes(&self) -> usize {
        self.bytes + sizes::table(self.shared.len(), size_of::<u64>())
    }

    /// Counts a block of so many bytes, as the allocator of GNU libc does: with a header of 8 bytes, in
    /// steps of 16, at least 32. Nothing is no block.
    pub fn block(&mut self, bytes: usize) {
        if bytes > 0 {
            self.bytes += (bytes + 8).next_multiple_of(16).max(32);
        }
    }

    /// Counts a shared block, which begins with its two counters. Says whether this is the first time.
    fn share(&mut self, address: usize, layout: Layout) -> bool {
        let hash = FxBuildHasher.hash_one(address);
        if self.shared.find(hash, |&other| other == address).is_some() {
            return false;
        }
        let rehash = |address: &usize| FxBuildHasher.hash_one(address);
        self.shared.insert_unique(hash, address, rehash);
        self.block(Layout::of(&[Layout::words(2, 0), layout]).size);
        true
    }

    fn all<'a, T: Weigh + 'a>(&mut self, values: impl IntoIterator<Item = &'a T>) {
        if T::OWNS {
            values.into_iter().for_each(|value| value.weigh(self));
        }
    }

    /// The nodes of a B-tree with room for eleven entries each. How full they are cannot be seen:
    /// those that only ever grew at one end are a little more than half full.
    fn tree(&mut self, entry: Layout, len: usize) {
        let leaf = 16 + 11 * entry.size;
        let leaves = if len > 11 { len / 6 } else { len.min(1) };
        for _ in 0..leaves {
            self.block(leaf);
        }
        let mut level = leaves;
        while level > 1 {
            level = level.div_ceil(7);
            for _ in 0..level {
                self.block(leaf + 12 * 8);
            }
        }
    }
}

macro_rules! plain {
    ($( $kind:ty: $layout:expr ),* $(,)?) => { $(
        impl Weigh for $kind {
            const LAYOUT: Layout = $layout;
            const OWNS: bool = false;
            fn weigh(&self, _: &mut Scale) {}
        }
    )* };
}

plain! {
    u8: Layout::number(1), u16: Layout::number(2), u32: Layout::number(4), u64: Layout::number(8),
    i8: Layout::number(1), i16: Layout::number(2), i32: Layout::number(4), i64: Layout::number(8),
    usize: Layout::number(8),
    bool: Layout { niche: 1, niches: 254, ..Layout::number(1) },
    (): Layout::of(&[]),
    &'static str: Layout::words(2, 1),
    std::num::NonZeroU32: Layout { niche: 4, niches: 1, ..Layout::number(4) },
}

impl<T: Weigh> Weigh for Option<T> {
    const LAYOUT: Layout = Layout::either(&[&[], &[T::LAYOUT]]);
    const OWNS: bool = T::OWNS;
    fn weigh(&self, scale: &mut Scale) {
        scale.all(self);
    }
}

impl<T: Weigh, E: Weigh> Weigh for Result<T, E> {
    const LAYOUT: Layout = Layout::either(&[&[T::LAYOUT], &[E::LAYOUT]]);
    const OWNS: bool = T::OWNS || E::OWNS;
    fn weigh(&self, scale: &mut Scale) {
        match self {
            Ok(value) => value.weigh(scale),
            Err(error) => error.weigh(scale),
        }
    }
}

macro_rules! tuples {
    ($( ($($part:ident $at:tt),+) ),* $(,)?) => { $(
        impl<$($part: Weigh),+> Weigh for ($($part,)+) {
            const LAYOUT: Layout = Layout::of(&[$($part::LAYOUT),+]);
            const OWNS: bool = $($part::OWNS)||+;
            fn weigh(&self, scale: &mut Scale) {
                $( self.$at.weigh(scale); )+
            }
        }
    )* };
}

tuples! { (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3) }

/// The words of a list: where it stands, its length, and its capacity, of which half are none.
const LIST: Layout = Layout::words(3, 1 << 63);

impl<T: Weigh> Weigh for Vec<T> {
    const LAYOUT: Layout = LIST;
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.block(self.capacity() * T::LAYOUT.size);
        scale.all(self);
    }
}

impl<T: Weigh> Weigh for VecDeque<T> {
    const LAYOUT: Layout = Layout::words(4, 1 << 63);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.block(self.capacity() * T::LAYOUT.size);
        scale.all(self);
    }
}

/// What a table takes that grew to as many as are in it now.
impl<T: Weigh> Weigh for HashTable<T> {
    const LAYOUT: Layout = Layout::words(4, 1);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.block(sizes::table(self.len(), T::LAYOUT.size));
        scale.all(self);
    }
}

impl Weigh for String {
    const LAYOUT: Layout = LIST;
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.block(self.capacity());
    }
}

impl<T: Weigh> Weigh for Box<T> {
    const LAYOUT: Layout = Layout::words(1, 1);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.block(T::LAYOUT.size);
        T::weigh(self, scale);
    }
}

impl<T: Weigh> Weigh for Arc<T> {
    const LAYOUT: Layout = Layout::words(1, 1);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        if scale.share(Arc::as_ptr(self) as usize, T::LAYOUT) {
            T::weigh(self, scale);
        }
    }
}

impl Weigh for Arc<str> {
    const LAYOUT: Layout = Layout::words(2, 1);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        let layout = Layout {
            size: self.len(),
            ..Layout::number(1)
        };
        scale.share(self.as_ptr() as usize, layout);
    }
}

impl<T: Weigh> Weigh for Arc<[T]> {
    const LAYOUT: Layout = Layout::words(2, 1);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        let size = self.len() * T::LAYOUT.size;
        if scale.share(self.as_ptr() as usize, Layout { size, ..T::LAYOUT }) {
            scale.all(&**self);
        }
    }
}

impl<K: Weigh, V: Weigh> Weigh for BTreeMap<K, V> {
    const LAYOUT: Layout = Layout::words(3, 0);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        // Keys stand beside keys and values beside values, so neither needs room behind it.
        let size = K::LAYOUT.size + V::LAYOUT.size;
        scale.tree(Layout { size, ..K::LAYOUT }, self.len());
        scale.all(self.keys());
        scale.all(self.values());
    }
}

impl<K: Weigh> Weigh for BTreeSet<K> {
    const LAYOUT: Layout = Layout::words(3, 0);
    const OWNS: bool = true;
    fn weigh(&self, scale: &mut Scale) {
        scale.tree(K::LAYOUT, self.len());
        scale.all(self);
    }
}
