; An interpreter of expression trees, with closures and environments as lists.
(deftype Expr
  (Num Int) (Var Int) (Add Expr Expr) (Sub Expr Expr) (Less Expr Expr) (If Expr Expr Expr)
  (Lambda Expr) (Call Expr Expr))
(deftype Value (Number Int) (Truth Bool) (Closure Expr (List Value)))

(defn nth [xs i]
  (match xs [(Cons x rest) (if (= i 0) x (nth rest (- i 1)))] [Nil (abort "no such variable")]))

(defn run [e env]
  (match e
    [(Num n) (Number n)]
    [(Var i) (nth env i)]
    [(Add a b) (Number (+ (int a env) (int b env)))]
    [(Sub a b) (Number (- (int a env) (int b env)))]
    [(Less a b) (Truth (< (int a env) (int b env)))]
    [(If a b c)
     (match (run a env)
       [(Truth true) (run b env)]
       [(Truth false) (run c env)]
       [_ (abort "not a boolean")])]
    [(Lambda body) (Closure body env)]
    [(Call a b)
     ; The callee sees its argument as variable 0 and itself as variable 1.
     (let [f (run a env) x (run b env)]
       (match f
         [(Closure body inner) (run body (Cons x (Cons f inner)))]
         [_ (abort "not a function")]))]))

(defn int [e env] (match (run e env) [(Number n) n] [_ (abort "not a number")]))

; fn self(x): if x < 2 then x else self(x - 1) + self(x - 2)
(def fib
  (Lambda
   (If (Less (Var 0) (Num 2))
       (Var 0)
       (Add (Call (Var 1) (Sub (Var 0) (Num 1)))
            (Call (Var 1) (Sub (Var 0) (Num 2)))))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 20)]
    (print (int (Call fib (Num n)) (list)))))
