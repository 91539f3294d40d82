//! A long program, the same in every run: what people write, over and over with other numbers.
//! Functions over ints, records, data, lists, vectors, maps, strings and closures; all of them are
//! reached from `main`, which prints a number.

use std::fmt::Write;

/// Lines of one part.
const PART: usize = 40;

/// A program of about so many lines.
pub fn long(lines: usize) -> String {
    let parts = (lines / PART).max(1);
    let mut out = String::from("(import std.list)\n(import std.map)\n(import std.string)\n");
    for i in 0..parts {
        part(&mut out, i);
    }
    // Some parts are called by one function, so that none is long.
    let groups = parts.div_ceil(20);
    for group in 0..groups {
        let _ = write!(out, "(defn group{group} [n]\n  (+ 0");
        for i in group * 20..parts.min(group * 20 + 20) {
            let _ = write!(out, "\n     (part{i} n)");
        }
        out.push_str("))\n");
    }
    out.push_str("(defn main [world]\n  (print (+ 0");
    for group in 0..groups {
        let _ = write!(out, "\n            (group{group} 3)");
    }
    out.push_str(")))\n");
    out
}

fn part(out: &mut String, i: usize) {
    let (scale, limit) = (i % 17 + 2, i % 90 + 10);
    let _ = write!(
        out,
        r#"
; Part {i}: orders, their prices, and what is said of them.
(defrecord Order{i} {{:id Int :amount Int :name String}})
(deftype Price{i} Free{i} (Fixed{i} Int) (PerPiece{i} Int Int))
(defn price{i} "What an order of so many pieces costs." [price pieces]
  (match price
    [Free{i} 0]
    [(Fixed{i} amount) amount]
    [(PerPiece{i} amount least)
     (let [sum (* amount pieces)]
       (if (< sum least) least sum))]))
(defn price-of{i} [n]
  (cond (= 0 (mod n 3)) Free{i}
        (= 1 (mod n 3)) (Fixed{i} {scale})
        :else (PerPiece{i} n {limit})))
(defn orders{i} [n]
  (if (= n 0)
    Nil
    (Cons (Order{i} {{:id n :amount (* n {scale}) :name (str "order " n)}})
          (orders{i} (- n 1)))))
(defn sum{i} [orders total]
  (match orders
    [Nil total]
    [(Cons order rest)
     (let [amount (.amount (the Order{i} order))
           cost (price{i} (price-of{i} amount) amount)]
       (sum{i} rest (+ total cost)))]))
(defn large{i} [orders least]
  (list/filter (fn [order] (>= (.amount (the Order{i} order)) least)) orders))
(defn label{i} [orders]
  (match orders
    [Nil "nothing"]
    [(Cons order Nil) (.name (the Order{i} order))]
    [(Cons order rest) (string/append (.name (the Order{i} order)) (label{i} rest))]))
(defn count{i} [orders counts]
  (list/fold (fn [all order] (map/update all (mod (.amount (the Order{i} order)) {scale}) 0 inc))
             counts orders))
(defn part{i} [n]
  (let [orders (orders{i} (+ n {scale}))
        big (large{i} orders {limit})]
    (+ (sum{i} orders 0) (map/size (count{i} big {{}})) (string/length (label{i} big)))))
"#
    );
}
