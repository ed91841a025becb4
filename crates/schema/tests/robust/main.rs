//! Whatever stands in a file, who reads it comes back: with what it says, or with an error that can be understood.
//!
//! Good texts are damaged by chance that is the same in every run; `SEEDBED_ROBUST_ROUNDS` says how often each is. The
//! same readers are driven for as long as one likes by `fuzz/`.

mod json;
mod numbers;
mod reader;
mod sql;

/// Returns how often each good text is damaged.
fn rounds(everyday: usize) -> usize {
    let wanted = std::env::var("SEEDBED_ROBUST_ROUNDS").ok();
    wanted.map_or(everyday, |text| text.parse().expect("SEEDBED_ROBUST_ROUNDS is a number"))
}
