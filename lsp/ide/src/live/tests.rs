//! Live results of small programs, as text.

use super::*;
use eclexia_db::Workspace;

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
   [(variant "full" {:requires {:cpu 2cpu :memory 4GiB} :provides {:latency 20ms}})
    (variant "lean" {:requires {:cpu 1cpu :memory 2GiB} :penalty 70USD/month})]})

(defdeployment prod
  {:budget team :regions [aws/eu-north-1] :services [web search]})
"#;

fn analysis(text: &str) -> std::sync::Arc<Analysis> {
    let mut workspace = Workspace::new(Box::new(Embedded));
    workspace.set("shop", "shop.ecl", text.into());
    workspace.analysis()
}

fn of(text: &str, plans: &mut Plans) -> Live {
    live(&analysis(text), &Strategies::new(), plans, &|| false).expect("nobody stops it")
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
    insta(&[lens.text.clone()], &hints(file));
}

fn insta(_: &[String], hints: &[String]) {
    assert_eq!(hints, [""; 0]);
}
