//! Each way of rolling out against what it promises, in made runs: replicas become ready late, end
//! by themselves and fail, in seeded order.

use super::*;
use eclexia_model::{Exact, Signal};

fn aim(rollout: Rollout, replicas: u32) -> Aim {
    Aim {
        spec: "new".to_owned(),
        replicas,
        rollout,
        exclusive: false,
        may_start: true,
        confirmed: true,
        proven: false,
        hold: 1_000,
    }
}

struct Numbers(u64);

impl Numbers {
    /// Less than `n`: xorshift (Marsaglia 2003).
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n.max(1)
    }
}

/// Replicas that do what they are told, after a while.
struct World {
    replicas: Vec<Replica>,
    next: u32,
    memory: Memory,
    measured: Measured,
    now: At,
}

impl World {
    fn with_old(count: u32) -> World {
        let mut world = World {
            replicas: Vec::new(),
            next: 0,
            memory: Memory::default(),
            measured: Measured::default(),
            now: At(1_000_000),
        };
        for ordinal in 0..count {
            world.add("old", ordinal, Health::Ready);
        }
        world
    }

    fn add(&mut self, spec: &str, ordinal: u32, health: Health) {
        let id = format!("{spec}-{}", self.next);
        self.next += 1;
        self.replicas.push(Replica { id, spec: spec.to_owned(), ordinal, health, failures: 0 });
    }

    fn decide(&mut self, aim: &Aim) -> Decision {
        decide(aim, &self.replicas, &self.measured, &mut self.memory, self.now)
    }

    /// Does what was decided, and lets some time pass.
    fn go_on(&mut self, aim: &Aim, numbers: &mut Numbers) -> Decision {
        let decision = self.decide(aim);
        for step in &decision.steps {
            match step {
                Step::Start { ordinal } => self.add(&aim.spec, *ordinal, Health::Starting),
                Step::Stop { id } => {
                    let replica = self.replicas.iter_mut().find(|r| r.id == *id).unwrap();
                    assert_ne!(replica.health, Health::Stopping, "stopped twice");
                    replica.health = Health::Stopping;
                }
            }
        }
        self.now = self.now.after(300);
        self.replicas.retain(|r| r.health != Health::Stopping || numbers.below(2) == 0);
        for replica in &mut self.replicas {
            replica.health = match (replica.health, numbers.below(10)) {
                (Health::Starting, 0..5) => Health::Ready,
                (Health::Ready, 0) if replica.spec == "old" => Health::Waiting,
                (Health::Waiting, 0..5) => Health::Starting,
                (other, _) => other,
            };
        }
        decision
    }

    fn count(&self, fits: impl Fn(&Replica) -> bool) -> u32 {
        count(self.replicas.iter().filter(|r| fits(r)))
    }
}

fn is_there(replica: &Replica) -> bool {
    replica.health != Health::Stopping
}

fn canary() -> Rollout {
    Rollout::Canary {
        steps: vec![Exact::ratio(1, 10), Exact::ratio(1, 2), Exact::int(1)],
        abort_when: Some(Threshold { signal: Signal::ErrorRate, above: Exact::ratio(1, 100) }),
    }
}

fn all() -> Vec<Rollout> {
    let rolling = |at_a_time| Rollout::Rolling { at_a_time };
    vec![rolling(1), rolling(3), Rollout::Recreate, Rollout::BlueGreen, canary()]
}

#[test]
fn every_way_ends_with_the_new_replicas_alone_and_all_the_requests() {
    for seed in 1..200 {
        let mut numbers = Numbers(seed);
        for rollout in all() {
            for exclusive in [false, true] {
                let (before, after) = (numbers.below(5) as u32, numbers.below(6) as u32);
                let aim = Aim { exclusive, ..aim(rollout.clone(), after) };
                let mut world = World::with_old(before);
                let ends =
                    (0..500).any(|_| world.go_on(&aim, &mut numbers).progress == Progress::Done);
                assert!(ends, "{rollout:?} of {before} to {after}: {:?}", world.replicas);
                assert_eq!(world.count(|r| r.spec == "new" && is_there(r)), after);
                assert_eq!(world.count(|r| r.spec != "new"), 0);
                let decision = world.decide(&aim);
                assert!(decision.steps.is_empty());
                let whole: f64 = decision.traffic.values().sum();
                assert!(after == 0 || (whole - 1.0).abs() < 1e-9, "{decision:?}");
            }
        }
    }
}

#[test]
fn rolling_never_has_more_than_its_room_nor_fewer_that_serve_than_asked_for() {
    for seed in 1..300 {
        let mut numbers = Numbers(seed);
        let (replicas, k) = (1 + numbers.below(6) as u32, 1 + numbers.below(3) as u32);
        let aim = aim(Rollout::Rolling { at_a_time: k }, replicas);
        let mut world = World::with_old(replicas);
        for _ in 0..200 {
            world.go_on(&aim, &mut numbers);
            assert!(world.count(is_there) <= replicas + k);
            // What is there and not new yet is an old one: old ones may end by themselves here.
            let ready_new = world.count(|r| r.spec == "new" && r.health == Health::Ready);
            let old = world.count(|r| r.spec == "old" && is_there(r));
            assert!(ready_new + old >= replicas, "{:?}", world.replicas);
        }
    }
}

