//! The tables, and the file that they are kept in.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use time::OffsetDateTime;

use crate::Size;
use crate::subject::Spent;

pub fn report(sizes: &[Size]) -> String {
    let mut text = String::new();
    peers(&mut text, sizes);
    floor(&mut text, sizes);
    text
}

/// A row for each library and size.
fn peers(text: &mut String, sizes: &[Size]) {
    text.push_str(
        "| session | library | load, ns | × ours | allocations | save, ns | × ours | allocations | value, characters |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for size in sizes {
        let ours =
            size.subjects.first().map(|(_, load, save)| (load.spent(), save.spent())).unwrap_or_default();
        for (subject, load, save) in &size.subjects {
            let (load, save) = (cells(load.spent(), ours.0), cells(save.spent(), ours.1));
            let _ =
                writeln!(text, "| {} | {} | {load} | {save} | {} |", size.name, subject.name, subject.value);
        }
    }
}

fn cells(spent: Option<Spent>, ours: Option<Spent>) -> String {
    let (Some(spent), Some(ours)) = (spent, ours) else { return " | | ".into() };
    let ratio = spent.nanoseconds / ours.nanoseconds;
    format!("{:.0} | {ratio:.2} | {}", spent.nanoseconds, rounded(spent.allocations))
}

/// Without the decimal that says nothing.
fn rounded(value: f64) -> String {
    format!("{value:.1}").trim_end_matches(".0").to_owned()
}

/// A row for each primitive.
fn floor(text: &mut String, sizes: &[Size]) {
    let names: Vec<_> = sizes.iter().map(|size| format!("{}, ns", size.name)).collect();
    let _ = writeln!(text, "\n| the floor | in | {} |\n|---|---|---:|---:|---:|", names.join(" | "));
    let Some(first) = sizes.first() else { return };
    for (at, (part, _)) in first.floor.iter().enumerate() {
        let within = match (part.in_load, part.in_save) {
            (true, true) => "both",
            (true, false) => "load",
            (false, true) => "save",
            (false, false) => "neither",
        };
        let spent = sizes.iter().filter_map(|size| size.floor.get(at)?.1.spent());
        let spent: Vec<_> = spent.map(|spent| format!("{:.0}", spent.nanoseconds)).collect();
        let _ = writeln!(text, "| {} | {within} | {} |", part.name, spent.join(" | "));
    }
}

/// Puts the tables into benches/RESULTS.md.
pub fn write(tables: &str) -> std::io::Result<()> {
    let profile = Profile::of_this_program();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = format!(
        "# Results\n\n\
         Printed by `cargo run --profile {} --manifest-path benches/compare/Cargo.toml`, which writes this file. Lower\n\
         quartiles of rounds in which all take turns; compare figures of one run, not of two.\n\n\
         - **Date** {}\n- **Machine** {}, {} processors\n- **Compiler** {}, {}\n\
         - **Versions** {}\n\n\
         S is an id, a flag and a byte; M a user, eight permissions and a CSRF token (about 350 bytes of JSON); L\n\
         is eight of those. `load` goes from a HeaderMap with three other cookies to the typed session, and its drop;\n\
         `save` from the typed session to Set-Cookie in a HeaderMap, and its drop. Of actix-session, seshcookie and\n\
         tower-sessions, which are layers, the time of the same request without the layer is taken off.\n\n{tables}",
        profile.name(),
        OffsetDateTime::from(SystemTime::now()).date(),
        machine(),
        std::thread::available_parallelism().map_or(0, usize::from),
        compiler(),
        profile.words(),
        versions(folder)?,
    );
    std::fs::write(folder.join("..").join(profile.file()), text)
}

/// How this program was built, by the folder that it lies in.
enum Profile {
    Release,
    Plain,
    TwoLines,
}

impl Profile {
    fn of_this_program() -> Self {
        let program = std::env::current_exe().unwrap_or_default();
        match program.parent().and_then(Path::file_name).and_then(std::ffi::OsStr::to_str) {
            Some("plain") => Self::Plain,
            Some("two-lines") => Self::TwoLines,
            _ => Self::Release,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Plain => "plain",
            Self::TwoLines => "two-lines",
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Release => "thin LTO, one codegen unit",
            Self::Plain => "cargo's default release profile",
            Self::TwoLines => "cargo's default, one codegen unit for dependencies",
        }
    }

    fn file(&self) -> &'static str {
        match self {
            Self::Release => "RESULTS.md",
            Self::Plain => "RESULTS-plain.md",
            Self::TwoLines => "RESULTS-two-lines.md",
        }
    }
}

fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().map(str::trim) == Some(name));
        line.and_then(|line| line.split(':').nth(1)).map_or("?", str::trim)
    };
    let (model, family, number) = (field("model name"), field("cpu family"), field("model"));
    format!("{} {model} (family {family}, model {number})", std::env::consts::ARCH)
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or("?".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The versions in Cargo.lock of the libraries that are measured and of what the floor is made of.
fn versions(folder: &Path) -> std::io::Result<String> {
    let lock = std::fs::read_to_string(folder.join("Cargo.lock"))?;
    let mut versions = Vec::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(found) = line.strip_prefix("name = ") {
            name = found.trim_matches('"');
        } else if let (Some(version), true) = (line.strip_prefix("version = "), NAMED.contains(&name)) {
            versions.push(format!("{name} {}", version.trim_matches('"')));
        }
    }
    Ok(versions.chunks(5).map(|few| few.join(", ")).collect::<Vec<_>>().join(",\n  "))
}

const NAMED: &[&str] = &[
    "actix-session",
    "axum-extra",
    "base64",
    "biscotti",
    "cookie",
    "memchr",
    "postcard",
    "sealed-session",
    "seshcookie",
    "tower-sessions",
    "xaes-256-gcm",
];
