//! The folder must be there when the program is built.

fn main() {
    let _ = seedbed::embed_migrations!("no/such/folder");
    let _ = seedbed::embed_migrations!(5);
}
