//! Answers to questions: what the kernel is, what a cell may be completed to, what a name means,
//! what the cells before were. Places in cells come and go as counts of characters.

use super::asked::Answer;
use super::kernel::{Cell, Kernel};
use super::message::{Request, VERSION};
use crate::repl::{Conversation, Indexed, Known, is_complete, start_of_name, with_commands};
use eclexia_base::FileId;
use serde_json::{Value, json};
use std::sync::Arc;

/// Candidates of one answer.
const MOST_COMPLETIONS: usize = 1_000;

/// What a request failed with.
pub fn failed(mut wrong: Value) -> Value {
    wrong["status"] = "error".into();
    wrong
}

/// The answer to a request that is not about what cells have defined. What comes from the other
/// side and is no request has none.
pub fn of(kernel: &Kernel, request: &Request) -> Option<Answer> {
    let name = request.kind.strip_suffix("_request")?;
    let content = match name {
        "kernel_info" => kernel_info(),
        "is_complete" => completeness(request.text("code")),
        "history" => history(&kernel.notebook().cells, request),
        // Widgets: there are none.
        "comm_info" => json!({"status": "ok", "comms": {}}),
        "complete" | "inspect" | "execute" => return None,
        other => {
            let text = format!("this kernel does not know `{other}` requests");
            failed(json!({"ename": "unknown-request", "evalue": text, "traceback": [text]}))
        }
    };
    Some((format!("{name}_reply"), content))
}

/// The answer to a request about names.
pub fn about(talk: &Conversation, request: &Request) -> Option<Answer> {
    let code = request.text("code");
    let asked = request.number("cursor_pos").and_then(|n| usize::try_from(n).ok());
    let at = asked.map_or(code.len(), |n| byte_at(code, n));
    match request.kind.as_str() {
        "complete_request" => Some(("complete_reply".to_owned(), complete(talk, code, at))),
        "inspect_request" => Some(("inspect_reply".to_owned(), inspect(talk, code, at))),
        _ => None,
    }
}

/// The place behind so many characters, at most the end.
fn byte_at(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

fn kernel_info() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "status": "ok",
        "protocol_version": VERSION,
        "implementation": "eclexia",
        "implementation_version": version,
        "language_info": {
            "name": "eclexia",
            "version": version,
            "mimetype": "text/x-eclexia",
            "file_extension": ".ecl",
            // What colours programs of a language with the same brackets, strings and keywords.
            "pygments_lexer": "clojure",
            "codemirror_mode": "clojure",
        },
        "banner": format!("Eclexia {version}. `:help` lists the commands."),
        "debugger": false,
        "help_links": [],
    })
}

fn completeness(code: &str) -> Value {
    if !is_complete(code) {
        return json!({"status": "incomplete", "indent": "  "});
    }
    let (_, found) = eclexia_syntax::read(FileId(0), code);
    let is_command = crate::repl::is_command(code);
    json!({"status": if is_command || !found.has_errors() { "complete" } else { "invalid" }})
}

fn complete(talk: &Conversation, code: &str, at: usize) -> Value {
    let head = &code[..at];
    let start = start_of_name(head);
    let written = &head[start..];
    let names = match head[..start].lines().next_back().unwrap_or_default().trim() {
        // Commands begin a line.
        "" => with_commands(talk.names()),
        _ => talk.names(),
    };
    let matching = names.iter().filter(|known| known.name.starts_with(written));
    let matching: Vec<&Known> = matching.take(MOST_COMPLETIONS).collect();
    let (start, end) = (head[..start].chars().count(), head.chars().count());
    let typed = |known: &&Known| {
        json!({
            "text": known.name,
            "type": known.kind,
            "signature": known.ty,
            "start": start,
            "end": end,
        })
    };
    let types: Vec<Value> = matching.iter().map(typed).collect();
    let names: Vec<&str> = matching.iter().map(|known| known.name.as_str()).collect();
    json!({
        "status": "ok",
        "matches": names,
        "cursor_start": start,
        "cursor_end": end,
        // What JupyterLab shows beside names.
        "metadata": {"_jupyter_types_experimental": types},
    })
}

fn inspect(talk: &Conversation, code: &str, at: usize) -> Value {
    let index = talk.index();
    let named = |name: &str| index.iter().find(|it| it.known.name == name);
    // What has no name, a number or nothing at all, is a question about the form around it.
    let Some(it) = named(name_at(code, at)).or_else(|| named(head_at(code, at))) else {
        return json!({"status": "ok", "found": false, "data": {}, "metadata": {}});
    };
    let data = json!({"text/plain": plain(it), "text/markdown": markdown(it)});
    json!({"status": "ok", "found": true, "data": data, "metadata": {}})
}

