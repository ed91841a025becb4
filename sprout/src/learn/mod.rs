//! Pure rules of learning, over values: no SQL, no HTTP, no clock.

pub mod graph;
pub mod progress;
pub mod recall;
pub mod scores;
