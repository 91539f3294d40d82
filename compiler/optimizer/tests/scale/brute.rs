//! The least objective by trying everything: each pod in turn on every machine there is and on a
//! new one of every offer, for every choice of variants; the judge alone says what is a plan. Where
//! a plan runs, every way to continue its machines besides.

use eclexia_optimizer::placement::{
    Instance, Machines, Movement, Movements, Pair, Running, Solution, evaluate, movements,
};

/// Of every plan that keeps the rules, with its objective.
type Visit<'a> = &'a mut dyn FnMut(&Solution, f64);

pub fn least(instance: &Instance) -> Option<f64> {
    let mut least: Option<f64> = None;
    all(instance, &mut |_, objective| {
        least = Some(least.map_or(objective, |known| known.min(objective)));
    });
    least
}

/// The least objective with moves, of plans within the disruption budgets.
pub fn least_with_moves(
    instance: &Instance,
    running: &Running,
    movement: &Movement,
) -> Option<f64> {
    let mut least: Option<f64> = None;
    all(instance, &mut |solution, objective| {
        let mut pairs = Vec::new();
        continued(instance, running, solution, &mut pairs, 0, &mut |moves| {
            let is_within = moves.services.iter().zip(&movement.most);
            let in_all = moves.total().moved <= u64::from(movement.in_all);
            if in_all && is_within.clone().all(|(of, most)| of.moved <= u64::from(*most)) {
                let value = objective + movement.rate() * moves.total().moved as f64;
                least = Some(least.map_or(value, |known| known.min(value)));
            }
        });
    });
    least
}

/// Every way to say which machine becomes which; those of the plan have a count of one.
fn continued(
    instance: &Instance,
    running: &Running,
    solution: &Solution,
    pairs: &mut Vec<Pair>,
    now: u32,
    visit: &mut dyn FnMut(&Movements),
) {
    if now as usize == solution.nodes.len() {
        let moves = movements(instance, running, solution, pairs);
        return visit(&moves.expect("each is of the same offer, and there are enough"));
    }
    continued(instance, running, solution, pairs, now + 1, visit);
    for (was, node) in (0..).zip(&running.nodes) {
        let used = pairs.iter().filter(|pair| pair.was == was).count() as u32;
        if node.offer == Some(solution.nodes[now as usize].offer) && used < node.count {
            pairs.push(Pair { was, now, count: 1 });
            continued(instance, running, solution, pairs, now + 1, visit);
            pairs.pop();
        }
    }
}

fn all(instance: &Instance, visit: Visit<'_>) {
    let mut variants = vec![0; instance.services.len()];
    choose(instance, &mut variants, 0, visit);
}

fn choose(instance: &Instance, variants: &mut Vec<u32>, s: usize, visit: Visit<'_>) {
    if s == variants.len() {
        let pods = variants.iter().enumerate().flat_map(|(s, v)| {
            let replicas = instance.services[s].variants[*v as usize].replicas;
            std::iter::repeat_n(s as u32, replicas as usize)
        });
        let pods: Vec<u32> = pods.collect();
        let mut solution = Solution { variants: variants.clone(), nodes: Vec::new() };
        place(instance, &pods, 0, &mut solution, visit);
        return;
    }
    for v in 0..instance.services[s].variants.len() as u32 {
        variants[s] = v;
        choose(instance, variants, s + 1, visit);
    }
}

fn place(
    instance: &Instance,
    pods: &[u32],
    first: usize,
    solution: &mut Solution,
    visit: Visit<'_>,
) {
    let Some((&service, rest)) = pods.split_first() else {
        let judged = evaluate(instance, solution);
        if judged.violations.is_empty() {
            visit(solution, judged.figures.objective);
        }
        return;
    };
    // Pods of one service are alike: each goes to the machine of the one before or a later one.
    let next = |n: usize| if rest.first() == Some(&service) { n } else { 0 };
    for n in first..solution.nodes.len() {
        let before = solution.nodes[n].pods.clone();
        match solution.nodes[n].pods.iter_mut().find(|p| p.0 == service) {
            Some(pod) => pod.1 += 1,
            None => solution.nodes[n].pods.push((service, 1)),
        }
        place(instance, rest, next(n), solution, visit);
        solution.nodes[n].pods = before;
    }
    for offer in 0..instance.offers.len() as u32 {
        solution.nodes.push(Machines { offer, count: 1, pods: vec![(service, 1)] });
        place(instance, rest, next(solution.nodes.len() - 1), solution, visit);
        solution.nodes.pop();
    }
}
