; Maps from keys to values. Keys are data: numbers, strings, keywords, and data made of these; they
; are held, and listed, in their structural order (numbers and texts as `<` has them, constructors
; as declared), so every run lists them alike. An `Ord` written by hand does not change that.
(module std.map)

(builtin empty (Map k v) "No entries.\n> (map/size map/empty) => 0")
(builtin size (Fn [(Map k v)] Int) "How many entries.\n> (map/size {:a 1 :b 2}) => 2")
(builtin get (Fn [(Map k v) k] (Option v)) "The value of a key.\n> (map/get {:a 1} :a) => (Some 1)")
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

(defn entries "Keys with their values, in order.\n> (map/entries {:a 1}) => [(Pair :a 1)]" [m]
  (map-entries m))
(defn insert "With a value for a key.\n> (map/insert {:a 1} :b 2) => {:a 1 :b 2}" [m k v]
  (map-put m k v))
(defn empty? "Whether there are no entries.\n> (map/empty? {:a 1}) => false" [m] (= (size m) 0))
(defn get-or "The value of a key, or the default.\n> (map/get-or {:a 1} :b 0) => 0" [m k default]
  (match (get m k) [(Some v) v] [None default]))

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
  (vector/fold (fn [acc x] (update acc (key x) [] (fn [group] (vector-push group x)))) empty v))

(defn frequencies
  "How often each element is there.\n> (map/frequencies [\"a\" \"b\" \"a\"]) => {\"a\" 2 \"b\" 1}"
  [v]
  (vector/fold (fn [acc x] (update acc x 0 inc)) empty v))

(defn invert "Values to keys; of equal values the last key.\n> (map/invert {:a 1}) => {1 :a}" [m]
  (fold (fn [acc k v] (map-put acc v k)) empty m))
