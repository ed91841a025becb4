//! Words for plausible values: names, things, qualities, sentences.
//!
//! Made up or in everybody's use, and sent to nobody: hosts end in `example.org`, and telephone numbers are of the range
//! that is kept for stories.

use super::random::Random;

const FIRST_NAMES: &[&str] = &[
    "Ada", "Amir", "Anna", "Arjun", "Aylin", "Ben", "Carla", "Chen", "Clara", "Dario", "Elena", "Elif",
    "Emil", "Erik", "Fatima", "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Julia",
    "Kofi", "Lara", "Leon", "Lin", "Luca", "Maja", "Mara", "Mateo", "Mia", "Nadia", "Nils", "Noor", "Olga",
    "Omar", "Paul", "Priya", "Rosa", "Samir", "Sofia", "Tariq", "Tom", "Vera", "Yara", "Zoe",
];
const LAST_NAMES: &[&str] = &[
    "Adeyemi", "Ahmed", "Alvarez", "Bauer", "Berg", "Brandt", "Chen", "Costa", "Diaz", "Eriksen", "Evans",
    "Fischer", "Fontana", "Garcia", "Haddad", "Hansen", "Ito", "Jansen", "Kaya", "Keller", "Kim", "Kowalski",
    "Kumar", "Larsen", "Lopez", "Martin", "Meyer", "Mbeki", "Moreau", "Nguyen", "Novak", "Okafor", "Olsen",
    "Park", "Patel", "Petrov", "Popescu", "Reyes", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Tanaka",
    "Vargas", "Wagner", "Weber", "Yilmaz",
];
const QUALITIES: &[&str] = &[
    "amber", "ancient", "bright", "broad", "calm", "clear", "cold", "curious", "deep", "distant", "early",
    "endless", "faint", "gentle", "golden", "green", "hidden", "hollow", "late", "light", "lonely", "long",
    "mild", "narrow", "new", "northern", "old", "open", "pale", "patient", "quiet", "rapid", "rough",
    "second", "silver", "slow", "small", "steep", "warm", "wide",
];
const THINGS: &[&str] = &[
    "anchor", "atlas", "bridge", "branch", "canyon", "circle", "cloud", "coast", "compass", "field",
    "forest", "garden", "gate", "glacier", "harbour", "hill", "horizon", "island", "key", "lake", "lamp",
    "lantern", "leaf", "ledger", "letter", "map", "meadow", "mirror", "moon", "morning", "mountain", "ocean",
    "orchard", "path", "pattern", "pine", "question", "rain", "river", "road", "root", "season", "shadow",
    "signal", "stone", "storm", "stream", "summit", "thread", "tide", "tower", "valley", "voice", "wave",
    "window", "winter",
];
const VERBS: &[&str] = &[
    "carries",
    "changes",
    "crosses",
    "explains",
    "finds",
    "follows",
    "holds",
    "joins",
    "keeps",
    "leads to",
    "meets",
    "opens",
    "reaches",
    "shows",
    "touches",
    "turns into",
];
const CITIES: &[&str] = &[
    "Accra", "Athens", "Bergen", "Berlin", "Bogota", "Dublin", "Fez", "Geneva", "Hanoi", "Kyoto", "Lagos",
    "Lima", "Lisbon", "Lyon", "Madrid", "Mumbai", "Oslo", "Porto", "Quito", "Riga", "Seoul", "Turin",
    "Vienna", "Zagreb",
];
const COUNTRIES: &[&str] = &[
    "Austria", "Brazil", "Canada", "Chile", "Finland", "Ghana", "Greece", "India", "Ireland", "Japan",
    "Kenya", "Mexico", "Norway", "Peru", "Portugal", "Vietnam",
];

pub(super) fn first_name(random: &mut Random) -> &'static str {
    one_of(FIRST_NAMES, random)
}

pub(super) fn last_name(random: &mut Random) -> &'static str {
    one_of(LAST_NAMES, random)
}

pub(super) fn thing(random: &mut Random) -> &'static str {
    one_of(THINGS, random)
}

pub(super) fn city(random: &mut Random) -> &'static str {
    one_of(CITIES, random)
}

pub(super) fn country(random: &mut Random) -> &'static str {
    one_of(COUNTRIES, random)
}

pub(super) fn full_name(random: &mut Random) -> String {
    format!("{} {}", first_name(random), last_name(random))
}

pub(super) fn email(random: &mut Random) -> String {
    let (first, last) = (first_name(random).to_lowercase(), last_name(random).to_lowercase());
    format!("{first}.{last}{}@example.org", random.below(100_000))
}

/// Returns `quiet-river-417`.
pub(super) fn slug(random: &mut Random) -> String {
    format!("{}-{}-{}", random.pick(QUALITIES), thing(random), random.below(100_000))
}

/// Returns `Quiet river and the old stone`, or a shorter one.
pub(super) fn title(random: &mut Random) -> String {
    let (quality, first) = (*random.pick(QUALITIES), thing(random));
    let text = match random.below(3) {
        0 => format!("{quality} {first}"),
        1 => format!("the {quality} {first} of {}", city(random)),
        _ => format!("{quality} {first} and the {} {}", random.pick(QUALITIES), thing(random)),
    };
    capitalized(&text)
}

/// Returns one to four sentences.
pub(super) fn sentences(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(4) {
        if !text.is_empty() {
            text.push(' ');
        }
        let (quality, first, verb) = (*random.pick(QUALITIES), thing(random), *random.pick(VERBS));
        let sentence =
            format!("the {quality} {first} {verb} the {} {}.", random.pick(QUALITIES), thing(random));
        text.push_str(&capitalized(&sentence));
    }
    text
}

/// Returns two words.
pub(super) fn phrase(random: &mut Random) -> String {
    format!("{} {}", random.pick(QUALITIES), thing(random))
}

fn one_of(words: &[&'static str], random: &mut Random) -> &'static str {
    words[random.below(words.len())]
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
