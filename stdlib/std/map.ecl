; Maps from keys to values. Keys are data: numbers, strings, keywords, and data made of these; they
; are held, and listed, in their structural order (numbers and texts as `<` has them, constructors
; as declared), so every run lists them alike. An `Ord` written by hand does not change that.
(module std.map)

(builtin empty (Map k v) "No entries.\n> (map/size map/empty) => 0")
(builtin size (Fn [(Map k v)] Int) "How many entries.\n> (map/size {:a 1 :b 2}) => 2")
(builtin get (Fn [(Map k v) k] (Option v)) "The value of a key.\n> (map/get {:a 1} :a) => (Some 1)")
(builtin get-or (Fn [(Map k v) k v] v)
  "The value of a key, or the default.\n> (map/get-or {:a 1} :b 0) => 0")
(builtin contains? (Fn [(Map k v) k] Bool)
  "Whether there is the key.\n> (map/contains? {:a 1} :b) => false")
(builtin remove (Fn [(Map k v) k] (Map k v))
  "Without a key.\n> (map/remove {:a 1 :b 2} :a) => {:b 2}")
(builtin merge (Fn [(Map k v) (Map k v)] (Map k v))
  "The entries of both; of equal keys the second's.
> (map/merge {:a 1 :b 1} {:b 2}) => {:a 1 :b 2}")
(builtin keys (Fn [(Map k v)] (Vector k)) "The keys in order.\n> (map/keys {:b 1 :a 2}) => [:a :b]")
(builtin values (Fn [(Map k v)] (Vector v))
  "The values in the order of their keys.\n> (map/values {:b 1 :a 2}) => [2 1]")
(builtin of (Fn [(Vector (Pair k v))] (Map k v))
  "A map of these entries; of equal keys the last counts.\n> (map/of [(Pair :a 1)]) => {:a 1}")

(builtin first (Fn [(Map k v)] (Option (Pair k v)))
  "The entry of the smallest key.\n> (map/first {2 :b 1 :a}) => (Some (Pair 1 :a))")
(builtin last (Fn [(Map k v)] (Option (Pair k v)))
  "The entry of the largest key.\n> (map/last {2 :b 1 :a}) => (Some (Pair 2 :b))")
(builtin after (Fn [(Map k v) k] (Option (Pair k v)))
  "The entry of the smallest key that is greater than a key.
> (map/after {1 :a 3 :b} 1) => (Some (Pair 3 :b))")
(builtin between (Fn [(Map k v) k k] (Map k v))
  "The entries from a key up to, not including, another.
> (map/between {1 :a 2 :b 3 :c} 1 3) => {1 :a 2 :b}")

(defn entries "Keys with their values, in order.\n> (map/entries {:a 1}) => [(Pair :a 1)]" [m]
  (map-entries m))
(defn insert "With a value for a key.\n> (map/insert {:a 1} :b 2) => {:a 1 :b 2}" [m k v]
  (map-put m k v))
(defn empty? "Whether there are no entries.\n> (map/empty? {:a 1}) => false" [m] (= (size m) 0))

(defn update "With the value of a key changed by `f`, which gets the default where there is none.
> (map/update {:a 1} :a 0 inc) => {:a 2}"
  [m k default f]
  (map-put m k (f (get-or m k default))))

(defn fold "Combines the entries in the order of keys: `f` gets what there is, a key, and its value.
> (map/fold (fn [n _ v] (+ n v)) 0 {:a 1 :b 2}) => 3"
  [f init m]
  (vector/fold (fn [acc entry] (match entry [(Pair k v) (f acc k v)])) init (map-entries m)))

(defn map "Every value changed by `f`.\n> (map/map inc {:a 1}) => {:a 2}" [f m]
  (fold (fn [acc k v] (map-put acc k (f v))) empty m))

(defn filter "The entries of whose key and value `keep?` holds.
> (map/filter (fn [_ v] (> v 1)) {:a 1 :b 2}) => {:b 2}"
  [keep? m]
  (fold (fn [acc k v] (if (keep? k v) (map-put acc k v) acc)) empty m))

(defn merge-with "The entries of both; values of equal keys combined by `f`.
> (map/merge-with + {:a 1 :b 1} {:b 2}) => {:a 1 :b 3}"
  [f m n]
  (fold (fn [acc k v] (map-put acc k (match (get acc k) [(Some u) (f u v)] [None v]))) m n))

(defn group-by "The elements of a vector by what `key` gives.
> (map/group-by (fn [x] (rem x 2)) [1 2 3]) => {0 [2] 1 [1 3]}"
  [key v]
  (vector/group-by key v))

(defn frequencies
  "How often each element is there.\n> (map/frequencies [\"a\" \"b\" \"a\"]) => {\"a\" 2 \"b\" 1}"
  [v]
  (vector/frequencies v))

(defn invert "Values to keys; of equal values the last key.\n> (map/invert {:a 1}) => {1 :a}" [m]
  (fold (fn [acc k v] (map-put acc v k)) empty m))

(defn vals "The values in the order of their keys, as `values`.\n> (map/vals {:b 1 :a 2}) => [2 1]"
  [m]
  (values m))

(defn singleton "A map of one entry.\n> (map/singleton :a 1) => {:a 1}" [k v]
  (map-put empty k v))

(defn of-keys "What `f` gives for each key.\n> (map/of-keys inc [1 2]) => {1 2 2 3}" [f keys]
  (vector/fold (fn [acc k] (map-put acc k (f k))) empty keys))

(defn zip "Keys with values at the same place.\n> (map/zip [:a :b] [1 2]) => {:a 1 :b 2}"
  [keys vals]
  (of (vector/zip keys vals)))

(defn alter "With the value of a key, or its lack, changed by `f`, which may give none.
> (map/alter {:a 1 :b 2} :a (fn [_] None)) => {:b 2}"
  [m k f]
  (match (f (get m k)) [(Some v) (map-put m k v)] [None (remove m k)]))

(defn adjust "With the value of a key changed by `f`, where there is one.
> (map/adjust {:a 1} :b inc) => {:a 1}"
  [m k f]
  (match (get m k) [(Some v) (map-put m k (f v))] [None m]))

(defn map-entries-with "What `f` makes of each key and value.
> (map/map-entries-with (fn [k v] (+ k v)) {1 10}) => {1 11}"
  [f m]
  (fold (fn [acc k v] (map-put acc k (f k v))) empty m))

(defn map-keys "Every key changed by `f`; of keys that become equal the last counts.
> (map/map-keys inc {1 :a}) => {2 :a}"
  [f m]
  (fold (fn [acc k v] (map-put acc (f k) v)) empty m))

(defn filter-map "What `f` gives for each key and value, where it gives something.
> (map/filter-map (fn [_ v] (string/parse-int v)) {:a \"1\" :b \"x\"}) => {:a 1}"
  [f m]
  (fold (fn [acc k v] (match (f k v) [(Some w) (map-put acc k w)] [None acc])) empty m))

(defn partition "The entries of which `p` holds, and the others.
> (map/partition (fn [_ v] (> v 1)) {:a 1 :b 2}) => (Pair {:b 2} {:a 1})"
  [p m]
  (Pair (filter p m) (filter (fn [k v] (not (p k v))) m)))

(defn select "The entries of some keys.\n> (map/select {:a 1 :b 2} [:a :c]) => {:a 1}" [m keys]
  (vector/fold
   (fn [acc k] (match (get m k) [(Some v) (map-put acc k v)] [None acc]))
   empty
   keys))

(defn without "The entries of all but some keys.\n> (map/without {:a 1 :b 2} [:a]) => {:b 2}"
  [m keys]
  (vector/fold remove m keys))

(defn merge-all "The entries of all; of equal keys the last counts.
> (map/merge-all [{:a 1} {:a 2 :b 3}]) => {:a 2 :b 3}"
  [ms]
  (vector/fold merge empty ms))

(defn any? "Whether `p` holds of some key and value.
> (map/any? (fn [_ v] (> v 1)) {:a 1 :b 2}) => true"
  [p m]
  (vector/any? (fn [entry] (p (fst entry) (snd entry))) (map-entries m)))

(defn all? "Whether `p` holds of every key and value.
> (map/all? (fn [_ v] (> v 1)) {:a 1 :b 2}) => false"
  [p m]
  (vector/all? (fn [entry] (p (fst entry) (snd entry))) (map-entries m)))

(defn find "The first entry of whose key and value `p` holds.
> (map/find (fn [_ v] (> v 1)) {:a 1 :b 2}) => (Some (Pair :b 2))"
  [p m]
  ; Entry by entry: what is behind the one that is found is not listed.
  (loop [entry (first m)]
    (match entry
      [None None]
      [(Some (Pair k v)) (if (p k v) entry (recur (after m k)))])))

(defn index-by "The elements of a vector by what `key` gives; of equal keys the last counts.
> (map/index-by string/length [\"a\" \"bc\"]) => {1 \"a\" 2 \"bc\"}"
  [key v]
  (vector/fold (fn [acc x] (map-put acc (key x) x)) empty v))

(defn intersect-with "Values of keys that are in both, combined by `f`.
> (map/intersect-with + {:a 1 :b 1} {:b 2}) => {:b 3}"
  [f m n]
  (filter-map (fn [k u] (match (get n k) [(Some v) (Some (f u v))] [None None])) m))

(defn difference "The entries of the first whose keys are not in the second.
> (map/difference {:a 1 :b 1} {:b 2}) => {:a 1}"
  [m n]
  (filter (fn [k _] (not (contains? n k))) m))

(sig each (Fn [(Fn [k v] b) (Map k v)] Unit) :where [(Unr k) (Unr v) (Unr b)])
(defn each "Calls `f` with every key and value, for its effect.
> (map/each (fn [k v] (print k v)) {:a 1}) => unit"
  [f m]
  (for [entry (map-entries m)] (f (fst entry) (snd entry))))
