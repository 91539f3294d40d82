//! Limits are kept exactly, wherever an engine looks at them: a run that needs so many steps ends
//! well with as many, and with no fewer; and both engines stop it at the same place.

use super::batch::Batch;
use crate::program::{Ran, on_large_stack};

/// Ends in steps that nobody looks at before the run is over.
const CALLS: &str = "
(defn larger [a b] (if (< a b) (+ b (rem (* a b) 7)) (- a (quot (* b 3) 2))))
(defn depth [n] (if (= n 0) 0 (+ 1 (depth (- n 1)))))
(defn late [d] (if (> d 2) (larger d (larger d 9)) d))
(defn main [world] (print (late (depth 9))))";

/// A short loop with three ways out, of any number of rounds.
const ROUNDS: &str = "
(defn find [v x] (loop [i 0 last 0]
  (cond (= i (vector/length v)) (- 0 last)
        (= (vector/at v i) x) (+ i last)
        :else (recur (+ i 1) (vector/at v i)))))
(defn main [world]
  (loop [n 0]
    (when (< n 9) (print (+ (find (vector/range 0 9) n) (find (vector/range 0 n) n)))
                  (recur (+ n 1)))))";

/// Runs inside of the run, and a constant.
const INSIDE: &str = "
(def table (vector/map (fn [x] (* x x)) (vector/range 0 6)))
(defn sum [n] (loop [i 0 s 0] (if (< i n) (recur (+ i 1) (+ s i)) s)))
(defn within [n]
  (match (run-within (RunLimits {:steps 40.0}) (fn [] (sum n)))
    [(Ok sum) (+ sum (vector/at table 5))] [(Err _) (- 0 1)]))
(defn main [world] (print (+ (within 30) (within 50))))";

fn is_exact(text: &str) {
    let mut batch = Batch::new(text);
    let whole = batch.interpreted(&[], u64::MAX);
    assert!(whole.told.is_empty(), "{}", whole.told);
    // All of them first: native code that was left in the middle leaves cells.
    let interpreted: Vec<Ran> =
        (0..=whole.steps).map(|most| batch.interpreted(&[], most)).collect();
    for (most, ran) in (0..).zip(interpreted) {
        let is_stopped = ran.told.contains("[step-limit]");
        assert_eq!(is_stopped, most < whole.steps, "{most} of {} steps, {text}", whole.steps);
        assert!(!is_stopped || ran.told.contains("case.ecl:"), "{most} steps: {}", ran.told);
        assert_eq!(ran.live, Some(0), "{most} steps, {text}");
        ran.assert_like(&batch.compiled(&[], most), &format!("{most} steps, {text}"));
    }
}

#[test]
fn a_run_takes_no_step_too_many() {
    on_large_stack(|| [CALLS, ROUNDS, INSIDE].into_iter().for_each(is_exact));
}

/// Of a function that may take so many steps, which end behind its last call.
fn metered(most: u64) -> String {
    format!(
        "(defn larger [a b] (if (< a b) (+ b (rem (* a b) 7)) (- a (quot (* b 3) 2))))
         (defn depth [n] (if (= n 0) 0 (+ 1 (depth (- n 1)))))
         (defn all [n] :requires {{:steps (at-most {most})}} :metered
           (let [d (depth n)] (if (> d 2) (larger d (larger d 9)) d)))
         (defn main [world] (print (all 7)))"
    )
}

#[test]
fn a_metered_function_takes_no_step_too_many() {
    on_large_stack(|| {
        let needed = 11;
        for most in needed - 4..needed + 2 {
            let mut batch = Batch::new(&metered(most));
            let interpreted = batch.interpreted(&[], u64::MAX);
            let is_stopped = interpreted.told.contains("[meter-exhausted]");
            assert_eq!(is_stopped, most < needed, "{most} steps: {}", interpreted.told);
            assert_eq!(interpreted.live, Some(0), "{most} steps");
            interpreted.assert_like(&batch.compiled(&[], u64::MAX), &format!("{most} steps"));
        }
    });
}
