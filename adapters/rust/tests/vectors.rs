//! Runs the vectors, which are programs with what they must answer, through the adapter. No Python is needed.
//!
//! They are those of the repository, or of the folder that the environment names as `HSMSPEC_VECTORS`. The verdict on
//! each requirement is printed: `cargo test --test vectors -- --nocapture`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, fs};

use serde::Deserialize;
use serde_json::{Value, json};

/// The format of vectors that is understood.
const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct Manifest {
    format: u64,
    requirements: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    file: String,
    class: String,
}

/// A program with what it must answer. The observations at the indexes of `evidence` show the requirement.
#[derive(Deserialize)]
struct Vector {
    case: u64,
    capabilities: Vec<String>,
    program: Vec<Value>,
    observations: Vec<Value>,
    evidence: Vec<usize>,
}

/// The adapter, as a runner sees it.
struct Adapter {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Adapter {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsm-memory"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the adapter starts");
        let answers = BufReader::new(process.stdout.take().expect("it has an output"));
        Self { process, answers }
    }

    fn ask(&mut self, request: &Value) -> Value {
        let requests = self.process.stdin.as_mut().expect("it has an input");
        writeln!(requests, "{request}").expect("it reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("it answers in JSON")
    }

    fn end(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().expect("it ends").success(), "it ends well with its input");
    }
}

/// Takes the texts out of an observation that are never compared.
fn without_texts(observation: &mut Value) {
    let members = observation.as_object_mut().expect("observations are objects");
    members.remove("message");
    if let Some(text) = members.get_mut("panic") {
        *text = Value::Null;
    }
    members.get_mut("inner").and_then(Value::as_array_mut).into_iter().flatten().for_each(without_texts);
}

fn meaning(observation: &Value) -> Value {
    let mut meaning = observation.clone();
    without_texts(&mut meaning);
    meaning
}

impl Vector {
    /// The index of the first operation that is not answered as it must be.
    fn deviates(&self, observed: &[Value]) -> Option<usize> {
        assert_eq!(self.program.len(), observed.len(), "each operation has an observation");
        let pairs = self.observations.iter().zip(observed);
        pairs.map(|(expected, observed)| meaning(expected) != meaning(observed)).position(|differs| differs)
    }
}

fn folder() -> PathBuf {
    let committed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors");
    env::var_os("HSMSPEC_VECTORS").map_or_else(committed, PathBuf::from)
}

fn read(file: &str) -> String {
    let path = folder().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_vector_is_answered_as_it_must_be() {
    let manifest: Manifest = serde_json::from_str(&read("manifest.json")).expect("a manifest");
    assert_eq!(FORMAT, manifest.format);
    assert!(!manifest.requirements.is_empty(), "there are requirements");

    let mut adapter = Adapter::start();
    let greeting = adapter.ask(&json!({"seq": 0, "hello": {"protocol": 1}}));
    let offered: Vec<String> = serde_json::from_value(greeting["hello"]["capabilities"].clone()).expect("capabilities");
    let mut differences = Vec::new();
    for (seq, (requirement, entry)) in (1_u64..).zip(&manifest.requirements) {
        let vectors = read(&entry.file);
        let vectors = vectors.lines().map(|line| serde_json::from_str::<Vector>(line).expect("a vector"));
        let vectors: Vec<_> =
            vectors.filter(|vector| vector.capabilities.iter().all(|c| offered.contains(c))).collect();
        let programs: Vec<_> = vectors.iter().map(|vector| &vector.program).collect();
        let answer = adapter.ask(&json!({"seq": seq, "programs": programs}));
        let observed: Vec<Vec<Value>> =
            serde_json::from_value(answer["observations"].clone()).unwrap_or_else(|_| panic!("observations: {answer}"));
        assert_eq!(vectors.len(), observed.len(), "each program has observations");

        let mut shown = false;
        for (vector, observed) in vectors.iter().zip(&observed) {
            if let Some(at) = vector.deviates(observed) {
                shown |= vector.evidence.contains(&at);
                differences.push(format!(
                    "{requirement}, case {}, operation {at}: {}\n  expected {}\n  observed {}",
                    vector.case, vector.program[at], vector.observations[at], observed[at],
                ));
            }
        }
        let verdict = match (vectors.is_empty(), shown, entry.class.as_str()) {
            (true, ..) => "not offered",
            (_, true, "documented") => "deviates",
            (_, false, "documented") => "conforms",
            (_, true, _) => "differs",
            (_, false, _) => "agrees",
        };
        println!("{requirement}: {verdict}");
    }
    adapter.end();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
