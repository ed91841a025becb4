//! The server is killed while many clients write, again and again on the same file. What a client was told to be done is there
//! with its values, and of no write there is only a part; the next server starts without a word of complaint.
//!
//! A kill takes what the process holds in memory and nothing that it has handed to the operating system. So this proves that
//! replies come after commits, and that what belongs together is committed together; it does not prove that the disk keeps what
//! it is told to.
//!
//! Each client tells a story of its own (`Story`): it sends its writes one after the other, so that at the kill one of them at
//! most is in doubt, and afterwards it knows what has to be there.

mod branches;
mod documents;
mod learning;
mod line;
mod nodes;
mod talks;

use std::fs::{self, File};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use seedbed::params;

use self::line::{Line, Witness};
use crate::Result;
use crate::home::Home;
use crate::server::Server;

/// How often the server is killed in an everyday run.
const EVERYDAY: u64 = 5;

/// How long a server may take to remove what a kill left in the storage.
const SWEEPING: Duration = Duration::from_secs(60);

/// A client and what it knows.
trait Story: Send {
    /// Makes the next write. An error means that nobody answered.
    fn write(&mut self, line: &mut Line<'_>) -> std::io::Result<()>;

    /// Holds what is there to what the client was told. Returns how many writes are there that nobody was told of: 0 or 1.
    fn check(&self, witness: &mut Witness) -> Result<usize>;
}

/// The clients of a round; `name` tells their rows from those of other rounds.
fn stories(name: &str) -> Vec<Box<dyn Story>> {
    vec![
        Box::new(talks::Talk::new(format!("{name}a"))),
        Box::new(talks::Talk::new(format!("{name}b"))),
        Box::new(nodes::Graph::new(format!("{name}c"))),
        Box::new(learning::Visits::new(format!("{name}d"))),
        Box::new(learning::Recalls::new(format!("{name}e"))),
        Box::new(learning::Recalls::new(format!("{name}f"))),
        Box::new(documents::Uploads::new(format!("{name}g"))),
        Box::new(documents::Uploads::new(format!("{name}h"))),
        Box::new(branches::Deletions::new(format!("{name}i"))),
    ]
}

#[test]
fn a_kill_takes_no_write_that_was_answered_and_leaves_no_half() -> Result {
    let rounds = std::env::var("SPROUT_FAULTS_KILLS").map_or(Ok(EVERYDAY), |rounds| rounds.parse())?;
    let mut state = 11_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let home = Home::empty()?;
    home.serve()?.stop("-TERM")?;
    let (mut told, mut untold, mut all) = (0, 0, Vec::new());
    let started = Instant::now();
    for round in 0..rounds {
        // A third of the kills come at once, as near to the reply as can be.
        let (writes, moment) = (1 + random(200) as usize, random(4500).saturating_sub(1500));
        let moment = Duration::from_micros(moment);
        println!("round {round}: killed {moment:?} after {writes} writes");
        let mut stories = stories(&format!("r{round}"));
        told += write_until_killed(start(&home)?, &mut stories, writes, moment)?;
        if round % 4 == 3 {
            kill_while_it_starts(&home, Duration::from_micros(random(40_000)))?;
        }
        let server = start(&home)?;
        let mut witness = Witness::new(&server, &home)?;
        sweep_is_over(&home, &witness)?;
        for story in &stories {
            untold += story.check(&mut witness)?;
        }
        sound(&witness)?;
        drop(server);
        all.append(&mut stories);
    }
    let server = start(&home)?;
    let mut witness = Witness::new(&server, &home)?;
    for story in &all {
        story.check(&mut witness)?;
    }
    sound(&witness)?;
    drop(witness);
    assert_eq!(server.stop("-TERM")?, Some(0));
    println!(
        "killed a server {rounds} times in {} s: {told} writes answered, none lost; {untold} more whole, no half",
        started.elapsed().as_secs()
    );
    Ok(())
}

/// Starts a server, which has nothing to tell but what it always does.
fn start(home: &Home) -> Result<Server> {
    let complaints = home.path("complaints");
    let server = Server::start(home.command(&[]).stderr(File::create(&complaints)?))?;
    assert_eq!(server.said, ["Running migrations…", "Migrations complete."]);
    assert_eq!(fs::read_to_string(complaints)?, "");
    Ok(server)
}

/// Lets all clients write, and kills the server a moment after so many writes were answered. Returns how many were.
fn write_until_killed(
    mut server: Server,
    stories: &mut [Box<dyn Story>],
    writes: usize,
    moment: Duration,
) -> Result<usize> {
    let (tell, told): (Sender<()>, Receiver<()>) = channel();
    let is_killed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for story in stories {
            let (tell, is_killed, address) = (tell.clone(), &is_killed, server.address.as_str());
            scope.spawn(move || {
                let mut line = Line::new(address, tell);
                let error = loop {
                    if let Err(error) = story.write(&mut line) {
                        break error;
                    }
                };
                assert!(is_killed.load(Ordering::SeqCst), "a server that lives does not answer: {error}");
            });
        }
        drop(tell);
        let count = told.iter().take(writes).count();
        std::thread::sleep(moment);
        is_killed.store(true, Ordering::SeqCst);
        server.child.kill()?;
        server.child.wait()?;
        Ok(count + told.iter().count())
    })
}

/// Starts a server and kills it before it has come to anything, or a little later.
fn kill_while_it_starts(home: &Home, moment: Duration) -> Result {
    let mut child = home.command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    std::thread::sleep(moment);
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Waits until the server has removed the objects of uploads that were cut off, and looks whether the storage has an object for
/// each document and no other.
fn sweep_is_over(home: &Home, witness: &Witness) -> Result {
    let started = Instant::now();
    while witness.count("SELECT count(*) FROM object_removals", params![])? > 0 {
        assert!(started.elapsed() < SWEEPING, "what the kill left in the storage is still there");
        std::thread::yield_now();
    }
    let keys = "SELECT s3_key FROM topic_documents ORDER BY s3_key";
    let keys = witness.db.query(keys, params![], |row| row.get::<String>(0))?;
    let mut objects = Vec::new();
    let folder = home.path("sprout.documents/documents");
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            objects.push(format!("documents/{}", entry?.file_name().to_string_lossy()));
        }
    }
    objects.sort();
    assert_eq!(objects, keys, "the storage has what the database names");
    Ok(())
}

/// Looks whether the file, its references and its full-text index are sound.
fn sound(witness: &Witness) -> Result {
    let texts = |pragma| witness.db.query(pragma, params![], |row| row.get::<String>(0));
    assert_eq!(texts("PRAGMA integrity_check")?, ["ok"]);
    assert_eq!(texts("PRAGMA foreign_key_check")?, [""; 0]);
    // It fails when the index does not hold what the rows say.
    let index = "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)";
    Ok(witness.db.execute_batch(index)?)
}