/// The name around a place.
fn name_at(code: &str, at: usize) -> &str {
    let start = start_of_name(&code[..at]);
    let rest = &code[start..];
    let end = rest.find(|c| start_of_name(&format!("x{c}")) != 0).unwrap_or(rest.len());
    &rest[..end]
}

/// The first name of the form around a place.
fn head_at(code: &str, at: usize) -> &str {
    let mut closed = 0;
    for (i, c) in code[..at].char_indices().rev() {
        match c {
            ')' => closed += 1,
            '(' if closed > 0 => closed -= 1,
            '(' => return name_at(code, i + 1),
            _ => {}
        }
    }
    ""
}

fn head(it: &Indexed) -> String {
    match it.known.ty.as_str() {
        "" => format!("{}  {}", it.known.name, it.known.kind),
        ty => format!("{} : {ty}", it.known.name),
    }
}

fn plain(it: &Arc<Indexed>) -> String {
    let place = match it.module.as_str() {
        "" => String::new(),
        _ => format!("\n{}:{}", it.file, it.line),
    };
    format!("{}\n{}{place}", head(it), it.doc).trim_end().to_owned()
}

fn markdown(it: &Arc<Indexed>) -> String {
    format!("```eclexia\n{}\n```\n\n{}\n", head(it), it.doc)
}

/// Cells by how many from the end, by their counts, or by a pattern.
fn history(cells: &[Cell], request: &Request) -> Value {
    let most = request.number("n").and_then(|n| usize::try_from(n).ok()).unwrap_or(cells.len());
    let last = |found: Vec<&Cell>| found.len().saturating_sub(most);
    let found: Vec<&Cell> = match request.text("hist_access_type") {
        "range" => {
            // This kernel is the first and only session; 0 is the one that goes on.
            let is_here = matches!(request.number("session"), None | Some(0 | 1));
            let bound = |name, otherwise: u64| {
                request.number(name).map_or(otherwise, |n| u64::try_from(n).unwrap_or(0))
            };
            let counts = bound("start", 0)..bound("stop", u64::MAX);
            cells.iter().filter(|cell| is_here && counts.contains(&cell.count)).collect()
        }
        "search" => {
            let pattern: Vec<char> = request.text("pattern").chars().collect();
            let mut found: Vec<&Cell> =
                cells.iter().filter(|cell| matches(&pattern, &cell.code)).collect();
            if request.is("unique", false) {
                let newest = |at: usize| found[at + 1..].iter().all(|c| c.code != found[at].code);
                let kept: Vec<&Cell> =
                    (0..found.len()).filter(|at| newest(*at)).map(|at| found[at]).collect();
                found = kept;
            }
            let from = last(found.clone());
            found.split_off(from)
        }
        _ => {
            let mut found: Vec<&Cell> = cells.iter().collect();
            let from = last(found.clone());
            found.split_off(from)
        }
    };
    let with_output = request.is("output", false);
    let entry = |cell: &&Cell| match with_output {
        true => json!([1, cell.count, [cell.code, cell.shown]]),
        false => json!([1, cell.count, cell.code]),
    };
    json!({"status": "ok", "history": found.iter().map(entry).collect::<Vec<Value>>()})
}

/// Whether a text is as a pattern says, in which `*` is any text and `?` any character.
fn matches(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // The last star, and where what it stands for ended.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                None => return false,
                Some((at, end)) => {
                    *end += 1;
                    (p, t) = (*at + 1, *end);
                }
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_stars_and_question_marks() {
        let matches = |pattern: &str, text| matches(&pattern.chars().collect::<Vec<_>>(), text);
        for (pattern, text) in
            [("*", ""), ("a*", "abc"), ("*b?", "abc"), ("a*c*", "abcacd"), ("?é", "aé")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("a*d", "abc"), ("?", ""), ("b*", "ab")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_place_has_a_name_and_a_form_around_it() {
        let code = "(list/map (fn [é] (inc é)) xs)";
        let at = |text: &str| code.find(text).unwrap_or_default();
        assert_eq!(name_at(code, at("map")), "list/map");
        assert_eq!(name_at(code, at("inc") + 3), "inc");
        assert_eq!(name_at(code, at(" é))") + 1), "é");
        assert_eq!(head_at(code, at(" é))") + 1), "inc");
        assert_eq!(head_at(code, at("xs")), "list/map");
        assert_eq!((name_at("( ", 2), head_at("( ", 2), name_at("", 0)), ("", "", ""));
    }
}
