//! Random messages and random edits: whatever comes, the server goes on, and knows of a text that
//! was edited step by step what it knows of the same text opened at once.
//!
//! `ECLEXIA_EDITS=10000 cargo test -p eclexia-tests lsp::random` makes so many edits; with
//! `ECLEXIA_SEED=7` others. Of more than [`SETTLED`] it is asked that memory does not grow.

use super::client::{Client, uri};
use eclexia_rt::effects::SplitMix64;
use serde_json::{Value, json};

/// A program with most of what the checker looks at.
const PROGRAM: &str = "; A shop.
(import std.deploy :all)
(defrecord Item {:name String :price (Q USD)})
(deftype Found [a] (One a) (None))
(defbudget team {:cpu 4cpu :memory 8GiB :cost 150USD/month})
(defn total \"The sum — in € or $, 𝒳.\" [items]
  (match items
    [Nil 0USD]
    [(Cons item rest) (+ (.price item) (total rest))]))
(defservice web {:image \"web:1\" :requires {:cpu 500mcpu :memory 512MiB}})
(defdeployment prod {:budget team :regions [aws/eu-north-1] :services [web]})
(defn main [world]
  (let [items [(Item {:name \"é\" :price 3USD})]]
    (print (str (total items)))))
";

/// Edits after which the server holds what it will hold.
const SETTLED: usize = 1000;

/// What edits put in.
const PIECES: [&str; 16] = [
    "(",
    ")",
    "[",
    "}",
    "\"",
    ";",
    "\n",
    " ",
    "x",
    "total",
    "4cpu",
    "{:name \"a\"}",
    "𝒳",
    "é",
    "\r\n",
    "(def y 1)\n",
];

fn below(random: &mut SplitMix64, n: usize) -> usize {
    (random.next_u64() % n.max(1) as u64) as usize
}

/// Line and character in UTF-16 of an offset.
fn place(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count();
    json!({"line": line, "character": before[start..].encode_utf16().count()})
}

/// An edit of the text, as the protocol has it. A `\r` is put in with its `\n` only, and neither is
/// taken alone, so that lines are what both sides count.
fn edit(text: &mut String, random: &mut SplitMix64) -> Value {
    let ends = |at: usize| {
        text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n'))
    };
    let near = |at: usize| (at..=text.len()).find(|at| ends(*at)).unwrap_or(text.len());
    let start = near(below(random, text.len() + 1));
    let end = match below(random, 3) {
        0 => near((start + below(random, 12)).min(text.len())),
        _ => start,
    };
    let piece = PIECES[below(random, PIECES.len())];
    let range = json!({"start": place(text, start), "end": place(text, end)});
    text.replace_range(start..end, piece);
    json!({"range": range, "text": piece})
}

/// What is known of a document: all that depends on its text.
fn known(client: &mut Client, uri: &str) -> Vec<Value> {
    let document = json!({"textDocument": {"uri": uri}});
    let end = json!({"line": 100_000, "character": 0});
    let whole = json!({"start": {"line": 0, "character": 0}, "end": end});
    let asked = [
        ("textDocument/diagnostic", json!({})),
        ("textDocument/semanticTokens/full", json!({})),
        ("textDocument/documentSymbol", json!({})),
        ("textDocument/foldingRange", json!({})),
        ("textDocument/inlayHint", json!({"range": whole})),
    ];
    let results = asked.into_iter().map(|(method, mut params)| {
        params["textDocument"] = document["textDocument"].clone();
        let mut result = client.ask(method, params).expect(method);
        if let Some(fields) = result.as_object_mut() {
            fields.remove("resultId");
        }
        // Related places name the document.
        let text = result.to_string().replace(uri, "file:///it.ecl");
        serde_json::from_str(&text).expect("JSON")
    });
    results.collect()
}

#[test]
fn what_is_known_after_random_edits_is_what_is_known_of_the_text() {
    let set = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let edits = set("ECLEXIA_EDITS").unwrap_or(40) as usize;
    let mut memory: Vec<u64> = Vec::new();
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("it is there");
    // Without planning, which is later than what is asked for.
    let mut client = Client::ready(&root, json!({"textDocument": {"diagnostic": {}}}));
    client.tell(
        "workspace/didChangeConfiguration",
        json!({"settings": {"eclexia": {"live": false}}}),
    );
    let edited = uri(&root.join("a/shop.ecl"));
    let mut text = PROGRAM.to_owned();
    client.open(&edited, &text);
    let mut random = SplitMix64(set("ECLEXIA_SEED").unwrap_or(6));
    for step in 0..edits {
        // Half of the edits are near a sound text, the others on top of what they broke.
        let mut changes = Vec::new();
        if below(&mut random, 4) == 0 {
            text = PROGRAM.to_owned();
            changes.push(json!({"text": text}));
        }
        changes.extend((0..=below(&mut random, 3)).map(|_| edit(&mut text, &mut random)));
        let document = json!({"uri": edited, "version": step + 2});
        client.tell(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": changes}),
        );
        if step % 8 == 7 {
            let fresh = uri(&root.join(format!("b{step}/shop.ecl")));
            client.open(&fresh, &text);
            assert_eq!(known(&mut client, &edited), known(&mut client, &fresh), "{text}");
            client.tell("textDocument/didClose", json!({"textDocument": {"uri": fresh}}));
        }
        if step % (SETTLED / 4) == SETTLED / 4 - 1 {
            memory.extend(client.memory());
        }
    }
    assert_eq!(client.shut_down(), Some(0));
    let (settled, later) = memory.split_at(memory.len().min(4));
    let most = |memory: &[u64]| memory.iter().copied().max().unwrap_or(0);
    assert!(most(later) <= most(settled) * 11 / 10, "MB after each 250 edits: {memory:?}");
}

/// Messages of a usual conversation.
fn usual(uri: &str) -> Vec<String> {
    let at = json!({"textDocument": {"uri": uri}, "position": {"line": 5, "character": 7}});
    let messages = [
        json!({"method": "textDocument/didOpen", "params": {"textDocument":
            {"uri": uri, "languageId": "eclexia", "version": 1, "text": PROGRAM}}}),
        json!({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": uri, "version": 2},
            "contentChanges": [{"range": {"start": at["position"], "end": at["position"]},
                "text": "x"}]}}),
        json!({"id": "h", "method": "textDocument/hover", "params": at}),
        json!({"id": "c", "method": "textDocument/completion", "params": at}),
        json!({"method": "$/cancelRequest", "params": {"id": "h"}}),
        json!({"id": 1, "result": null}),
        json!({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}}),
    ];
    let framed = |message: &Value| {
        let text = message.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    };
    messages.iter().map(framed).collect()
}

#[test]
fn random_bytes_between_messages_and_in_them_end_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("it is there");
    let mut client = Client::ready(&root, json!({}));
    let usual = usual(&uri(&root.join("a.ecl")));
    let mut random = SplitMix64(6);
    for _ in 0..300 {
        let mut bytes = usual[below(&mut random, usual.len())].clone().into_bytes();
        for _ in 0..below(&mut random, 4) {
            let at = below(&mut random, bytes.len());
            match below(&mut random, 4) {
                0 => bytes[at] = random.next_u64() as u8,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, b"{}[]\",:0\r\n"[below(&mut random, 10)]),
                _ => bytes.extend_from_slice(
                    &usual[below(&mut random, usual.len())].as_bytes()[..at.min(20)],
                ),
            }
        }
        // A length that got larger would swallow what comes next.
        client.raw(&bytes);
        client.raw(b"\r\n");
    }
    // So much that no length of the above is still open.
    client.raw(&b" \r\n".repeat(100_000));
    let found = client.ask("workspace/symbol", json!({"query": ""}));
    assert!(found.is_ok_and(|found| found.is_array()));
    assert_eq!(client.shut_down(), Some(0));
}
