; Tests of main.ecl; `eclexia test` runs them and the examples in docstrings.
(import main)

(deftest "a greeting names its reader"
  (check (= (main/greeting "Ada") "Hello, Ada!")))
