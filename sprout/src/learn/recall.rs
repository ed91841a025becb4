//! When a node is to be recalled next: the FSRS scheduler (<https://github.com/open-spaced-repetition>) with its default
//! parameters, for a retention of 90 %.
//!
//! What it makes of a review depends on the review log alone, which is kept as it came: with other parameters, or another
//! scheduler, every schedule can be computed anew.

use std::sync::LazyLock;

use fsrs::{FSRS, FSRS6_DEFAULT_DECAY, ItemState, MemoryState, current_retrievability};

/// The share of what is due that is to be remembered still.
const RETENTION: f32 = 0.9;

/// What is not remembered is asked again no sooner than after ten minutes; nothing waits longer than a hundred years.
const INTERVAL: (f64, f64) = (10.0 / (24.0 * 60.0), 36_500.0);

static SCHEDULER: LazyLock<FSRS> = LazyLock::new(FSRS::default);

/// How well something is remembered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// In how many days the chance of recalling it falls to 90 %.
    pub stability: f64,
    /// From 1, easy, to 10.
    pub difficulty: f64,
}

/// How a recall went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// Forgotten.
    Again,
    /// Recalled with great effort.
    Hard,
    /// Recalled.
    Good,
    /// Recalled at once.
    Easy,
}

impl Rating {
    /// Reads a number from 1 to 4.
    pub fn of_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Again),
            2 => Some(Self::Hard),
            3 => Some(Self::Good),
            4 => Some(Self::Easy),
            _ => None,
        }
    }

    /// Returns the number from 1 to 4.
    pub fn number(self) -> i64 {
        match self {
            Self::Again => 1,
            Self::Hard => 2,
            Self::Good => 3,
            Self::Easy => 4,
        }
    }

    /// Rates a recall assessment by its score. What is below the mark of mastery took effort at best.
    pub fn of_score(score: f64) -> Self {
        if score < 0.5 {
            Self::Again
        } else if score < super::scores::MASTERED {
            Self::Hard
        } else if score < 0.95 {
            Self::Good
        } else {
            Self::Easy
        }
    }
}

/// Returns the memory after a review, and in how many days the next is due; `None` when the memory before is none that
/// the scheduler can have made.
pub fn reviewed(before: Option<Memory>, elapsed_days: f64, rating: Rating) -> Option<(Memory, f64)> {
    let before = before.map(|memory| MemoryState {
        stability: memory.stability as f32,
        difficulty: memory.difficulty as f32,
    });
    // The scheduler counts whole days; one that has begun does not count.
    let days = elapsed_days.clamp(0.0, INTERVAL.1) as u32;
    let states = SCHEDULER.next_states(before, RETENTION, days).ok()?;
    let ItemState { memory, interval } = match rating {
        Rating::Again => states.again,
        Rating::Hard => states.hard,
        Rating::Good => states.good,
        Rating::Easy => states.easy,
    };
    let memory = Memory { stability: tidy(memory.stability), difficulty: tidy(memory.difficulty) };
    Some((memory, tidy(interval).clamp(INTERVAL.0, INTERVAL.1)))
}

/// Returns the chance that something is recalled, from 0 to 1.
pub fn retrievability(memory: Memory, elapsed_days: f64) -> f64 {
    let state = MemoryState { stability: memory.stability as f32, difficulty: memory.difficulty as f32 };
    tidy(current_retrievability(state, elapsed_days.max(0.0) as f32, FSRS6_DEFAULT_DECAY)).clamp(0.0, 1.0)
}

/// Six decimals are more than the scheduler knows.
fn tidy(number: f32) -> f64 {
    (f64::from(number) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_intervals_are_those_that_are_published() {
        let interval = |rating| reviewed(None, 0.0, rating).unwrap().1;
        assert_eq!(interval(Rating::Again), 0.212);
        assert_eq!(interval(Rating::Hard), 1.2931);
        assert_eq!(interval(Rating::Good), 2.3065);
        assert_eq!(interval(Rating::Easy), 8.2956);
    }

    #[test]
    fn intervals_grow_while_it_is_recalled_and_shrink_when_it_is_forgotten() {
        let (mut memory, mut interval) = reviewed(None, 0.0, Rating::Good).unwrap();
        for _ in 0..5 {
            let (next, next_interval) = reviewed(Some(memory), interval, Rating::Good).unwrap();
            assert!(next_interval > interval, "{next_interval} after {interval}");
            (memory, interval) = (next, next_interval);
        }
        let (forgotten, again) = reviewed(Some(memory), interval, Rating::Again).unwrap();
        assert!(again < interval && forgotten.difficulty > memory.difficulty);
    }

    #[test]
    fn the_chance_of_recall_is_nine_in_ten_when_it_is_due() {
        let (memory, interval) = reviewed(None, 0.0, Rating::Good).unwrap();
        assert!((retrievability(memory, interval) - 0.9).abs() < 0.001);
        assert_eq!(retrievability(memory, 0.0), 1.0);
        assert!(retrievability(memory, 1000.0) < 0.6);
    }

    #[test]
    fn extremes_stay_within_bounds() {
        let lasting = Memory { stability: 36_500.0, difficulty: 1.0 };
        for days in [0.0, 0.5, 1e9, f64::MAX] {
            for rating in [Rating::Again, Rating::Hard, Rating::Good, Rating::Easy] {
                let (memory, interval) = reviewed(Some(lasting), days, rating).unwrap();
                assert!(memory.stability > 0.0 && (1.0..=10.0).contains(&memory.difficulty), "{memory:?}");
                assert!((INTERVAL.0..=INTERVAL.1).contains(&interval), "{interval}");
            }
        }
    }

    #[test]
    fn a_score_becomes_a_rating_and_a_rating_a_number() {
        let ratings =
            [0.0, 0.49, 0.5, 0.69, 0.7, 0.94, 0.95, 1.0].map(|score| Rating::of_score(score).number());
        assert_eq!(ratings, [1, 1, 2, 2, 3, 3, 4, 4]);
        assert!((1..=4).all(|number| Rating::of_number(number).map(Rating::number) == Some(number)));
        assert_eq!(Rating::of_number(5), None);
    }
}
