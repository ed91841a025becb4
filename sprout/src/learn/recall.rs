//! When a node is to be recalled next: the FSRS scheduler (<https://github.com/open-spaced-repetition>) with its default
//! parameters, for a retention of 90 %.
//!
//! What it makes of a review depends on the review log alone, which is kept as it came: with other parameters, or another
//! scheduler, every schedule can be computed anew.

use std::sync::LazyLock;

use fsrs::{FSRS, FSRS6_DEFAULT_DECAY, ItemState, MemoryState, current_retrievability};
use seedbed::Timestamp;

use crate::error::Fault;
use crate::schema::IsoTime;

/// The share of what is due that is to be remembered still.
const RETENTION: f32 = 0.9;

/// What is not remembered is asked again no sooner than after ten minutes; nothing waits longer than a hundred years.
const INTERVAL: (f64, f64) = (10.0 / MINUTES_PER_DAY, 36_500.0);

/// The stabilities that the scheduler makes, in days.
const STABILITY: (f64, f64) = (0.001, 36_500.0);

/// Reviews before this are those of a clock that was never set. The next one would come after decades in which nothing was
/// forgotten, and be the last.
const EARLIEST: &str = "2000-01-01T00:00:00Z";

/// How far the clock of a client may be ahead of ours, in minutes.
const AHEAD: f64 = 5.0;

const MINUTES_PER_DAY: f64 = 24.0 * 60.0;
const MILLISECONDS_PER_DAY: f64 = MINUTES_PER_DAY * 60_000.0;

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
    let before = before.map(state);
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
    tidy(current_retrievability(state(memory), elapsed_days.max(0.0) as f32, FSRS6_DEFAULT_DECAY))
        .clamp(0.0, 1.0)
}

/// Returns when a review was: when the client says, or else now. A last review that is still to come, because a clock was
/// set back since, binds nobody.
///
/// # Errors
///
/// When the client says a time that cannot be.
pub fn time_of_review(
    told: Option<&IsoTime>,
    now: &IsoTime,
    last: Option<&IsoTime>,
) -> Result<IsoTime, Fault> {
    let Some(told) = told else { return Ok(now.clone()) };
    let fault = |text: String| Err(Fault::new("reviewedAt", text));
    if days_between(now, told) * MINUTES_PER_DAY > AHEAD {
        return fault("must not be in the future".to_owned());
    }
    if IsoTime::parse(EARLIEST).is_some_and(|earliest| *told < earliest) {
        return fault(format!("must not be before {EARLIEST}"));
    }
    let at = told.min(now);
    match last.filter(|last| at < *last && *last <= now) {
        Some(last) => fault(format!("must not be before the last review, which was at {last}")),
        None => Ok(at.clone()),
    }
}

/// Returns how many days lie between two times; none when one cannot be read.
pub fn days_between(earlier: &IsoTime, later: &IsoTime) -> f64 {
    match (earlier.to_timestamp(), later.to_timestamp()) {
        (Some(earlier), Some(later)) => {
            (later.as_millisecond() - earlier.as_millisecond()) as f64 / MILLISECONDS_PER_DAY
        }
        _ => 0.0,
    }
}

/// Returns the time so many days later; the same where that is beyond all years.
pub fn days_after(time: &IsoTime, days: f64) -> IsoTime {
    let later = time.to_timestamp().and_then(|time| {
        let milliseconds = (days * MILLISECONDS_PER_DAY).round() as i64;
        Timestamp::from_millisecond(time.as_millisecond().checked_add(milliseconds)?).ok()
    });
    later.and_then(IsoTime::from_timestamp).unwrap_or_else(|| time.clone())
}

/// Returns a memory as the scheduler takes it. One of a file that was imported may be beyond what numbers of the scheduler
/// hold, or be next to nothing, by which it would divide.
fn state(memory: Memory) -> MemoryState {
    MemoryState {
        stability: memory.stability.clamp(STABILITY.0, STABILITY.1) as f32,
        difficulty: memory.difficulty.clamp(1.0, 10.0) as f32,
    }
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

    /// A phone without a clock said 1970, and the next true review was scheduled for decades later.
    #[test]
    fn a_review_is_at_a_time_that_can_be() {
        let time = |text: &str| IsoTime::parse(text).unwrap();
        let now = time("2026-06-01T12:00:00Z");
        let said = |told: &str, last: Option<&str>| {
            let at = time_of_review(Some(&time(told)), &now, last.map(time).as_ref());
            at.map(|at| at.to_string()).map_err(|fault| fault.to_string())
        };
        assert_eq!(time_of_review(None, &now, None), Ok(now.clone()));
        assert_eq!(said("2000-01-01T00:00:00Z", None).as_deref(), Ok("2000-01-01T00:00:00.000Z"));
        for early in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999Z"] {
            assert_eq!(said(early, None).unwrap_err(), "reviewedAt must not be before 2000-01-01T00:00:00Z");
        }
        assert_eq!(said("2026-06-01T12:05:00Z", None).as_deref(), Ok(now.as_str()));
        for late in ["2026-06-01T12:05:00.001Z", "9999-01-01T00:00:00Z"] {
            assert_eq!(said(late, None).unwrap_err(), "reviewedAt must not be in the future");
        }
        let last = Some("2026-05-01T00:00:00Z");
        assert_eq!(said("2026-05-01T00:00:00Z", last).as_deref(), Ok("2026-05-01T00:00:00.000Z"));
        assert_eq!(
            said("2026-04-30T00:00:00Z", last).unwrap_err(),
            "reviewedAt must not be before the last review, which was at 2026-05-01T00:00:00.000Z"
        );
        let to_come = Some("2999-01-01T00:00:00Z");
        assert_eq!(said("2026-05-01T00:00:00Z", to_come).as_deref(), Ok("2026-05-01T00:00:00.000Z"));
    }

    /// A file that was imported may say that something is forgotten at once, or never.
    #[test]
    fn every_memory_has_a_chance_of_recall() {
        for stability in [f64::from_bits(1), 1e-30, 1e300, f64::MAX] {
            for days in [0.0, 1e-9, 1.0, 1e9] {
                let chance = retrievability(Memory { stability, difficulty: 5.0 }, days);
                assert!((0.0..=1.0).contains(&chance), "{chance} of {stability} after {days}");
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
