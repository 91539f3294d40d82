; Calls C: `eclexia build letters.ecl --link letters.o` makes an executable with the code of
; letters.c in it; `eclexia run --link ./letters.so letters.ecl` loads it, in either engine.
(extern count-letters (Fn [String] Int) "Letters of the alphabet in a text." :cost {:time 1us})
(extern mean-length (Fn [Int Int] Float) "Letters for each word.")
(extern is-shouted (Fn [String] Bool) "Whether there is no small letter.")
(extern rotated (Fn [String Int] String) "Every letter moved on in the alphabet.")
; What the C library has is there anyway.
(extern strlen (Fn [String] Int) "Bytes of a text.")

(defn describe [text]
  (let [letters (count-letters text)
        words (vector/length (string/words text))]
    (str letters " letters, " (mean-length letters words) " for each word"
         (if (is-shouted text) ", all capitals" ""))))

(defn main [world]
  (print (describe "Attack at dawn"))
  (print (describe "RUN NOW"))
  (print (rotated "Attack at dawn" 13))
  (print (rotated (rotated "Größe" 13) 13))
  (print (strlen "Größe")))
