//! Vector bin packing on random instances: the best there is where all packings can be listed, a
//! bound that is one, packings that keep every capacity by the judge, and the same twice.

mod seeded;

use eclexia_optimizer::Effort;
use eclexia_optimizer::packing::{Broken, Instance, Kind, check, solve};
use seeded::Seeded;

/// Items of up to half a bin or so; with `makers`, some of them make room.
fn random(seed: u64, lines: usize, most_count: usize, makers: bool) -> Instance {
    let mut r = Seeded(seed);
    let dims = 1 + r.below(4);
    let capacity: Vec<i64> = (0..dims).map(|_| 20 + r.below(100) as i64).collect();
    let large = 2 + r.below(3);
    let kinds = (0..lines).map(|_| {
        let size = capacity.iter().map(|c| {
            let size = r.below(*c as usize * large / 4 + 1) as i64;
            if makers && r.below(6) == 0 { -size / 3 } else { size.min(*c) }
        });
        Kind { size: size.collect(), count: 1 + r.below(most_count) as u32 }
    });
    Instance { kinds: kinds.collect(), capacity }
}

fn counted(instance: &Instance) -> (u64, u64) {
    let packed = solve(instance, Effort::counted(&|| 0.0), &|_| {});
    let bins = check(instance, &packed.bins);
    assert_eq!(bins.map(|n| n as usize), Ok(packed.bins.len()), "{instance:?}");
    (packed.bins.len() as u64, packed.bound)
}

/// The fewest bins, by all ways to take a bin's worth from what is left.
fn fewest(instance: &Instance) -> u64 {
    let items: Vec<&Vec<i64>> = instance
        .kinds
        .iter()
        .flat_map(|k| std::iter::repeat_n(&k.size, k.count as usize))
        .collect();
    let all = (1usize << items.len()) - 1;
    let fits = |set: usize| {
        (0..instance.capacity.len()).all(|d| {
            let on = (0..items.len()).filter(|i| set >> i & 1 == 1);
            on.map(|i| items[i][d]).sum::<i64>() <= instance.capacity[d]
        })
    };
    let mut least = vec![u64::MAX; all + 1];
    least[0] = 0;
    let fitting: Vec<bool> = (0..=all).map(fits).collect();
    for set in 1..=all {
        let mut bin = set;
        while bin > 0 {
            if fitting[bin] && least[set & !bin] < u64::MAX {
                least[set] = least[set].min(least[set & !bin] + 1);
            }
            bin = (bin - 1) & set;
        }
    }
    least[all]
}

#[test]
fn small_instances_are_packed_as_well_as_can_be_and_bounds_are_below() {
    let mut proved = 0;
    for seed in 0..200 {
        let instance = random(seed, 3 + seed as usize % 4, 2, seed % 3 == 0);
        let (bins, bound) = counted(&instance);
        let fewest = fewest(&instance);
        assert_eq!(bins, fewest, "seed {seed}: {instance:?}");
        assert!(bound <= fewest, "seed {seed}: bound {bound} of {fewest}, {instance:?}");
        proved += usize::from(bound == fewest);
    }
    assert!(proved >= 190, "{proved}");
}

#[test]
fn larger_instances_come_out_the_same_twice_with_a_bound_close_by() {
    let mut proved = 0;
    for seed in 0..10 {
        let instance = random(1000 + seed, 15, 3, false);
        let (bins, bound) = counted(&instance);
        assert_eq!((bins, bound), counted(&instance), "seed {seed}");
        assert!(bound <= bins && bins <= bound + 1, "seed {seed}: {bins}, bound {bound}");
        proved += usize::from(bound == bins);
    }
    assert!(proved >= 8, "{proved}");
}

#[test]
fn perfect_packings_in_threes_are_found() {
    for seed in 0..6 {
        let mut r = Seeded(seed);
        let mut kinds = Vec::new();
        for _ in 0..15 {
            let one: Vec<i64> = (0..3).map(|_| 25 + r.below(18) as i64).collect();
            let two: Vec<i64> = (0..3).map(|_| 25 + r.below(18) as i64).collect();
            let rest = one.iter().zip(&two).map(|(a, b)| 100 - a - b).collect();
            kinds.extend([one, two, rest].map(|size| Kind { size, count: 1 }));
        }
        let instance = Instance { capacity: vec![100; 3], kinds };
        assert_eq!(counted(&instance), (15, 15), "seed {seed}");
    }
}

#[test]
fn no_items_need_no_bin_and_items_without_size_need_one() {
    let none = Instance { capacity: vec![5], kinds: Vec::new() };
    assert_eq!(counted(&none), (0, 0));
    let absent = Instance { kinds: vec![Kind { size: vec![3], count: 0 }], ..none.clone() };
    assert_eq!(counted(&absent), (0, 0));
    let flat = Instance { capacity: vec![0, 9], kinds: vec![Kind { size: vec![0, 0], count: 7 }] };
    assert_eq!(counted(&flat), (1, 1));
}

#[test]
fn the_judge_names_the_rule_that_is_broken() {
    let instance = Instance { capacity: vec![10], kinds: vec![Kind { size: vec![6], count: 2 }] };
    assert_eq!(check(&instance, &[vec![(0, 1)], vec![(0, 1)]]), Ok(2));
    let full = Broken::Capacity { bin: 0, dimension: 0 };
    assert_eq!(check(&instance, &[vec![(0, 2)]]), Err(full));
    assert_eq!(check(&instance, &[vec![(0, 1)]]), Err(Broken::Count { kind: 0 }));
    let unknown = Broken::UnknownKind { bin: 0, kind: 1 };
    assert_eq!(check(&instance, &[vec![(1, 1)]]), Err(unknown));
}
