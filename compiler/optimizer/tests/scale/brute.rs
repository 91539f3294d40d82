//! The least objective by trying everything: each pod in turn on every machine there is and on a
//! new one of every offer, for every choice of variants; the judge alone says what is a plan.

use eclexia_optimizer::placement::{Instance, Machines, Solution, evaluate};

pub fn least(instance: &Instance) -> Option<f64> {
    let mut least = None;
    let mut variants = vec![0; instance.services.len()];
    choose(instance, &mut variants, 0, &mut least);
    least
}

fn choose(instance: &Instance, variants: &mut Vec<u32>, s: usize, least: &mut Option<f64>) {
    if s == variants.len() {
        let pods = variants.iter().enumerate().flat_map(|(s, v)| {
            let replicas = instance.services[s].variants[*v as usize].replicas;
            std::iter::repeat_n(s as u32, replicas as usize)
        });
        let pods: Vec<u32> = pods.collect();
        let mut solution = Solution { variants: variants.clone(), nodes: Vec::new() };
        place(instance, &pods, 0, &mut solution, least);
        return;
    }
    for v in 0..instance.services[s].variants.len() as u32 {
        variants[s] = v;
        choose(instance, variants, s + 1, least);
    }
}

fn place(
    instance: &Instance,
    pods: &[u32],
    first: usize,
    solution: &mut Solution,
    least: &mut Option<f64>,
) {
    let Some((&service, rest)) = pods.split_first() else {
        let judged = evaluate(instance, solution);
        if judged.violations.is_empty() {
            let objective = judged.figures.objective;
            *least = Some(least.map_or(objective, |known: f64| known.min(objective)));
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
        place(instance, rest, next(n), solution, least);
        solution.nodes[n].pods = before;
    }
    for offer in 0..instance.offers.len() as u32 {
        solution.nodes.push(Machines { offer, count: 1, pods: vec![(service, 1)] });
        place(instance, rest, next(solution.nodes.len() - 1), solution, least);
        solution.nodes.pop();
    }
}
