//! Live results of small programs, as text.

use super::*;
use eclexia_db::Workspace;
use std::sync::atomic::{AtomicUsize, Ordering};

const SHOP: &str = r#"(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 8GiB :cost 150USD/month})

(defservice web
  {:image    "web:1"
   :replicas (between 2 6)
   :demand   250req/s
   :provides {:throughput 90req/s}
   :requires {:cpu 500mcpu :memory 512MiB}})

(defservice search
  {:image "search:3"
   :variants
   [(variant "full" {:requires {:cpu 2cpu :memory 4GiB}})
    (variant "lean" {:requires {:cpu 1cpu :memory 2GiB} :penalty 70USD/month})]})

(defdeployment prod
  {:budget team :regions [aws/eu-north-1] :services [web search]})
"#;

fn analysis(text: &str) -> std::sync::Arc<Analysis> {
    let mut workspace = Workspace::new(Box::new(Embedded));
    workspace.set("shop", "shop.ecl", text.into());
    workspace.analysis()
}

fn never() -> Interrupt {
    Arc::new(|| false)
}

fn of(text: &str, plans: &mut Plans) -> Live {
    live(&analysis(text), &Strategies::new(), plans, &never()).expect("nobody stops it")
}

/// Each hint behind what it stands beside.
fn hints(file: &LiveFile) -> Vec<String> {
    let hint = |hint: &Hint| {
        let at = hint.at.start as usize..hint.at.end as usize;
        format!("{} ⟶ {}", &file.text[at], hint.text)
    };
    file.hints.iter().map(hint).collect()
}

#[test]
fn choices_and_prices_stand_beside_what_they_are_of() {
    let live = of(SHOP, &mut Plans::default());
    assert!(live.found.is_empty(), "{:?}", live.found);
    let file = &live.files["shop.ecl"];
    let [lens] = &file.lenses[..] else { panic!("one lens: {:?}", file.lenses) };
    assert_eq!(&SHOP[lens.at.start as usize..lens.at.end as usize], "prod");
    assert!(lens.text.contains("USD/month · ") && lens.text.contains(" · cpu ▰▰▰▰▰ 3.5 of 4cpu"));
    let expected = [
        "4cpu ⟶ 0.5cpu left",
        "8GiB ⟶ 2.5GiB left",
        "150USD/month ⟶ 30.28USD/month left",
        "(between 2 6) ⟶ 3 replicas",
        "(variant \"full\" {:requires {:cpu 2cpu :memory 4GiB}}) ⟶ chosen",
    ];
    assert_eq!(hints(file), expected);
    assert!(file.limits[0].text.contains("sell price"), "{}", file.limits[0].text);
}

#[test]
fn a_limit_that_holds_the_plan_back_has_its_price_beside_it() {
    let tight = SHOP.replace("{:cpu 4cpu", "{:cpu 3cpu");
    let live = of(&tight, &mut Plans::default());
    let hints = hints(&live.files["shop.ecl"]);
    assert!(hints[0].starts_with("3cpu ⟶ ") && hints[0].contains(" saves "), "{}", hints[0]);
    assert!(hints.iter().any(|hint| hint.starts_with("(variant \"lean\"")), "{hints:?}");
}

#[test]
fn a_deployment_without_a_plan_says_so_in_place() {
    let broke = SHOP.replace("150USD/month", "1USD/month");
    let live = of(&broke, &mut Plans::default());
    assert_eq!(live.found.iter().map(|f| f.code).collect::<Vec<_>>(), ["infeasible-placement"]);
    assert!(!live.files["shop.ecl"].lenses[0].is_planned);
    // More than there is at all is told before planning.
    let live = of(&SHOP.replace("{:cpu 4cpu", "{:cpu 1cpu"), &mut Plans::default());
    assert_eq!(live.found.iter().map(|f| f.code).collect::<Vec<_>>(), ["budget-overspent"]);
}

