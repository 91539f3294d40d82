; Queues: first in, first out. Persistent; each operation takes constant time, spread over all.
; Two lists: the front in order, the back reversed, turned over when the front is empty (Okasaki).
(module std.queue
  :exports [Queue empty of of-list push pop peek size empty? to-list to-vector push-all map filter
            fold any? all? contains? append])

(deftype (Queue a) "A queue, first in, first out." :private (Queue (List a) (List a) Int))

(implement (Eq (Queue a)) :where [(Eq a)] (defn = [p q] (= (to-list p) (to-list q))))
(implement (Ord (Queue a)) :where [(Ord a)]
  (defn compare [p q] (compare (to-list p) (to-list q))))
(implement (Show (Queue a)) :where [(Show a)]
  (defn show [q] (str "(queue/of " (to-vector q) ")")))
(implement (Hash (Queue a)) :where [(Hash a)] (defn hash [q] (hash (to-list q))))
(implement (Serialize (Queue a)) :where [(Serialize a)] (defn to-json [q] (to-json (to-vector q))))

(def empty "No elements.\n> (queue/size queue/empty) => 0" (Queue Nil Nil 0))
(defn of-list "A list's elements, the first first out.
> (queue/of-list (list 1 2)) => (queue/of [1 2])"
  [xs]
  (Queue xs Nil (list/length xs)))
(defn of "A vector's elements, the first first out.\n> (queue/peek (queue/of [1 2])) => (Some 1)"
  [v]
  (of-list (vector/to-list v)))

(defn front-first [front back n]
  (match front [Nil (Queue (list/reverse back) Nil n)] [_ (Queue front back n)]))
(defn push "With one element more at the end.\n> (queue/push (queue/of [1]) 2) => (queue/of [1 2])"
  [q x]
  (match q [(Queue front back n) (front-first front (Cons x back) (+ n 1))]))
(defn pop "The first element, and the others.
> (queue/pop (queue/of [1 2])) => (Some (Pair 1 (queue/of [2])))"
  [q]
  (match q
    [(Queue (Cons x front) back n) (Some (Pair x (front-first front back (- n 1))))]
    [_ None]))
(defn peek "The first element.\n> (queue/peek (queue/of [1 2])) => (Some 1)" [q]
  (match q [(Queue front _ _) (list/first front)]))
(defn size "How many elements.\n> (queue/size (queue/of [5 6])) => 2" [q]
  (match q [(Queue _ _ n) n]))
(defn empty? "Whether there is no element.\n> (queue/empty? (queue/of [1])) => false" [q]
  (= (size q) 0))
(defn to-list "The elements, the first first.\n> (queue/to-list (queue/of [1 2])) => (list 1 2)" [q]
  (match q [(Queue front back _) (list/append front (list/reverse back))]))
(defn to-vector "The elements, the first first.\n> (queue/to-vector (queue/of [1 2])) => [1 2]" [q]
  (vector/from-list (to-list q)))

(defn push-all "With the elements of a vector at the end.
> (queue/push-all (queue/of [1]) [2 3]) => (queue/of [1 2 3])"
  [q v]
  (vector/fold push q v))
(defn append "One queue after the other.
> (queue/append (queue/of [1]) (queue/of [2])) => (queue/of [1 2])"
  [p q]
  (fold push p q))
(defn map "Every element changed by `f`.\n> (queue/map inc (queue/of [1 2])) => (queue/of [2 3])"
  [f q]
  (match q [(Queue front back n) (Queue (list/map f front) (list/map f back) n)]))
(defn filter "The elements of which `keep?` holds.
> (queue/filter (fn [x] (> x 1)) (queue/of [1 2])) => (queue/of [2])"
  [keep? q]
  (of-list (list/filter keep? (to-list q))))
(defn fold "Combines from the first.\n> (queue/fold + 0 (queue/of [1 2])) => 3" [f init q]
  (list/fold f init (to-list q)))
(defn any? "Whether `p` holds of some element.
> (queue/any? (fn [x] (> x 1)) (queue/of [1 2])) => true"
  [p q]
  (list/any? p (to-list q)))
(defn all? "Whether `p` holds of every element.
> (queue/all? (fn [x] (> x 1)) (queue/of [1 2])) => false"
  [p q]
  (list/all? p (to-list q)))
(defn contains? "Whether the element is there.\n> (queue/contains? (queue/of [1 2]) 2) => true"
  [q x]
  (list/contains? (to-list q) x))
