//! What was found out before, by the parts it was found out from.

use super::sizes;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// A decision tree over the slots somebody reads, in the order of reading: each node asks for the
/// number of one slot, each leaf is an answer.
///
/// An answer is found by exactly the slots that were read to make it, so it is right wherever they
/// hold the same. The edges of a node are an array indexed by the number; a node of which few of
/// many numbers are in use keeps the high ones in a table instead.
#[derive(Debug)]
pub struct Memory {
    /// All nodes: a header and the edges. The first place stays empty, so that no node is there.
    edges: Vec<u32>,
    /// Edges of numbers beyond their node's array.
    far: HashTable<Far>,
    root: u32,
    nodes: u32,
    answers: usize,
}

#[derive(Clone, Copy, Debug)]
struct Far {
    node: u32,
    number: u32,
    edge: u32,
}

/// A place where an edge is kept. An edge is zero (nothing yet), twice a node's place, or twice an
/// answer plus one.
#[derive(Clone, Copy)]
enum Link {
    Root,
    Near(usize),
    Far(u32, u32),
}

// A node's header.
const SLOT: usize = 0;
const LEN: usize = 1;
const ID: usize = 2;
const USED: usize = 3;
const HEADER: usize = 4;

/// Up to so many edges are always an array.
const NEAR_MAX: usize = 256;
/// A longer array has at least one edge in so many in use.
const SPARSE: usize = 8;
/// A memory that is asked is judged after so many answers, no sooner.
const TRIAL: usize = 1 << 14;

impl Memory {
    /// Nothing known yet.
    pub fn new() -> Self {
        Memory {
            edges: vec![0],
            far: HashTable::new(),
            root: 0,
            nodes: 0,
            answers: 0,
        }
    }

    /// The answer for this row, if it was found out before.
    #[inline]
    pub fn find(&self, row: &[u32]) -> Option<u32> {
        let mut edge = self.root;
        if edge == 0 {
            return None;
        }
        while edge & 1 == 0 {
            let node = edge as usize >> 1;
            let &[slot, len, id, _] = self.edges[node..].first_chunk::<HEADER>()?;
            let number = row[slot as usize];
            edge = if number < len {
                self.edges[node + HEADER + number as usize]
            } else {
                self.far(id, number)
            };
            if edge == 0 {
                return None;
            }
        }
        Some(edge >> 1)
    }

    #[cold]
    fn far(&self, node: u32, number: u32) -> u32 {
        let found = self.far.find(far_hash(node, number), |far| {
            (far.node, far.number) == (node, number)
        });
        found.map_or(0, |far| far.edge)
    }

    /// Remembers the answer for this row, made from reading these slots in this order.
    pub fn insert(&mut self, row: &[u32], read: &[u32], answer: u32) {
        assert!(answer < 1 << 31, "an answer has 31 bits");
        self.answers += 1;
        let (mut link, mut asked, mut last) = (Link::Root, 0_u128, 0);
        loop {
            let edge = self.edge(link);
            if edge & 1 == 1 {
                return;
            }
            if edge == 0 {
                break;
            }
            let node = self.lengthened(edge as usize >> 1, row, link);
            let slot = self.edges[node + SLOT];
            asked |= 1 << slot;
            last = node;
            link = self.link(node, row[slot as usize]);
        }
        if last != 0 {
            self.edges[last + USED] += 1;
        }
        for &slot in read.iter().filter(|&&slot| asked & 1 << slot == 0) {
            let number = row[slot as usize];
            let node = self.node(slot, number);
            self.set(link, (node as u32) << 1);
            link = self.link(node, number);
        }
        self.set(link, answer << 1 | 1);
    }

    /// Whether remembering pays, having been asked so often: not when most answers are asked for once.
    pub fn pays(&self, asked: usize) -> bool {
        self.answers < TRIAL || self.answers * 2 < asked
    }

    /// What is taken by the tree.
    pub fn bytes(&self) -> usize {
        self.edges.capacity() * size_of::<u32>() + sizes::table(self.far.len(), size_of::<Far>())
    }

    fn link(&self, node: usize, number: u32) -> Link {
        if number < self.edges[node + LEN] {
            Link::Near(node + HEADER + number as usize)
        } else {
            Link::Far(self.edges[node + ID], number)
        }
    }

    fn edge(&self, link: Link) -> u32 {
        match link {
            Link::Root => self.root,
            Link::Near(at) => self.edges[at],
            Link::Far(node, number) => self.far(node, number),
        }
    }

    fn set(&mut self, link: Link, edge: u32) {
        match link {
            Link::Root => self.root = edge,
            Link::Near(at) => self.edges[at] = edge,
            Link::Far(node, number) => {
                let hash = far_hash(node, number);
                let same = |far: &Far| (far.node, far.number) == (node, number);
                if let Some(far) = self.far.find_mut(hash, same) {
                    far.edge = edge;
                } else {
                    let far = Far { node, number, edge };
                    self.far
                        .insert_unique(hash, far, |far| far_hash(far.node, far.number));
                }
            }
        }
    }

    /// A new node that asks for this slot, with room for this number.
    fn node(&mut self, slot: u32, number: u32) -> usize {
        let len = (number as usize + 1).next_power_of_two().max(4);
        let len = if len <= NEAR_MAX { len } else { 4 };
        let id = self.nodes;
        self.nodes += 1;
        self.append([slot, len as u32, id, 1], len)
    }

    fn append(&mut self, header: [u32; HEADER], len: usize) -> usize {
        let at = self.edges.len();
        assert!(
            at + HEADER + len < 1 << 31,
            "a tree has fewer than 2^31 edges"
        );
        sizes::reserve(&mut self.edges, HEADER + len);
        self.edges.extend_from_slice(&header);
        self.edges.resize(at + HEADER + len, 0);
        at
    }

    /// Makes the array of a node reach the row's number, unless it would be too empty. Gives the
    /// node's place, which may be a new one.
    fn lengthened(&mut self, node: usize, row: &[u32], link: Link) -> usize {
        let header = [0, 1, 2, 3].map(|field| self.edges[node + field]);
        let [slot, len, id, used] = header;
        let number = row[slot as usize];
        let longer = (number as usize + 1).next_power_of_two();
        if number < len || longer > NEAR_MAX && longer > (used as usize + 1) * SPARSE {
            return node;
        }
        let len = len as usize;
        let moved = self.append([slot, longer as u32, id, used], longer);
        self.edges
            .copy_within(node + HEADER..node + HEADER + len, moved + HEADER);
        for number in len..longer {
            let number = number as u32;
            let same = |far: &Far| (far.node, far.number) == (id, number);
            if let Ok(far) = self.far.find_entry(far_hash(id, number), same) {
                let (far, _) = far.remove();
                self.edges[moved + HEADER + number as usize] = far.edge;
            }
        }
        self.set(link, (moved as u32) << 1);
        moved
    }
}

fn far_hash(node: u32, number: u32) -> u64 {
    FxBuildHasher.hash_one((node, number))
}
