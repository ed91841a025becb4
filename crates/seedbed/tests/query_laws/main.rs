//! Queries against hand-written SQL on generated rows: what the builder returns is what the text returns.
//!
//! A failing case prints its seed; `SEEDBED_QUERIES_SEED=<seed>` runs that one alone.

mod changing;
mod conditions;
mod hostile;
mod joining;
mod reading;
mod shapes;
mod world;

#[path = "../../src/rows/random.rs"]
mod random;

use random::Random;
use world::World;

/// Runs a check on many worlds.
fn in_many_worlds(check: impl Fn(&World, &mut Random)) {
    let one = std::env::var("SEEDBED_QUERIES_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = one.map_or_else(|| (0..60).collect(), |seed| vec![seed]);
    for seed in seeds {
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut random = Random::new(seed);
            let world = World::new(&mut random);
            check(&world, &mut random);
        }));
        assert!(checked.is_ok(), "SEEDBED_QUERIES_SEED={seed} shows the failure above");
    }
}
