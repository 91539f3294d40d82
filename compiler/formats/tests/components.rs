//! The reader of applications: every type of restriction, and what is refused. With the benchmark
//! data at hand, every published optimum of SAGE, proved.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the benchmark's files, and says so where they are missing"
)]

use eclexia_formats::components::{Fault, Named, read};
use eclexia_optimizer::components::{End, check, solve};
use eclexia_optimizer::mip::Stop;
use std::path::Path;

const OFFERS: &str = r#"{
    "one": {"cpu": 1, "memory": 1, "storage": 1, "price": 10},
    "two": {"cpu": 2, "memory": 2, "storage": 2, "price": 15}
}"#;

/// Components `a`, `b` and `c` of one unit each, under these restrictions.
fn application(restrictions: &str) -> String {
    let needs = r#""Restrictions": {"CPU": 1, "Memory": 0.5, "Storage": 1}"#;
    let component = |name: &str| format!(r#"{{"Name": "{name}", {needs}}}"#);
    let all = ["a ", "b", "c"].map(component).join(", ");
    format!(r#"{{"Components": [{all}], "Restrictions": [{restrictions}]}}"#)
}

/// The least price; none where no machines will do.
fn price(named: &Named) -> Option<i64> {
    let found = solve(&named.instance, &Stop { work: 1 << 34, stop: None }).expect("it is small");
    let (machines, price) = found.best?;
    assert_eq!((found.end, found.bound), (End::Optimal, Some(price)));
    assert_eq!(check(&named.instance, &machines), Ok(price));
    Some(price)
}

fn cost(restrictions: &str) -> Option<i64> {
    price(&read(&application(restrictions), OFFERS, &[]).expect("well-formed"))
}

#[test]
fn every_type_of_restriction_means_what_it_says() {
    let pair = r#""AlphaComponent": "a", "BetaComponent": "b""#;
    let provide = r#""RequireComponent": "a", "ProvideComponent": "b""#;
    let all = r#"{"Type": "Conflict", "AlphaComponent": "a", "Components": ["b", "c"]},
        {"Type": "Conflict", "AlphaComponent": "b", "Components": ["c"]}"#;
    assert_eq!(cost(""), Some(25));
    assert_eq!(cost(all), Some(30));
    assert_eq!(cost(r#"{"Type": "Colocation", "Components": ["a", "b", "c"]}"#), None);
    assert_eq!(cost(&format!(r#"{{"Type": "OneToOneDependency", {pair}}}, {all}"#)), None);
    assert_eq!(cost(r#"{"Type": "FullDeployment", "Components": ["a"]}"#), Some(30));
    let besides = r#"{"Type": "FullDeployment", "Components": ["a"], "Conflicts": ["c"]}"#;
    assert_eq!(cost(besides), Some(25));
    assert_eq!(cost(r#"{"Type": "ExclusiveDeployment", "Components": ["a", "b"]}"#), Some(15));
    assert_eq!(cost(&format!(r#"{{"Type": "AlternativeComponents", {pair}}}"#)), Some(15));
    let bound = |kind: &str| format!(r#"{{"Type": "{kind}", "Components": ["a"], "Bound": 3}}"#);
    assert_eq!(cost(&bound("LowerBound")), Some(40));
    assert_eq!(cost(&bound("UpperBound")), Some(25));
    assert_eq!(cost(&bound("EqualBound")), Some(40));
    let range = r#"{"Type": "RangeBound", "Components": ["a"], "LowerBound": 3, "UpperBound": 4}"#;
    assert_eq!(cost(range), Some(40));
    let needs = format!(
        r#"{{"Type": "RequireProvide", {provide}, "RequireInstances": 2, "ProvideInstances": 1}}"#
    );
    assert_eq!(cost(&needs), Some(30));
    let few = format!(r#"{{"Type": "BoundedRequireProvide", {provide}, "ProvideInstances": 2}}"#);
    assert_eq!(cost(&few), Some(25));
    let both = format!(r#"{few}, {{"Type": "LowerBound", "Components": ["b"], "Bound": 2}}"#);
    assert_eq!(cost(&both), Some(45));
    let many = format!(r#"{{"Type": "OneToManyDependency", {pair}, "Number": 1}}"#);
    assert_eq!(cost(&many), Some(30));
    let same = format!(r#"{{"Type": "ManyToManyDependency", {pair}, "Sign": "="}}, {range}"#);
    assert_eq!(cost(&same), Some(55));
}

#[test]
fn instances_that_are_asked_for_are_there() {
    let read = |name: &str, n| read(&application(""), OFFERS, &[(name.to_owned(), n)]);
    assert_eq!(read("a", 3).map(|named| price(&named)), Ok(Some(40)));
    assert_eq!(read("d", 3).map(|_| ()), Err(Fault::Name("d".to_owned())));
}

#[test]
fn bad_input_is_refused() {
    let fault = |restrictions: &str| read(&application(restrictions), OFFERS, &[]).map(|_| ());
    assert!(matches!(fault("{"), Err(Fault::Json(_))));
    let unknown = Err(Fault::Type("Colocated".to_owned()));
    assert_eq!(fault(r#"{"Type": "Colocated", "Components": ["a"]}"#), unknown);
    let lacks = Fault::Field { kind: "LowerBound".to_owned(), field: "Bound" };
    assert_eq!(fault(r#"{"Type": "LowerBound", "Components": ["a"]}"#), Err(lacks));
    let name = Err(Fault::Name("d".to_owned()));
    assert_eq!(fault(r#"{"Type": "Colocation", "Components": ["a", "d"]}"#), name);
    let negative = r#"{"Type": "LowerBound", "Components": ["a"], "Bound": -1}"#;
    assert!(matches!(fault(negative), Err(Fault::Number { .. })));
    let twice = application("").replace("\"b\"", "\"a\"");
    assert_eq!(read(&twice, OFFERS, &[]).map(|_| ()), Err(Fault::Twice("a".to_owned())));
    let dear = OFFERS.replace("15", "1e300");
    assert!(matches!(read(&application(""), &dear, &[]), Err(Fault::Number { .. })));
}

#[test]
fn published_optima_are_reproduced_and_proved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/placement/sage");
    let Ok(published) = std::fs::read_to_string(folder.join("published.csv")) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let text = |name: String| std::fs::read_to_string(folder.join(name)).expect("it is published");
    for line in published.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let least: u32 = fields[1].parse().expect("a number");
        let asked = [("Wordpress".to_owned(), least)];
        let asked = if least > 0 { &asked[..] } else { &[] };
        let (app, offers) = (format!("{}.json", fields[0]), format!("offers_{}.json", fields[2]));
        let named = read(&text(app), &text(offers), asked).expect("well-formed");
        assert_eq!(price(&named).map(|p| p.to_string()).as_deref(), Some(fields[3]), "{line}");
    }
}
