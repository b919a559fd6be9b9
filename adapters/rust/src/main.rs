//! An adapter of hsmspec: answers each line of requests with what its programs observe.

mod hsm;
mod operations;
mod palette;
mod world;

use std::io::{self, BufRead, BufWriter, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use operations::Operation;
use world::{Observation, World};

#[derive(Deserialize)]
struct Request {
    seq: u64,
    hello: Option<Value>,
    programs: Option<Vec<Vec<Operation>>>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Hello(Value),
    Observations(Vec<Vec<Observation>>),
    ProtocolError(String),
}

/// How deep JSON may nest: deeper than 257 functions inside of each other, and not as deep as the stack.
const DEEPEST: usize = 1_200;

/// Reads JSON that is nested more deeply than `serde_json` allows by itself, as functions inside of functions are.
fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> serde_json::Result<T> {
    if depth(line) > DEEPEST {
        return Err(serde::de::Error::custom("it is nested too deeply"));
    }
    let mut decoder = serde_json::Deserializer::from_slice(line);
    decoder.disable_recursion_limit();
    let read = T::deserialize(&mut decoder)?;
    decoder.end().map(|()| read)
}

/// The number of lists and objects around the innermost one, counted outside of texts.
fn depth(line: &[u8]) -> usize {
    let (mut open, mut deepest, mut text, mut escaped) = (0_usize, 0, false, false);
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'[' | b'{' if !text => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn answer(line: &[u8]) -> Answer {
    match read(line) {
        Ok(Request { seq, hello, programs }) => Answer { seq: Some(seq), content: content(hello, programs) },
        Err(error) => {
            let request: Value = read(line).unwrap_or_default();
            Answer { seq: request["seq"].as_u64(), content: Content::ProtocolError(error.to_string()) }
        }
    }
}

fn content(hello: Option<Value>, programs: Option<Vec<Vec<Operation>>>) -> Content {
    match (hello, programs) {
        (None, Some(programs)) => Content::Observations(programs.into_iter().map(World::run).collect()),
        (Some(hello), None) if hello["protocol"] == 1 => Content::Hello(json!({
            "protocol": 1,
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "language": "rust",
            "capabilities": [
                "transitions", "collections", "outputs", "tasks", "kinds", "executors", "refs", "identity", "panics",
                "empty_data", "objects", "deep_scripts"
            ],
        })),
        _ => Content::ProtocolError("this adapter understands programs, and the hello of protocol 1".into()),
    }
}

fn main() -> io::Result<()> {
    let mut answers = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().split(b'\n') {
        serde_json::to_writer(&mut answers, &answer(&line?))?;
        answers.write_all(b"\n")?;
        answers.flush()?;
    }
    Ok(())
}
