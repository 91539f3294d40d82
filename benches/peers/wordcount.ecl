; Builds a text letter by letter, cuts it up again and counts its words.
(def letters "abcdefghijklmnopqrstuvwxyz")

(defn next-random [seed] (mod (* seed 16807) 2147483647))

(defn with-word "The text with the letters of a number and a space." [text v]
  (if (> v 0)
    (let [at (mod v 26)]
      (with-word (string/append text (string/slice letters at (+ at 1))) (quot v 26)))
    (string/append text " ")))

(defn make-text [words]
  (loop [i 0 seed 42 text ""]
    (if (= i words)
      text
      (let [a (next-random seed) b (next-random a)]
        (recur (+ i 1) b
               (with-word text (+ (* (mod a 300) (mod b 300) 77) 12345)))))))

(defn count-words [words]
  (loop [i 0 counts {}]
    (if (= i (vector/length words))
      counts
      (recur (+ i 1) (map/update counts (vector/at words i) 0 inc)))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)
        text (make-text n)
        counts (count-words (string/words text))
        squares (vector/sum-by (fn [c] (* c c)) (map/values counts))]
    (print (map/size counts) " " squares " " (string/length text))))
