//! The questions of the page, asked of the same functions that it asks.

use super::*;

const HELLO: &str = include_str!("../../examples/hello.ecl");

fn ask(question: Value) -> Value {
    let ask = move || Playground::default().answer(&question.to_string());
    // As much stack as the command has: in a page the browser bounds it.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(ask);
    let answer = thread.expect("a thread begins").join().expect("it ends");
    serde_json::from_str(&answer).expect("an answer is JSON")
}

#[test]
fn a_mistake_is_found_where_it_is_and_its_fix_mends_it() {
    // The bow is two units of UTF-16 and four bytes.
    let text = "(module m)\n; 🎀\n(defn main [world] (prnt \"a\"))\n";
    let answer = ask(json!({"ask": "check", "text": text}));
    let found = &answer["found"][0];
    assert_eq!(found["code"], "unknown-name", "{answer}");
    let at = text.encode_utf16().count() - "prnt \"a\"))\n".len();
    assert_eq!(found["start"], at);
    assert_eq!((&found["line"], &found["column"]), (&json!(3), &json!(21)));
    let fix = &found["fixes"][0]["edits"][0];
    let mut mended: Vec<u16> = text.encode_utf16().collect();
    let [start, end] = ["start", "end"].map(|key| fix[key].as_u64().expect("a place") as usize);
    let replacement = fix["replacement"].as_str().expect("a text").encode_utf16();
    mended.splice(start..end, replacement);
    let mended = String::from_utf16(&mended).expect("a text");
    assert_eq!(ask(json!({"ask": "check", "text": mended}))["found"], json!([]), "{mended}");
}

#[test]
fn words_have_classes_and_do_not_overlap() {
    let answer = ask(json!({"ask": "check", "text": HELLO}));
    let words = answer["words"].as_array().expect("words");
    let text: Vec<u16> = HELLO.encode_utf16().collect();
    let mut last = 0;
    let mut classes = std::collections::BTreeMap::new();
    for word in words {
        let [start, end] = [0, 1].map(|i| word[i].as_u64().expect("an offset") as usize);
        assert!(last <= start && start < end && end <= text.len(), "{word}");
        last = end;
        let class = word[2].as_str().expect("a class");
        let word = String::from_utf16(&text[start..end]).expect("a text");
        classes.entry(word).or_insert(class.to_owned());
    }
    let class = |word: &str| classes.get(word).map(String::as_str);
    assert_eq!(class("defn"), Some("form"), "{classes:?}");
    assert_eq!(class("greeting"), Some("function"), "{classes:?}");
    assert_eq!(class("("), Some("bracket"), "{classes:?}");
    assert_eq!(class("GiB").or(class("MiB")), Some("unit"), "{classes:?}");
}

#[test]
fn a_program_prints_gives_a_value_and_its_tests_are_run() {
    let text = "(module m)\n\
        (defn main [world] (print \"one\") (+ 1 2))\n\
        (deftest \"holds\" (check (= 1 1)))\n(deftest \"does not\" (check (= 1 2)))\n";
    let answer = ask(json!({"ask": "run", "text": text}));
    assert_eq!(answer["found"], json!([]), "{answer}");
    assert_eq!(answer["main"]["printed"], "one\n");
    assert_eq!(answer["main"]["value"], "3");
    assert_eq!(answer["tests"][0]["is_passed"], true);
    assert_eq!(answer["tests"][1]["is_passed"], false);
    assert_eq!(answer["tests"][1]["found"][0]["code"], "check-failed");
}

#[test]
fn what_runs_away_is_stopped_by_steps_by_memory_and_by_depth() {
    let code = |text: &str| {
        let answer = ask(json!({"ask": "run", "text": text}));
        assert_eq!(answer["main"]["is_done"], false, "{answer}");
        answer["found"][0]["code"].as_str().unwrap_or_default().to_owned()
    };
    let forever = "(module m)\n(sig again (Fn [Int] Int))\n(defn again [n] (again (+ n 1)))\n\
        (defn main [world] (again 0))\n";
    assert_eq!(code(forever), "step-limit");
    let grows = "(module m)\n(sig more (Fn [(Vector Int)] Int))\n\
        (defn more [v] (more (vector-push v 1)))\n(defn main [world] (more []))\n";
    assert_eq!(code(grows), "memory-limit");
    let deep = "(module m)\n(sig deep (Fn [Int] Int))\n(defn deep [n] (+ 1 (deep n)))\n\
        (defn main [world] (deep 0))\n";
    assert_eq!(code(deep), "stack-exhausted");
}