#[test]
fn exclusive_replicas_of_old_and_new_never_share_an_ordinal() {
    for seed in 1..300 {
        let mut numbers = Numbers(seed);
        let aim = Aim { exclusive: true, ..aim(Rollout::BlueGreen, 3) };
        let mut world = World::with_old(3);
        for _ in 0..200 {
            world.go_on(&aim, &mut numbers);
            for ordinal in 0..3 {
                assert!(world.count(|r| r.ordinal == ordinal) <= 1, "{:?}", world.replicas);
            }
        }
    }
}

#[test]
fn green_gets_no_request_before_all_of_it_is_ready_and_blue_stays_until_confirmed() {
    for seed in 1..200 {
        let mut numbers = Numbers(seed);
        let unconfirmed = Aim { confirmed: false, ..aim(Rollout::BlueGreen, 3) };
        let mut world = World::with_old(3);
        for _ in 0..100 {
            let ready_new = world.count(|r| r.spec == "new" && r.health == Health::Ready);
            let decision = world.go_on(&unconfirmed, &mut numbers);
            assert_eq!(decision.traffic.contains_key("new"), ready_new == 3);
            assert_eq!(world.count(|r| r.spec == "old" && is_there(r)), 3);
            assert_eq!(decision.progress, Progress::Underway);
        }
        assert_eq!(world.decide(&unconfirmed).traffic, BTreeMap::from([("new".to_owned(), 1.0)]));
    }
}

#[test]
fn a_canary_takes_its_steps_in_order_and_ends_on_what_is_measured() {
    let aim = aim(canary(), 10);
    let mut world = World::with_old(10);
    let mut numbers = Numbers(7);
    let mut weights = Vec::new();
    for _ in 0..400 {
        // Old ones that end by themselves would shift requests; here they do not.
        for replica in world.replicas.iter_mut().filter(|r| r.health == Health::Waiting) {
            replica.health = Health::Ready;
        }
        let decision = world.go_on(&aim, &mut numbers);
        let weight = decision.traffic.get("new").copied().unwrap_or(0.0);
        // Ten tenths are not quite one.
        let weight = (weight * 100.0).round() / 100.0;
        if weights.last() != Some(&weight) {
            weights.push(weight);
        }
        assert!(world.count(|r| r.spec == "old") == 10 || weight == 1.0);
    }
    assert_eq!(weights, [0.0, 0.1, 0.5, 1.0]);

    let mut world = World::with_old(10);
    for _ in 0..20 {
        world.go_on(&aim, &mut numbers);
    }
    world.measured = Measured { requests: 50, error_rate: Some(0.02), ..Measured::default() };
    let decision = world.decide(&aim);
    assert!(matches!(&decision.progress, Progress::Failed(why) if why.contains("error-rate")));
    assert!(!decision.traffic.contains_key("new"), "{decision:?}");
}

#[test]
fn what_is_returned_to_after_a_canary_has_all_the_requests_at_once_and_is_not_measured() {
    let back = Aim { spec: "old".to_owned(), proven: true, ..aim(canary(), 3) };
    let mut world = World::with_old(3);
    world.add("new", 0, Health::Ready);
    // It was measured too, long before.
    world.measured = Measured { requests: 50, error_rate: Some(0.02), ..Measured::default() };
    let decision = world.decide(&back);
    assert_eq!(decision.steps, [Step::Stop { id: "new-3".to_owned() }]);
    world.go_on(&back, &mut Numbers(3));
    assert_eq!(world.decide(&back).traffic.into_keys().collect::<Vec<_>>(), ["old"]);
}

#[test]
fn a_version_that_cannot_become_ready_fails_and_nothing_more_is_done() {
    for rollout in all() {
        for (health, failures) in [(Health::Failed, 0), (Health::Waiting, MOST_STARTS)] {
            let mut world = World::with_old(2);
            world.add("new", 0, health);
            world.replicas[2].failures = failures;
            let decision = world.decide(&aim(rollout.clone(), 2));
            assert!(matches!(decision.progress, Progress::Failed(_)));
            assert!(decision.steps.is_empty());
            assert_eq!(decision.traffic, BTreeMap::from([("old".to_owned(), 1.0)]));
        }
    }
}

#[test]
fn nothing_starts_before_what_it_needs() {
    for rollout in all() {
        let aim = Aim { may_start: false, ..aim(rollout, 2) };
        let mut world = World::with_old(0);
        assert!(world.decide(&aim).steps.is_empty());
        assert_eq!(world.decide(&aim).progress, Progress::Underway);
    }
}
