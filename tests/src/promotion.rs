//! Promotion: what the interpreter finds hot is machine code from then on, and nobody can tell but
//! by the clock: the same is printed, in as many steps and allocations, and a run ends with the
//! same diagnostic at the same place.

use crate::engines::batch::Native;
use crate::program::on_large_stack;
use eclexia_db::Session;
use eclexia_db::library::Embedded;
use eclexia_diag::render;
use eclexia_interp::Options;
use eclexia_rt::effects::Hermetic;

/// What happened, and how many functions were promoted.
fn ran(text: &str, is_promoting: bool) -> (String, usize) {
    let mut session = Session::new(Box::new(Embedded));
    let (module, found) = session.load("case.ecl", text.as_bytes());
    assert!(!found.has_errors(), "{}", render::line(&found.sorted(), &session.sources));
    let mut native = Native::new();
    let mut world = Hermetic::default();
    let options = Options { max_steps: Some(5_000_000), ..Options::default() };
    let mut evaluator = session.evaluator(options, &mut world);
    if is_promoting {
        evaluator.promote_to(&mut native);
    }
    let ended = evaluator.run_main(module, &[]).expect("there is a `main`");
    let steps = evaluator.steps();
    drop(evaluator);
    let end = match ended {
        Ok(_) => "done".to_owned(),
        Err(failure) => render::human(&[*failure], &session.sources, false),
    };
    let (globals, printed) = (&session.globals, world.printed.join("\n"));
    let told = format!("{printed}\n{end}\n{steps} steps, {} allocations", globals.allocations());
    (told, globals.promoted())
}

/// Small functions that take many steps, and what calls them with everything that words can be.
const FUNCTIONS: &str = r#"
(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(sig warm (Fn [Int] Int))
(defn warm [n] (loop [i 0 sum 0] (if (= i n) sum (recur (+ i 1) (+ sum (mod (fib 12) 7))))))
(defn halve [x] (if (< x 1.0) x (halve (/ x 2.0))))
(defn even? [n] (if (= n 0) true (odd? (- n 1))))
(defn odd? [n] (if (= n 0) false (even? (- n 1))))
(defn up-to [i n] (if (> i n) (list) (Cons i (up-to (+ i 1) n))))
(defn sum [xs] (match xs [Nil 0] [(Cons x rest) (+ x (sum rest))]))
(defn apply-to [f n] (loop [i 0 x 0] (if (= i n) x (recur (+ i 1) (f x)))))
(defn words [n] (loop [i 0 v []] (if (= i n) v (recur (+ i 1) (vector/push v (str "w" (show i)))))))
(defn fall [n] (if (= n 0) (quot 1 n) (+ 1 (fall (- n 1)))))
(defn climb [n most]
  (if (> n most) (* most 4611686018427387904) (+ 1 (climb (+ n 1) most))))
(defn careful [n] :metered :requires {:steps (at-most (* 9 n))}
  (loop [i 0 x 0] (if (= i n) x (recur (+ i 1) (+ x (fib 3))))))
(def table [1 2 3 (fib 15)])
(defn looked-up [i] (+ (vector/at table (mod i 4)) i))
"#;

/// What `main` does, and whether something gets hot.
const MAINS: [(&str, bool); 13] = [
    ("(print (fib 24) \" \" (fib 20))", true),
    ("(print (fib 5))", false),
    ("(do (print (warm 3000)) (print (warm 2000)))", true),
    (
        "(print (apply-to (fn [x] (+ (truncate (halve (float x))) (mod (+ x 7) 1000003))) 200000))",
        true,
    ),
    ("(print (even? 1000000) \" \" (even? 1000001))", true),
    ("(do (print (sum (up-to 1 300000))) (print (sum (up-to 1 200000))))", true),
    ("(print (vector/length (words 100000)) \" \" (vector/at (words 300000) 299999))", true),
    ("(do (print (fib 24)) (print (fall 100000)) (print (fall 3)))", true),
    ("(do (print (apply-to (fn [x] (mod (climb x 0) 99)) 99999)) (print (climb 0 2)))", true),
    ("(do (print (careful 30000)) (print (careful 30000)))", true),
    ("(do (print (apply-to looked-up 200000)))", true),
    (
        "(do (print (warm 2000)) (print (with-budget {:steps 1e3} (fib 30)))
         (print (with-budget {:steps 1e6} (par/map fib [10 12 14]))) (print (fib 30)))",
        true,
    ),
    (
        "(do (print (warm 3000))
         (print (apply-to (fn [x] (if (> x 9000) (abort \"far\") (+ x (fib 7)))) 9000)))",
        true,
    ),
];

#[test]
fn nobody_can_tell_that_a_function_was_promoted() {
    on_large_stack(|| {
        for (main, is_hot) in MAINS {
            let text = format!("{FUNCTIONS}(defn main [_]\n  {main})\n");
            let (interpreted, none) = ran(&text, false);
            let (promoted, count) = ran(&text, true);
            assert_eq!(interpreted, promoted, "{main}");
            assert_eq!((none, count > 0), (0, is_hot), "{main}");
        }
    });
}
