//! Which of several starts goes on: asynchronous successive halving (Li and others 2020). A start
//! that comes to a rung waits there; it goes on when it is among the best third of all that came
//! so far, and as long as none is, another starts.

/// One in so many goes on from a rung.
const KEPT: usize = 3;
/// So many may wait at a rung; the worst leaves.
const MOST_WAITING: usize = 8;

struct Rung<T> {
    /// How good all were that came here, ascending.
    reached: Vec<f64>,
    /// Those that wait, ascending.
    waiting: Vec<(f64, T)>,
}

/// Starts of type `T`; less is better.
pub struct Race<T> {
    rungs: Vec<Rung<T>>,
}

impl<T> Race<T> {
    pub const fn new() -> Race<T> {
        Race { rungs: Vec::new() }
    }

    /// A start has come to a rung. It waits there, unless it has ended: then it only says how good
    /// it was.
    pub fn reach(&mut self, rung: usize, value: f64, start: Option<T>) {
        while self.rungs.len() <= rung {
            self.rungs.push(Rung { reached: Vec::new(), waiting: Vec::new() });
        }
        let Rung { reached, waiting } = &mut self.rungs[rung];
        reached.insert(reached.partition_point(|other| *other <= value), value);
        if let Some(start) = start {
            let at = waiting.partition_point(|(other, _)| *other <= value);
            waiting.insert(at, (value, start));
            waiting.truncate(MOST_WAITING);
        }
    }

    /// The start that goes on; `None`: another is to begin.
    pub fn promoted(&mut self) -> Option<T> {
        let may_go_on = |rung: &Rung<T>| {
            let last = (rung.reached.len() / KEPT).checked_sub(1);
            let best = rung.waiting.first();
            last.zip(best).is_some_and(|(last, (value, _))| *value <= rung.reached[last])
        };
        let rung = self.rungs.iter_mut().rev().find(|rung| may_go_on(rung))?;
        Some(rung.waiting.remove(0).1)
    }

    /// The best of all that wait.
    pub fn best(&mut self) -> Option<T> {
        let first =
            |rung: &Rung<T>| rung.waiting.first().map_or(f64::INFINITY, |(value, _)| *value);
        let rungs = self.rungs.iter_mut().rev().filter(|rung| !rung.waiting.is_empty());
        let rung = rungs.min_by(|a, b| first(a).total_cmp(&first(b)))?;
        Some(rung.waiting.remove(0).1)
    }
}

#[cfg(test)]
mod tests {
    use super::Race;

    #[test]
    fn the_best_third_goes_on() {
        let mut race = Race::new();
        race.reach(0, 5.0, Some('a'));
        race.reach(0, 7.0, Some('b'));
        assert_eq!(race.promoted(), None);
        race.reach(0, 6.0, Some('c'));
        assert_eq!(race.promoted(), Some('a'));
        assert_eq!(race.promoted(), None);
        // Two more are worse, one is better: of six two go on, and one has.
        race.reach(0, 8.0, Some('d'));
        race.reach(0, 9.0, Some('e'));
        race.reach(0, 4.0, Some('f'));
        assert_eq!(race.promoted(), Some('f'));
        assert_eq!(race.promoted(), None);
    }

    #[test]
    fn higher_rungs_come_first_and_what_ended_counts() {
        let mut race = Race::new();
        for (value, start) in [(3.0, 'a'), (2.0, 'b'), (1.0, 'c')] {
            race.reach(0, value, Some(start));
            race.reach(1, value + 1.0, (start == 'a').then_some('z'));
        }
        assert_eq!(race.promoted(), Some('c'));
        assert_eq!((race.best(), race.best(), race.best()), (Some('b'), Some('a'), Some('z')));
        assert_eq!(race.best(), None);
    }

    #[test]
    fn few_wait() {
        let mut race = Race::new();
        (0..20).for_each(|i| race.reach(0, f64::from(20 - i), Some(i)));
        let waiting: Vec<i32> = std::iter::from_fn(|| race.best()).collect();
        assert_eq!(waiting, [19, 18, 17, 16, 15, 14, 13, 12]);
    }
}
