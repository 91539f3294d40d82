//! The promises themselves: a world that is tampered with is found out.

use super::made::{FirstFit, deployment};
use super::setup;
use crate::replica::Process;
use crate::time::DAY;
use crate::world::World;
use eclexia_deploy::registry::{At, Phase};
use eclexia_model::Rollout;

/// What is found broken after `tamper` in a world in which all is well.
fn found(tamper: impl Fn(&mut World<'_>)) -> String {
    let setup = setup(deployment(Rollout::Rolling { at_a_time: 1 }, None), DAY);
    let mut world = World::new(&setup, &FirstFit);
    world.run_until(At(DAY / 2));
    assert!(world.is_whole && !world.promises.is_broken());
    tamper(&mut world);
    world.promise();
    world.promise_rest();
    world.promises.broken().map(|broken| broken.what.clone()).unwrap_or_default()
}

#[test]
fn too_many_replicas_are_found() {
    let found = found(|world| {
        let one = world.replicas.values().next().cloned().expect("one is there");
        for id in 100..104 {
            world.replicas.insert(id, crate::replica::Replica { id, ..one.clone() });
        }
    });
    assert!(found.contains("at most 1 allowed"), "{found}");
}

#[test]
fn requests_for_who_is_not_ready_are_found() {
    let found = found(|world| {
        let replica = world.replicas.values_mut().find(|r| r.service == "api");
        replica.expect("one is there").phase = Phase::Waiting;
    });
    assert!(found.contains("not ready"), "{found}");
}

#[test]
fn requests_that_are_given_twice_are_found() {
    let found = found(|world| {
        let routes = world.routes.get_mut("api").expect("it is routed");
        let first = routes[0];
        routes.push(first);
    });
    assert!(found.contains("are routed"), "{found}");
}

#[test]
fn two_who_write_one_volume_are_found() {
    let found = found(|world| {
        let db = world.replicas.values().find(|r| r.service == "db").cloned();
        let mut other = db.expect("it is there");
        (other.id, other.phase) = (100, Phase::Stopping);
        other.process = Some(Process { answers: At(0) });
        world.replicas.insert(100, other);
    });
    assert!(found.contains("write the same volume"), "{found}");
}

#[test]
fn machines_that_nobody_pays_for_are_found() {
    let found = found(|world| world.machines[0].is_had = false);
    assert!(found.contains("nobody pays"), "{found}");
}

#[test]
fn who_is_forgotten_is_found() {
    let found = found(|world| world.is_whole = false);
    assert!(found.contains("fewer are ready"), "{found}");
}

#[test]
fn what_is_left_after_the_end_is_found() {
    let setup = setup(deployment(Rollout::Recreate, None), DAY);
    let mut world = World::new(&setup, &FirstFit);
    world.run_until(At(DAY / 2));
    world.is_destroyed = true;
    world.promise_the_end();
    assert!(world.promises.is_broken());
}
