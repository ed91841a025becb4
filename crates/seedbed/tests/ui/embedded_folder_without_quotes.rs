//! The folder is a path in quotes, known when the program is built.

fn main() {
    let folder = "migrations";
    let _ = seedbed::embed_migrations!(folder);
}
