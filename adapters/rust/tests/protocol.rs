//! What the adapter answers to lines that it cannot understand, and what it is made of.

use std::io::Write;
use std::process::{Command, Stdio};
use std::{fs, path::Path};

/// The answers to lines, from an adapter of their own.
fn answers(lines: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hsm-memory"));
    let mut adapter = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the adapter starts");
    adapter.stdin.take().expect("it has an input").write_all(lines.as_bytes()).expect("it reads");
    let output = adapter.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn answers_are_canonical() {
    let program =
        r#"[{"op":"new_registry"},{"op":"key","node":0},{"op":"state_machine_path","ref":{"path":[[1,"é\u0001<"]]}}]"#;
    let expected = r#"{"seq":3,"observations":[[{"ok":null},{"unbound":true},{"ok":[[1,"é\u0001<"]]}],[]]}"#;
    assert_eq!([expected], *answers(&format!("{{\"seq\":3,\"programs\":[{program},[]]}}\n")));
}

#[test]
fn what_cannot_be_understood_is_a_protocol_error_and_what_follows_is_answered() {
    let refused = [
        "",
        "nonsense",
        "[]",
        "{}",
        r#"{"seq":1}"#,
        r#"{"seq":1,"hello":{"protocol":2}}"#,
        r#"{"seq":1,"programs":3}"#,
        r#"{"seq":1,"programs":[[{"op":"key"}]]}"#,
        r#"{"seq":1,"programs":[[{"op":"dance"}]]}"#,
        r#"{"seq":1,"programs":[[{"op":"machine_transition","node":0,"script":{"ops":[{"op":"dance"}]}}]]}"#,
    ];
    let lines = format!("{}\n{}\n{{\"seq\":2,\"programs\":[]}}\n", refused.join("\n"), "[".repeat(100_000));
    let mut said = answers(&lines);
    assert_eq!(Some(r#"{"seq":2,"observations":[]}"#.to_owned()), said.pop());
    assert_eq!(refused.len() + 1, said.len());
    for (line, answer) in refused.iter().zip(&said) {
        let beginning = if line.contains("seq") { r#"{"seq":1,"protocol_error":""# } else { r#"{"protocol_error":""# };
        assert!(answer.starts_with(beginning), "{line}: {answer}");
    }
}

#[test]
fn the_implementation_has_at_most_400_lines() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = fs::read_dir(source.join("hsm")).expect("a folder").map(|entry| entry.expect("a file").path());
    let files = inside.chain([source.join("hsm.rs")]);
    let lines: usize = files.map(|file| fs::read_to_string(file).expect("source").lines().count()).sum();
    assert!((1..=400).contains(&lines), "{lines} lines");
}