#[test]
fn what_has_not_changed_is_not_planned_again() {
    let mut plans = Plans::default();
    let first = of(SHOP, &mut plans);
    let moved = of(&format!("; a comment\n{SHOP}"), &mut plans);
    let plan = |live: &Live| live.planned[0].plan.clone().expect("a plan");
    assert!(Arc::ptr_eq(&plan(&first), &plan(&moved)));
    let other = of(&SHOP.replace("250req/s", "400req/s"), &mut plans);
    assert!(!Arc::ptr_eq(&plan(&first), &plan(&other)));
}

#[test]
fn what_has_no_plan_is_not_planned_again_and_says_why_where_it_now_stands() {
    let mut plans = Plans::default();
    let broke = SHOP.replace("150USD/month", "1USD/month");
    let first = of(&broke, &mut plans);
    // Planning would be interrupted.
    let moved = format!("; a comment\n{broke}");
    let stopped = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&stopped);
    // Asked once for the file and once for the deployment; a planner would ask again.
    let interrupt: Interrupt = Arc::new(move || seen.fetch_add(1, Ordering::Relaxed) >= 2);
    let again = live(&analysis(&moved), &Strategies::new(), &mut plans, &interrupt);
    let again = again.expect("nothing is planned");
    let place = |live: &Live| live.found.iter().next().and_then(|d| d.primary.clone());
    let (old, new) = (place(&first).expect("a place"), place(&again).expect("a place"));
    assert_eq!(new.span.start, old.span.start + "; a comment\n".len() as u32);
    assert_eq!(stopped.load(Ordering::Relaxed), 2);
}

#[test]
fn a_plan_under_way_is_interrupted() {
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    // For the file, and for the deployment; then within its plan.
    let interrupt: Interrupt = Arc::new(move || seen.fetch_add(1, Ordering::Relaxed) >= 2);
    let found = live(&analysis(SHOP), &Strategies::new(), &mut Plans::default(), &interrupt);
    assert!(found.is_none() && asked.load(Ordering::Relaxed) > 3);
}

#[test]
fn a_newer_edit_stops_it_and_mistakes_leave_it_out() {
    let analysis = analysis(SHOP);
    assert!(
        live(
            &analysis,
            &Strategies::new(),
            &mut Plans::default(),
            &(Arc::new(|| true) as Interrupt)
        )
        .is_none()
    );
    let mut workspace = Workspace::new(Box::new(Embedded));
    workspace.set("shop", "shop.ecl", format!("(import words)\n{SHOP}").into());
    workspace.set("words", "words.ecl", "(def a b)".into());
    let broken = workspace.analysis();
    let found = live(&broken, &Strategies::new(), &mut Plans::default(), &never());
    assert!(found.is_some_and(|live| live.planned.is_empty() && live.found.is_empty()));
}

#[test]
fn results_move_with_the_lines_that_they_are_of() {
    let live = of(SHOP, &mut Plans::default());
    let file = &live.files["shop.ecl"];
    let edited = SHOP.replace("(defservice search", "; more\n(defservice search");
    let moved = file.moved(&edited);
    assert_eq!(hints(&moved), hints(file));
    assert_eq!(&edited[moved.lenses[0].at.start as usize..][..4], "prod");
    // What was edited itself waits for the next plan.
    let moved = file.moved(&SHOP.replace("4cpu", "40cpu"));
    assert_eq!(hints(&moved), hints(file)[1..]);
    assert_eq!(file.moved("").hints, []);
}

#[test]
fn what_is_left_of_a_budget_stands_behind_what_takes_from_it() {
    let text = r#"(defn main [world]
  (let [team (budget {:cpu 4cpu :memory 2GiB})
        (Pair web rest) (split team {:cpu 3cpu})
        last (spend rest {:cpu 1cpu :memory 1GiB})]
    (release web)
    (release last)))
"#;
    let analysis = analysis(text);
    assert!(analysis.found.is_empty(), "{:?}", analysis.found);
    let file = analysis.file("shop.ecl").expect("it is there");
    let shown = left(&analysis, file).into_iter().map(|hint| {
        let at = hint.at.start as usize..hint.at.end as usize;
        format!("{} {}", &text[at], hint.text)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "(split team {:cpu 3cpu}) leaves cpu 1cpu, memory 2GiB",
            "(spend rest {:cpu 1cpu :memory 1GiB}) leaves memory 1GiB",
        ]
    );
}
