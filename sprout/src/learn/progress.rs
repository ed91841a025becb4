//! How far a learner is, over all nodes.

use super::scores::mean;
use crate::schema::UserNodeProgress;

/// What a learner can be expected to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Has completed nothing yet.
    NewStudent,
    /// Has completed something.
    Beginner,
    /// Masters half of what was begun.
    Intermediate,
    /// Masters most of it.
    Advanced,
}

/// A learner's progress in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overview {
    /// What the learner can be expected to follow.
    pub level: Level,
    /// The mean of the mastery scores to three decimals; 0 where nothing was begun.
    pub average_mastery: f64,
    /// How many nodes were begun.
    pub tracked: usize,
    /// How many were completed.
    pub completed: usize,
}

/// Looks over all that a learner has begun.
pub fn overview(progress: &[UserNodeProgress]) -> Overview {
    let scores: Vec<_> = progress.iter().map(|progress| progress.mastery_score).collect();
    let average_mastery = mean(&scores).unwrap_or(0.0);
    let completed = progress.iter().filter(|progress| progress.completed_at.is_some()).count();
    let level = match average_mastery {
        0.8.. => Level::Advanced,
        0.5.. => Level::Intermediate,
        _ if completed > 0 => Level::Beginner,
        _ => Level::NewStudent,
    };
    Overview { level, average_mastery, tracked: progress.len(), completed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::IsoTime;

    fn progress(mastery_score: f64, is_completed: bool) -> UserNodeProgress {
        UserNodeProgress {
            id: "p".to_owned(),
            user_id: "u".to_owned(),
            node_id: "n".to_owned(),
            first_entered_at: None,
            last_entered_at: None,
            completed_at: is_completed.then(IsoTime::now),
            mastery_score,
            attempts_count: 1,
            has_generated_subnodes: false,
            created_at: IsoTime::now(),
            updated_at: IsoTime::now(),
        }
    }

    #[test]
    fn the_level_follows_from_the_mean_mastery() {
        let level = |rows: &[UserNodeProgress]| overview(rows).level;
        assert_eq!(level(&[]), Level::NewStudent);
        assert_eq!(level(&[progress(0.4, false)]), Level::NewStudent);
        assert_eq!(level(&[progress(0.4, true), progress(0.0, false)]), Level::Beginner);
        assert_eq!(level(&[progress(0.5, false)]), Level::Intermediate);
        assert_eq!(level(&[progress(1.0, false), progress(0.5, true)]), Level::Intermediate);
        assert_eq!(level(&[progress(0.7, false), progress(0.9, true)]), Level::Advanced);
    }

    #[test]
    fn an_overview_counts() {
        let rows = [progress(1.0, true), progress(0.0, false), progress(0.0, false)];
        let expected = Overview { level: Level::Beginner, average_mastery: 0.333, tracked: 3, completed: 1 };
        assert_eq!(overview(&rows), expected);
    }
}
