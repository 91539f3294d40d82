//! Why, why not, what if.

use crate::fixture::*;
use eclexia_base::unit::UnitTable;
use eclexia_model::*;
use eclexia_plan::explain::Outcome;
use eclexia_plan::{Edit, plan, what_if, why, why_not};

fn store_and_plan() -> (Deployment, Plan) {
    let dep = store();
    let (made, _) = plan(&dep, "shop", None, &Places);
    (dep, made.expect("a plan"))
}

fn edit(text: &str) -> Result<Edit, String> {
    Edit::parse(text, UnitTable::language()).map_err(|d| d.message)
}

#[test]
fn why_adds_up_to_the_objective() {
    let (dep, made) = store_and_plan();
    let all = ["api", "db"].map(|name| why(&dep, &made, name).expect("a service"));
    let sum: eclexia_base::Rational =
        all.iter().flat_map(|w| w.terms.iter().map(|(_, rate)| rate.0.clone())).sum();
    assert_eq!(sum, made.totals.objective.0);
    println!("{}{}", all[0], all[1]);
    let unknown = why(&dep, &made, "apj").expect_err("no such service");
    assert_eq!(unknown.help.as_deref(), Some("Did you mean `api`?"));
}

#[test]
fn why_not_gives_the_difference_or_the_rules_against() {
    let mut dep = store();
    dep.limits[2] = limit(Metric::Cost, 600, 4);
    let made = plan(&dep, "shop", None, &Places).0.expect("a plan");
    for choice in ["small", "far", "large"] {
        let answer = why_not(&dep, &made, "api", choice).expect("a choice");
        println!("{answer}");
        let Outcome::Costs { difference, .. } = answer.outcome else {
            panic!("{choice}: {:?}", answer.outcome)
        };
        assert!(difference > Exact::int(0), "{choice}");
    }
    let same = why_not(&dep, &made, "api", "fast").expect("a choice");
    assert_eq!(same.outcome, Outcome::Chosen);
    dep.services[0].max_latency = Some(Exact::ratio(50, 1000));
    let answer = why_not(&dep, &made, "api", "far").expect("a choice");
    println!("{answer}");
    let Outcome::Forbidden(members) = answer.outcome else { panic!("{:?}", answer.outcome) };
    assert!(members.iter().any(|m| m.text == "`api` answers within 50ms"), "{members:?}");
}

#[test]
fn what_if_plans_the_edited_deployment() {
    let (dep, made) = store_and_plan();
    let ask = |text: &str| what_if(&dep, &made, &edit(text).expect("an edit"), &Places);
    let same = ask("team.memory += 4GiB").expect("an answer");
    assert!(same.plan.expect("a plan").steps.is_empty());
    let more = ask("api.replicas = 5").expect("an answer");
    println!("{more}");
    assert!(more.difference.expect("a plan") > Exact::int(0));
    let less = ask("team.cost -= 250USD/month").expect("an answer");
    assert!(less.plan.is_none() && less.found.has_errors());
    for (text, why) in [
        ("team.memory += 4cpu", "`memory` is an amount in byte"),
        ("api.replicas = 2.5", "the count would be no whole number above 0"),
        ("api.replicas -= 9", "the amount would be below 0"),
    ] {
        let refused = ask(text).err().expect("a refusal");
        assert!(refused.message.ends_with(why), "{}", refused.message);
    }
    assert!(edit("team.memory").is_err_and(|m| m.contains("it has no `=`")));
    assert!(edit("team.memory = 4xyz").is_err_and(|m| m.contains("`xyz` is no unit")));
    assert!(edit("memory = 4GiB").is_err_and(|m| m.contains("has no `.`")));
    let thousand = edit("api.replicas=1e3").and_then(|e| e.apply(&dep).map_err(|d| d.message));
    assert!(thousand.is_ok_and(|dep| dep.services.iter().any(|s| s.replicas.min == 1000)));
    assert_eq!(edit("remove region a/b").map(|e| e.target().is_some()), Ok(false));
    assert!(edit("remove everything at once").is_err_and(|m| m.contains("only a region")));
    assert!(ask("remove region nowhere").is_err_and(|d| d.code == "unknown-element"));
    let dearer = ask("carbon-price = 1000USD/tCO2e").expect("an answer");
    assert!(dearer.plan.is_some());
    assert!(ask("carbon-price = 5USD").is_err_and(|d| d.message.contains("is an amount in")));
    assert!(ask("team.memroy = 1GiB").is_err_and(|d| d.code == "unknown-element"));
}
