//! What a world begins with: a planned deployment, what is to happen to it, and chance.

use crate::diagnostics;
use crate::faults::{Faults, Strike, share};
use crate::time;
use eclexia_deploy::registry::At;
use eclexia_deploy::rollout::HOLD;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};

/// Whoever makes plans: the world knows no optimiser.
pub trait Planner {
    /// The best plan, `after` one that runs; `None`: there is none.
    fn plan(&self, deployment: &Deployment, after: Option<&Plan>) -> Option<Plan>;
}

pub struct Setup {
    pub seed: u64,
    /// When it is destroyed, milliseconds.
    pub until: u64,
    pub faults: Faults,
    pub strikes: Vec<Strike>,
    pub demand: Demand,
    /// How long a replica takes from its start until it answers, mean, milliseconds.
    pub start: u64,
    /// How long a step of a canary is held, milliseconds.
    pub hold: u64,
    pub deployment: Deployment,
    pub plan: Plan,
    /// In any order.
    pub updates: Vec<Update>,
    /// When what ran before is deployed again.
    pub rollbacks: Vec<At>,
}

/// How long a replica takes until it answers, where nothing is said.
pub const START: u64 = 2_000;

impl Setup {
    /// A quiet week.
    pub fn new(deployment: Deployment, plan: Plan) -> Setup {
        Setup {
            seed: 42,
            until: time::WEEK,
            faults: Faults::default(),
            strikes: Vec::new(),
            demand: Demand::default(),
            start: START,
            hold: HOLD,
            deployment,
            plan,
            updates: Vec::new(),
            rollbacks: Vec::new(),
        }
    }
}

/// Another program, and when it is deployed.
#[derive(Clone, Debug)]
pub struct Update {
    pub at: At,
    /// Where it comes from, for people.
    pub name: String,
    pub deployment: Deployment,
    pub behaviour: Behaviour,
}

/// How replicas behave of which the update changed anything.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Behaviour {
    #[default]
    Well,
    /// This part of the requests fails.
    Errors(f64),
    /// Checks are answered, and never well.
    Unready,
    /// They end as soon as they would answer.
    Ends,
}

/// `FILE@2d`, `FILE@2d:errors=5%`: a path, a time and a behaviour.
pub fn update(text: &str) -> Result<(String, At, Behaviour), Diagnostic> {
    read_update(text).ok_or_else(|| diagnostics::bad_update(text))
}

fn read_update(text: &str) -> Option<(String, At, Behaviour)> {
    let (path, when) = text.rsplit_once('@')?;
    let (at, behaviour) = match when.split_once(':') {
        None => (when, Behaviour::Well),
        Some((at, "unready")) => (at, Behaviour::Unready),
        Some((at, "ends")) => (at, Behaviour::Ends),
        Some((at, errors)) => (at, Behaviour::Errors(share(errors.strip_prefix("errors=")?)?)),
    };
    (!path.is_empty()).then_some((path.to_owned(), At(time::parse(at)?), behaviour))
}

/// When what ran before is deployed again: `4d`.
pub fn rollback(text: &str) -> Result<At, Diagnostic> {
    time::parse(text).map(At).ok_or_else(|| diagnostics::bad_update(text))
}

/// Parts of a service's `:demand` by hour of the day, or of several days; empty: always all of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Demand(Vec<f64>);

/// The least of `day`.
const NIGHT: f64 = 0.2;

impl Demand {
    /// `flat`; `day`, which rises evenly from a fifth at 04:00 to all of it at 16:00 and falls
    /// again; or percentages, whole days of them.
    pub fn parse(text: &str) -> Result<Demand, Diagnostic> {
        let parts = match text.trim() {
            "flat" => Some(Vec::new()),
            "day" => {
                let part = |hour: i32| {
                    let from_noon = f64::from((hour - 16).rem_euclid(24) - 12).abs();
                    NIGHT + (1.0 - NIGHT) * from_noon / 12.0
                };
                Some((0..24).map(part).collect())
            }
            list => list.split(',').map(percent).collect(),
        };
        let parts: Option<Vec<f64>> =
            parts.filter(|parts: &Vec<f64>| parts.len().is_multiple_of(24));
        parts.map(Demand).ok_or_else(|| diagnostics::bad_demand(text))
    }

    pub fn part(&self, hour: u64) -> f64 {
        match self.0.len() as u64 {
            0 => 1.0,
            length => self.0[(hour % length) as usize],
        }
    }
}

/// Of a demand, which may be more than was planned for.
fn percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    (0.0..=10_000.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_a_path_a_time_and_a_behaviour() {
        let read = |text| update(text).expect("an update");
        let two_days = At(2 * time::DAY);
        assert_eq!(read("a@b.ecl@2d"), ("a@b.ecl".to_owned(), two_days, Behaviour::Well));
        assert_eq!(read("a.ecl@2d:errors=5%").2, Behaviour::Errors(0.05));
        assert_eq!(read("a.ecl@2d:ends").2, Behaviour::Ends);
        for text in ["a.ecl", "@2d", "a.ecl@soon", "a.ecl@2d:badly", "a.ecl@2d:errors=5"] {
            assert_eq!(update(text).expect_err(text).code, "bad-update");
        }
    }

    #[test]
    fn demand_is_a_part_for_each_hour() {
        let day = Demand::parse("day").expect("a curve");
        assert!((day.part(4) - 0.2).abs() < 1e-9 && (day.part(16) - 1.0).abs() < 1e-9);
        assert!((day.part(10) - 0.6).abs() < 1e-9 && (day.part(34) - 0.6).abs() < 1e-9);
        assert_eq!(Demand::parse("flat").expect("a curve").part(5), 1.0);
        let list = vec!["50%"; 24].join(",");
        assert_eq!(Demand::parse(&list).expect("a curve").part(7), 0.5);
        for text in ["night", "50%", "50%,,", ""] {
            assert_eq!(Demand::parse(text).expect_err(text).code, "bad-demand");
        }
    }
}