#[test]
fn what_is_printed_is_kept_up_to_a_length() {
    let text = "(module m)\n(sig more (Fn [Int] Unit))\n(defn more [n]\n  \
        (if (= n 0) unit (do (print \"0123456789\") (more (- n 1)))))\n\
        (defn main [world] (more 100000))\n";
    let main = &ask(json!({"ask": "run", "text": text}))["main"];
    assert_eq!((&main["is_cut"], &main["is_done"]), (&json!(true), &json!(true)));
    let printed = main["printed"].as_str().expect("a text");
    assert!(printed.ends_with("9\n") && printed.len() <= world::MOST_PRINTED);
}

#[test]
fn a_plan_comes_with_its_report_graph_prices_and_reasons() {
    let budgets = include_str!("../../examples/budgets.ecl");
    let answer = ask(json!({"ask": "plan", "text": budgets}));
    assert_eq!(answer["deployments"], json!(["prod", "staging"]), "{answer}");
    let plan = &answer["plan"];
    assert_eq!(plan["deployment"], "prod");
    let part = |key: &str| plan[key].as_str().unwrap_or_default();
    assert!(part("text").contains("+ prod.node.aws/eu-north-1"), "{}", part("text"));
    assert!(part("report").starts_with("<!doctype html>"));
    assert!(part("graph").starts_with("<svg"));
    assert!(part("prices").contains("next step   raise to 179.58USD/month"), "{}", part("prices"));
    assert_eq!(plan["reasons"][1]["name"], "search");
    assert!(!part("report").contains("were different"));
    let whole = json!({"ask": "plan", "text": budgets, "deployment": "prod", "is_whole": true});
    let whole = ask(whole);
    let report = whole["plan"]["report"].as_str().unwrap_or_default();
    assert!(report.contains("<h2>If team.cost were different</h2>"));
    let other = json!({"ask": "plan", "text": budgets, "deployment": "staging"});
    assert_eq!(ask(other)["plan"]["deployment"], "staging");
}

#[test]
fn a_budget_that_allows_no_plan_is_a_diagnostic_with_a_place() {
    let text = include_str!("../../examples/budgets.ecl").replace("150USD/month", "50USD/month");
    let answer = ask(json!({"ask": "plan", "text": text}));
    assert_eq!(answer["plan"], Value::Null);
    assert_eq!(answer["found"][0]["severity"], "error");
    assert!(answer["found"][0]["start"].is_u64(), "{answer}");
}

#[test]
fn an_editor_completes_shows_and_lays_out() {
    let text = "(module m)\n(defn main [world] (prin";
    let offered = ask(json!({"ask": "complete", "text": text, "at": text.len()}));
    assert_eq!(offered["items"][0]["label"], "print", "{offered}");
    assert_eq!(offered["end"], text.len());
    let text = "(module m)\n(defn   twice [n] (* 2 n))";
    let at = text.find("twice").expect("it is there");
    let known = ask(json!({"ask": "hover", "text": text, "at": at}));
    assert_eq!(known["start"], at);
    assert!(known["code"].as_str().is_some_and(|code| code == "(sig twice (Fn [Int] Int))"));
    let laid_out = ask(json!({"ask": "format", "text": text}));
    assert_eq!(laid_out["text"], "(module m)\n(defn twice [n] (* 2 n))\n");
    assert_eq!(ask(json!({"ask": "format", "text": "(a"}))["text"], Value::Null);
    let page = ask(json!({"ask": "explain", "code": "unknown-name"}));
    assert!(page["page"].as_str().is_some_and(|page| page.contains("unknown-name")));
    assert!(ask(json!({"ask": "sing"}))["refused"].is_string());
}

#[test]
fn one_session_answers_as_a_new_one_does() {
    let mut kept = Playground::default();
    let texts = ["", HELLO, "(module m)\n(def a 1)\n", "(", HELLO];
    for text in texts {
        let question = json!({"ask": "check", "text": text});
        let answer: Value =
            serde_json::from_str(&kept.answer(&question.to_string())).expect("JSON");
        assert_eq!(answer, ask(question), "{text}");
    }
}
