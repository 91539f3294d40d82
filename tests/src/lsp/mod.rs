//! The language server, as clients see it: `tests/lsp/*.md` are conversations, one to a page.
//!
//! A block `ecl file=NAME` is a file of the project; a block `talk` is a conversation. A line of it
//! begins with what it is:
//!
//! | Line | Says |
//! |---|---|
//! | `> METHOD JSON` | a request; the lines after it say what it gives |
//! | `= JSON` | its result holds this: objects may hold more, arrays as many |
//! | `! CODE` | it fails, with this code |
//! | `>> METHOD JSON` | a notification |
//! | `<< METHOD JSON` | a message with such parameters comes from the server |
//! | `raw TEXT` | bytes, with `\r` and `\n` |
//! | `exit CODE` | the input ends, and the server with this code |
//!
//! `$URI` is the address of the project's folder, `$TEXT(NAME)` the text of a file as JSON. A line
//! that is indented goes on from the one before.

mod client;
mod editors;
mod random;

use crate::readers::blocks::blocks;
use crate::readers::texts;
use client::{Client, uri};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn conversations_go_as_the_pages_say() {
    let pages = texts("tests/lsp", ".md");
    assert!(pages.len() > 1, "there are pages");
    // Most of the time one waits for the server.
    std::thread::scope(|scope| {
        for (page, text) in &pages {
            scope.spawn(|| talk(page, text));
        }
    });
}

fn talk(page: &str, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("it is there");
    let mut files = BTreeMap::new();
    for block in blocks(text) {
        if let Some(name) = block.file {
            let path = root.join(&name);
            std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("made");
            std::fs::write(path, &block.text).expect("written");
            files.insert(name, block.text);
        } else if block.language == "talk" {
            let mut talk = Talk { client: Some(Client::start(&root)), asked: None };
            for line in joined(&block.text) {
                let line = filled(&line, &root, &files);
                talk.line(&line).unwrap_or_else(|why| panic!("{page}: {why}\n  at {line}"));
            }
        }
    }
}

/// Lines with those that go on from them.
fn joined(block: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        match lines.last_mut().filter(|_| line.starts_with(' ')) {
            Some(last) => last.push_str(line.trim_start()),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn filled(line: &str, root: &Path, files: &BTreeMap<String, String>) -> String {
    let mut line = line.replace("$URI", &uri(root));
    for (name, text) in files {
        line = line.replace(&format!("$TEXT({name})"), &json!(text).to_string());
    }
    line
}

struct Talk {
    client: Option<Client>,
    /// The last request.
    asked: Option<i64>,
}

impl Talk {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let client = self.client.as_mut().ok_or("the server has ended")?;
        match word {
            ">" | ">>" => {
                let (method, params) = rest.split_once(' ').unwrap_or((rest, "null"));
                let params = parsed(params)?;
                match word {
                    ">" => self.asked = Some(client.post(method, params)),
                    _ => client.tell(method, params),
                }
            }
            "=" => {
                let expected = parsed(rest)?;
                let id = self.asked.take().ok_or("nothing was asked")?;
                let result = client.answer(id).map_err(|error| format!("it failed: {error}"))?;
                holds(&result, &expected).map_err(|why| format!("{why}\nin {result}"))?;
            }
            "!" => {
                let id = self.asked.take().ok_or("nothing was asked")?;
                let error = client.answer(id).err().ok_or("it has not failed")?;
                holds(&error["code"], &parsed(rest)?)?;
            }
            "<<" => {
                let (method, params) = rest.split_once(' ').unwrap_or((rest, "null"));
                let params = parsed(params)?;
                client.wait(rest, |message| {
                    let is_it = message["method"] == method
                        || (method == "error" && message.get("error").is_some());
                    let of = message.get("error").unwrap_or(&message["params"]);
                    is_it && (params.is_null() || holds(of, &params).is_ok())
                });
            }
            "raw" => {
                client.raw(rest.replace("\\r", "\r").replace("\\n", "\n").as_bytes());
            }
            "exit" => {
                let code = self.client.take().and_then(Client::end);
                if code.map(|code| code.to_string()).as_deref() != Some(rest) {
                    return Err(format!("it ended with {code:?}"));
                }
            }
            _ => return Err("no line begins like this".to_owned()),
        }
        Ok(())
    }
}

fn parsed(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

/// Whether a value holds what is expected, and where it does not.
fn holds(value: &Value, expected: &Value) -> Result<(), String> {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => {
            for (key, expected) in expected {
                let there = value.get(key).unwrap_or(&Value::Null);
                holds(there, expected).map_err(|why| format!("{key}: {why}"))?;
            }
            Ok(())
        }
        (Value::Array(value), Value::Array(expected)) if value.len() == expected.len() => {
            for (i, (value, expected)) in value.iter().zip(expected).enumerate() {
                holds(value, expected).map_err(|why| format!("{i}: {why}"))?;
            }
            Ok(())
        }
        // A text between stars is somewhere in the value.
        (Value::String(value), Value::String(expected)) => {
            let part = expected.strip_prefix('*').and_then(|e| e.strip_suffix('*'));
            match part.map_or(value == expected, |part| value.contains(part)) {
                true => Ok(()),
                false => Err(format!("{value:?} is not {expected:?}")),
            }
        }
        _ if value == expected => Ok(()),
        _ => Err(format!("{value} is not {expected}")),
    }
}
