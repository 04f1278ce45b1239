//! Load and save next to other libraries and next to the bare primitives, in one process and in turns:
//! `cargo run --release --manifest-path benches/compare/Cargo.toml`
//!
//! It prints a table and writes it to benches/RESULTS.md, with the machine and the versions; `--profile plain` and
//! `--profile two-lines` write to RESULTS-plain.md and RESULTS-two-lines.md. With a number it makes that many rounds
//! and writes nothing.
//!
//! In a round every subject runs one block of calls of each kind, so that a machine that changes its speed changes it
//! for all of them. A figure is the lower quartile of its rounds: what others do on the machine makes blocks slower and
//! never faster. Compare figures of one run, not of two.

mod bare;
mod count;
#[allow(dead_code, reason = "the servers want more of it")]
mod data;
mod floor;
mod ours;
mod peers;
mod report;
mod subject;

use data::Data;
use floor::Part;
use subject::{Spent, Subject, Timed};

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

/// One size of session, with everyone who has it.
struct Size {
    name: &'static str,
    subjects: Vec<(Subject, Rounds, Rounds)>,
    floor: Vec<(Part, Rounds)>,
}

/// What the rounds of one measurement took.
#[derive(Default)]
struct Rounds {
    with: Vec<Spent>,
    without: Vec<Spent>,
}

impl Rounds {
    fn add(&mut self, timed: Option<&mut Timed>) {
        let Some(Timed { with, without }) = timed else { return };
        self.with.push(with());
        self.without.extend(without.as_mut().map(|without| without()));
    }

    /// `None` if it was not measured.
    fn spent(&self) -> Option<Spent> {
        let (with, without) = (quartile(&self.with)?, quartile(&self.without).unwrap_or_default());
        Some(Spent {
            nanoseconds: with.nanoseconds - without.nanoseconds,
            allocations: with.allocations - without.allocations,
        })
    }
}

fn quartile(rounds: &[Spent]) -> Option<Spent> {
    let of = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 4).copied()
    };
    Some(Spent {
        nanoseconds: of(rounds.iter().map(|spent| spent.nanoseconds).collect())?,
        allocations: of(rounds.iter().map(|spent| spent.allocations).collect())?,
    })
}

fn size<T: Data>(name: &'static str, data: &T) -> Size {
    let mut subjects = ours::subjects(data);
    let value = subjects.first().map(|ours| ours.value).unwrap_or_default();
    subjects.extend(peers::subjects(data));
    subjects.push(bare::subject(data, value));
    let subjects = subjects.into_iter().map(|subject| (subject, Rounds::default(), Rounds::default()));
    let floor = floor::parts(data, value).into_iter().map(|part| (part, Rounds::default()));
    Size { name, subjects: subjects.collect(), floor: floor.collect() }
}

fn measure(rounds: usize) -> Vec<Size> {
    let mut sizes = vec![size("S", &data::small()), size("M", &data::middling()), size("L", &data::large())];
    for _ in 0..rounds {
        for size in &mut sizes {
            for (subject, load, save) in &mut size.subjects {
                load.add(subject.load.as_mut());
                save.add(subject.save.as_mut());
            }
            for (part, rounds) in &mut size.floor {
                rounds.with.push((part.measure)());
            }
        }
    }
    sizes
}

fn main() -> std::io::Result<()> {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok());
    // actix's parts want to be on one of its threads, and tokio is not to have anyone pause.
    let work = tokio::task::unconstrained(async { measure(rounds.unwrap_or(ROUNDS)) });
    let sizes = actix_web::rt::System::new().block_on(work);
    let report = report::report(&sizes);
    print!("{report}");
    if rounds.is_none() {
        report::write(&report)?;
    }
    Ok(())
}

const ROUNDS: usize = 1_000;
