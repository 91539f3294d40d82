//! What is chosen, what is refused, and what threads see.

use eclexia_choice::{Ascent, Habit, Mix, Snapshot, Standing, Table};

/// A generator of numbers from 0 to 1: xorshift (Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn the_choice_is_the_least_cost_of_all() {
    let mut numbers = Numbers(7);
    for round in 0..2_000 {
        let variants = 1 + round % 8;
        let base: Vec<f64> = (0..variants).map(|_| numbers.next()).collect();
        let uses: Vec<f64> = (0..variants * 5).map(|_| numbers.next()).collect();
        let prices = [(); 5].map(|()| numbers.next());
        let table = Table::<8, 5>::new(&base, &uses).expect("a table");
        assert_eq!(table.variants(), variants);
        let choice = table.choose(&prices);
        let cost =
            |v: usize| base[v] + (0..5).map(|r| uses[r * variants + v] * prices[r]).sum::<f64>();
        let least = (0..variants).map(cost).fold(f64::INFINITY, f64::min);
        assert!((choice.cost - least).abs() < 1e-12, "{choice:?}");
        assert!((cost(choice.variant) - least).abs() < 1e-12, "{choice:?}");
    }
}

#[test]
fn what_is_no_number_never_wins_and_equals_go_to_the_first() {
    let table = |base: &[f64]| Table::<4, 0>::new(base, &[]).map(|t| t.choose(&[]).variant);
    assert_eq!(table(&[f64::NAN, 2.0, 2.0]), Some(1));
    assert_eq!(table(&[f64::INFINITY, f64::NAN]), Some(0));
    assert_eq!(table(&[]), None);
    assert_eq!(table(&[1.0; 5]), None);
    assert!(Table::<2, 1>::new(&[1.0, 2.0], &[1.0]).is_none());
}

#[test]
fn parts_of_requests_are_kept_and_the_same_request_has_the_same_variant() {
    for part in [0.0, 0.1, 0.5, 0.93, 1.0] {
        let mix = Mix { first: 4, second: 9, part };
        let second = (0..100_000).filter(|request| mix.choose(*request) == 9).count();
        assert!((second as f64 / 100_000.0 - part).abs() < 0.005, "{part}: {second}");
        assert!((0..1000).all(|request| mix.choose(request) == mix.choose(request)));
    }
}

#[test]
fn a_habit_is_left_only_for_more_than_the_change_costs() {
    let mut habit = Habit { variant: 0 };
    assert!(!habit.offer(1, (10.0, 9.5), 1.0));
    assert!(!habit.offer(1, (f64::NAN, 9.5), 1.0));
    assert!(habit.offer(1, (10.0, 8.5), 1.0) && habit.variant == 1);
    assert!(!habit.offer(1, (10.0, 1.0), 1.0));
}

#[test]
fn a_choice_stands_until_prices_change() {
    let prices = Snapshot::<2>::new(1.0);
    // 2 + 3·first and 4 + first + second.
    let table = Table::<2, 2>::new(&[2.0, 4.0], &[3.0, 1.0, 0.0, 1.0]).expect("a table");
    let mut standing = Standing::new(table, &prices);
    for (first, second) in [(1.0, 1.0), (0.5, 1.0), (2.0, 0.5), (2.0, 9.0), (0.0, 0.0)] {
        let now = [first, second];
        assert!(prices.set(&now));
        for _ in 0..2 {
            assert_eq!(standing.choose(&prices), table.choose(&now), "{now:?}");
        }
    }
    // What is refused changes no choice.
    let before = standing;
    assert!(!prices.set(&[f64::NAN; 2]));
    assert_eq!(standing.choose(&prices), table.choose(&[0.0, 0.0]));
    assert_eq!(standing, before);
}

#[test]
fn prices_follow_use_within_their_range() {
    let mut price = Ascent::new(2.0, (1.0, 5.0), 0.5).expect("a price");
    assert!((price.observe(1.5, 1.0) - 3.0).abs() < 1e-12);
    assert!((price.observe(10.0, 1.0) - 5.0).abs() < 1e-12);
    assert!((0..100).all(|_| price.observe(0.5, 1.0) <= 5.0));
    assert!((price.price() - 1.0).abs() < 1e-12);
    for (used, budget) in [(f64::NAN, 1.0), (1.0, 0.0), (1.0, f64::NAN), (f64::INFINITY, 1.0)] {
        assert!((price.observe(used, budget) - 1.0).abs() < 1e-12);
    }
    assert!(Ascent::new(-1.0, (0.0, 1.0), 1.0).is_none());
    assert!(Ascent::new(1.0, (2.0, 1.0), 1.0).is_none());
}

#[test]
fn a_snapshot_is_of_one_change_whoever_writes() {
    static PRICES: Snapshot<8> = Snapshot::new(1.0);
    std::thread::scope(|scope| {
        for writer in 0..2 {
            scope.spawn(move || {
                for i in 0..5_000 {
                    assert!(PRICES.set(&[f64::from(2 * i + writer); 8]));
                }
            });
        }
        for _ in 0..10_000 {
            let (all, epoch) = PRICES.read();
            assert!(all.iter().all(|price| price.to_bits() == all[0].to_bits()), "{all:?}");
            assert!(epoch.is_multiple_of(2));
        }
    });
    assert_eq!(PRICES.epoch(), 20_000);
    assert!(!PRICES.set(&[f64::NAN; 8]) && !PRICES.set(&[-1.0; 8]));
    assert_eq!(PRICES.epoch(), 20_000);
}
