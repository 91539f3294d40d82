//! Instances of machine reassignment: read, judged, and refused with the number that is wrong.

use eclexia_formats::gunzip;
use eclexia_formats::reassign::{What, assignment, instance};
use eclexia_optimizer::reassign::{Broken, Effort, anneal};

/// A resource, two machines, two services, three processes.
const TEXT: &str =
    "1  1 10   2  0 0 30 16 0 1  0 1 12 8 1 0   2  2 0  1 1 0   3  0 12 100  0 10 10  1 6 1
    0  1 10 100";

#[test]
fn an_instance_is_read_and_judged() {
    let instance = instance(TEXT).expect("well-formed");
    let initial = assignment("0 1 0", &instance).expect("well-formed");
    let cost = instance.check(&initial, &initial).expect("allowed");
    assert_eq!((cost.load, cost.total()), (10 * (18 - 16) + 10 * (10 - 8), 40));
    assert_eq!(
        instance.check(&initial, &[0, 0, 0]),
        Err(Broken::Conflict { service: 0, machine: 0 })
    );
    let crowded = instance.check(&initial, &[1, 0, 1]);
    assert_eq!(crowded, Err(Broken::Capacity { machine: 1, resource: 0 }));
    assert_eq!(instance.check(&initial, &[0, 1]), Err(Broken::Length));
}

#[test]
fn bad_text_is_refused_with_the_number_that_is_wrong() {
    let what = |text: &str| instance(text).expect_err("refused").what;
    assert_eq!(what(""), What::Ends);
    assert_eq!(what("1 1 -5"), What::Number("-5".to_owned()));
    assert_eq!(what("99999999999999999999"), What::Number("99999999999999999999".to_owned()));
    assert_eq!(what("NaN"), What::Number("NaN".to_owned()));
    assert_eq!(what("1 0 1 1 3"), What::Unknown(3));
    assert_eq!(what(&format!("{TEXT} 7")), What::GoesOn);
    let heavy = TEXT.replace(" 10   2", " 1000000000000000   2").replace("30 16", "30000 1");
    assert_eq!(what(&heavy), What::Overflow);
    let good = instance(TEXT).expect("well-formed");
    assert_eq!(assignment("0 2 0", &good).expect_err("refused").what, What::Unknown(2));
    assert_eq!(assignment("0 1", &good).expect_err("refused").what, What::Ends);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "reads the challenge's instance where it is present")]
fn an_instance_of_the_challenge_comes_within_a_thousandth_of_the_best_known() {
    let folder = std::path::Path::new("/work/shared/placement/roadef2012");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let text = |name: &str| {
        let file = std::fs::File::open(folder.join(name)).expect("present");
        let bytes = gunzip(file, 1 << 20).expect("gzip").expect("small");
        String::from_utf8(bytes).expect("text")
    };
    let instance = instance(&text("model_a1_1.txt.gz")).expect("well-formed");
    let initial = assignment(&text("assignment_a1_1.txt.gz"), &instance).expect("well-formed");
    let found = anneal(&instance, &initial, 2, 1, &Effort::Moves(1_000_000)).expect("allowed");
    let best_known = 44_306_501;
    assert!(found.cost.total() <= best_known + best_known / 1000, "{:?}", found.cost);
}
