//! Numbers that look random and never change: the same seed gives the same ones for ever.
//!
//! SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
//! It is written out because its state must be comparable and hashable as part of the world,
//! and because its values are part of what a link restores.

/// The state of the generator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    /// Begins at `seed`.
    pub const fn new(seed: u64) -> Self {
        Seed(seed)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from `low` to `high`, both included. Equal bounds draw nothing, so that a
    /// scene without spread has one state less to tell apart.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        if high <= low {
            return low;
        }
        match (high - low).checked_add(1) {
            Some(width) => low + self.draw() % width,
            None => self.draw(),
        }
    }
}

/// SplitMix64's finaliser: every bit of the input moves about half of the output's.
pub const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A name in the form of a random UUID (RFC 9562, version 4), the same for the same `seed` and `of`.
/// Brokers hand out random ids; here they must be repeatable.
pub fn uuid(seed: u64, of: u64) -> String {
    let mut state = Seed::new(seed ^ mix(of.wrapping_add(1)));
    let high = (state.draw() & 0xffff_ffff_ffff_0fff) | 0x4000;
    let low = (state.draw() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_values_are_the_published_ones() {
        // The reference implementation's output for seed 1234567 (Vigna, splitmix64.c).
        let mut seed = Seed::new(1_234_567);
        assert_eq!(
            [seed.draw(), seed.draw(), seed.draw()],
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let id = uuid(1, 2);
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, uuid(1, 3));
    }
}
