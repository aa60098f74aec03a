//! How lists grow, and what tables take.

/// Room for more, an eighth at a time: doubling would leave up to half of it empty.
pub fn reserve<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8).max(4));
    }
}

/// What a hash table takes that has grown to so many entries of so many bytes: places are a power of
/// two, at most seven eighths full, with a byte of the hash each. What the table itself says differs by a
/// few bytes between machines.
pub fn table(entries: usize, entry_bytes: usize) -> usize {
    if entries == 0 {
        return 0;
    }
    let places = match entries {
        1..=3 => 4,
        4..=7 => 8,
        _ => (entries * 8).div_ceil(7).next_power_of_two(),
    };
    places * (entry_bytes + 1) + 16
}
