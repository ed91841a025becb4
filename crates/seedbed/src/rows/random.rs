//! A small deterministic generator of random numbers: splitmix64.
//!
//! The same seed gives the same numbers on every machine and in every version, so a failing case can be run again by
//! its seed. It is no source of secrets.

/// The generator; see Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Starts at a seed.
    #[cfg_attr(not(test), expect(dead_code, reason = "the law tests include this file and start here"))]
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Starts at a seed of its own for every name, so that what one table gets does not depend on the others.
    pub(crate) fn for_name(seed: u64, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ hash)
    }

    /// Returns the next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, or 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // The bias of the remainder is far below what a test could notice.
        (self.bits() % (limit.max(1) as u64)) as usize
    }

    /// Is true once in `times` calls on average.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Returns one of the items.
    ///
    /// # Panics
    ///
    /// When there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut random = Random::new(1_234_567);
        let numbers = [random.bits(), random.bits(), random.bits()];
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn names_differ_without_regard_to_case() {
        let first = |name| Random::for_name(7, name).bits();
        assert_eq!(first("Users"), first("users"));
        assert_ne!(first("users"), first("posts"));
    }
}
