//! Sizes and times as people read them: `4.2 MiB`, `1 min 20 s`.

use std::time::Duration;

use seedbed::Timestamp;

/// Returns a number of bytes with a unit, few digits: `0 B`, `1023 B`, `4.2 MiB`, `118 GiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = 0;
    // 1023.6 would be shown as `1024 KiB`.
    while size >= 1023.5 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(size < 9.95);
    format!("{size:.digits$} {}", UNITS[unit])
}

/// Returns a time with the units that matter: `3 ms`, `1.2 s`, `1 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        _ if time < Duration::from_secs(1) => format!("{} ms", time.as_millis()),
        _ if time < Duration::from_secs(10) => format!("{:.1} s", (time.as_millis() / 100) as f64 / 10.0),
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Returns a time as people read it, in UTC.
pub(crate) fn moment(milliseconds: i64) -> String {
    let Ok(at) = Timestamp::from_millisecond(milliseconds) else { return milliseconds.to_string() };
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns a count with its noun, which takes an `s` when there is not exactly one: `1 row`, `3 rows`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit_and_few_digits() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (10_188, "9.9 KiB"),
            (10_189, "10 KiB"),
            (1_048_063, "1023 KiB"),
            (1_048_065, "1.0 MiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn times_have_the_units_that_matter() {
        for (milliseconds, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (9_999, "9.9 s"),
            (59_999, "59 s"),
            (80_000, "1 min 20 s"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!((count(0, "row"), count(1, "row")), ("0 rows".to_owned(), "1 row".to_owned()));
    }
}
