//! The tables of docs/configuration.md, from the table of settings. A test holds the page to them.

use crate::environment::{Use, VARIABLES};
use crate::table::{FILES, Key, Kind};
use std::fmt::Write;

/// Everything that stands between the page's two marks.
pub fn tables() -> String {
    let mut text = String::new();
    for file in &FILES {
        let _ = write!(text, "## {}\n\n{}\n", file.name, file.about);
        for section in file.sections {
            let _ = write!(text, "\n### `{}`\n\n{}\n\n", section.heading(), section.about);
            text.push_str("| key | what it takes | default | meaning |\n|---|---|---|---|\n");
            for key in section.keys {
                let _ = writeln!(
                    text,
                    "| `{}` | {} | {} | {} |",
                    key.name,
                    cell(&key.kind.wanted()),
                    default(key),
                    cell(&meaning(key))
                );
            }
        }
        text.push('\n');
    }
    text.push_str("## Environment variables\n\n");
    text.push_str("| variable | without it | meaning |\n|---|---|---|\n");
    for variable in &VARIABLES {
        let secret = if variable.used == Use::Secret { "; never shown" } else { "" };
        let (name, default, about) = (variable.name, variable.default, variable.about);
        let _ = writeln!(text, "| `{name}` | {} | {}{secret} |", cell(default), cell(about));
    }
    text
}

fn default(key: &Key) -> String {
    match key.default {
        Some(default) => format!("`{default}`"),
        None => format!("none; as `{}`", key.example),
    }
}

fn meaning(key: &Key) -> String {
    match key.kind {
        Kind::Word(words) => {
            let each = words.iter().map(|(word, means)| format!("`{word}`: {means}"));
            format!("{}. {}", key.about, each.collect::<Vec<_>>().join("; "))
        }
        _ => key.about.to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
