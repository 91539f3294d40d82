//! A layered layout after Sugiyama, small: 1. layer = longest way from what nothing needs; 2. order
//! within a layer by the mean place of neighbours, swept back and forth; 3. coordinates by
//! stacking. What comes in are boxes' sizes and edges; what goes out are places.

pub(crate) const GAP_X: f64 = 90.0;
pub(crate) const GAP_Y: f64 = 22.0;
const SWEEPS: usize = 8;

pub(crate) struct Placed {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    /// Per edge, the points it passes on its way over further layers.
    pub ways: Vec<Vec<(f64, f64)>>,
    pub width: f64,
    pub height: f64,
}

/// Height kept free for an edge that passes a layer.
const LANE: f64 = 10.0;

pub(crate) fn layout(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Placed {
    let depth = depths(sizes.len(), edges);
    // An edge over several layers becomes a chain through empty boxes, so that none is crossed.
    let (mut sizes, mut depth) = (sizes.to_vec(), depth);
    let mut chains: Vec<Vec<usize>> = Vec::new();
    let mut links = Vec::new();
    for &(from, to) in edges {
        let mut chain = vec![from];
        for d in depth[from] + 1..depth[to] {
            chain.push(sizes.len());
            sizes.push((0.0, LANE));
            depth.push(d);
        }
        chain.push(to);
        links.extend(chain.windows(2).map(|w| (w[0], w[1])));
        chains.push(chain);
    }
    let layers = ordered(by_depth(&depth), &links);
    let column_height = |layer: &Vec<usize>| -> f64 {
        layer.iter().map(|b| sizes[*b].1 + GAP_Y).sum::<f64>() - GAP_Y
    };
    let height = layers.iter().map(column_height).fold(0.0, f64::max);
    let (mut x, mut y) = (vec![0.0; sizes.len()], vec![0.0; sizes.len()]);
    let mut left = 0.0;
    for layer in &layers {
        let widest = layer.iter().map(|b| sizes[*b].0).fold(0.0, f64::max);
        let mut top = (height - column_height(layer)) / 2.0;
        for &b in layer {
            x[b] = left + (widest - sizes[b].0) / 2.0;
            y[b] = top;
            top += sizes[b].1 + GAP_Y;
        }
        left += widest + GAP_X;
    }
    let way = |chain: &Vec<usize>| -> Vec<(f64, f64)> {
        chain[1..chain.len() - 1].iter().map(|b| (x[*b], y[*b] + LANE / 2.0)).collect()
    };
    let ways = chains.iter().map(way).collect();
    Placed { ways, x, y, width: (left - GAP_X).max(0.0), height }
}

/// The layer of each box. A cycle, which elaboration refuses, ends the relaxation by its rounds.
fn depths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut depth = vec![0; count];
    for _ in 0..count {
        let mut changed = false;
        for &(from, to) in edges {
            if depth[to] <= depth[from] && depth[from] + 1 < count {
                depth[to] = depth[from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    depth
}

fn by_depth(depth: &[usize]) -> Vec<Vec<usize>> {
    let deepest = depth.iter().max().map_or(0, |d| d + 1);
    let layer = |d: usize| (0..depth.len()).filter(|b| depth[*b] == d).collect::<Vec<_>>();
    (0..deepest).map(layer).filter(|l| !l.is_empty()).collect()
}

fn ordered(mut layers: Vec<Vec<usize>>, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count: usize = layers.iter().map(Vec::len).sum();
    for sweep in 0..SWEEPS {
        let mut place = vec![0.0; count];
        for layer in &layers {
            for (k, b) in layer.iter().enumerate() {
                place[*b] = (k as f64 + 0.5) / layer.len() as f64;
            }
        }
        let forward = sweep % 2 == 0;
        let mean = |b: usize, place: &[f64]| -> f64 {
            let other = |&(from, to): &(usize, usize)| match (forward, b) {
                (true, b) if to == b => Some(from),
                (false, b) if from == b => Some(to),
                _ => None,
            };
            let near: Vec<f64> = edges.iter().filter_map(other).map(|n| place[n]).collect();
            if near.is_empty() { place[b] } else { near.iter().sum::<f64>() / near.len() as f64 }
        };
        let order: Vec<usize> =
            if forward { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for l in order {
            let mut keyed: Vec<(f64, usize)> =
                layers[l].iter().map(|b| (mean(*b, &place), *b)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            layers[l] = keyed.into_iter().map(|(_, b)| b).collect();
            let n = layers[l].len() as f64;
            for (k, b) in layers[l].iter().enumerate() {
                place[*b] = (k as f64 + 0.5) / n;
            }
        }
    }
    layers
}
