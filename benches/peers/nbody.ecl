; The solar system: five bodies, coordinates in vectors of their own.
(deftype Moved (Moved (Vector Float) (Vector Float) (Vector Float)))

(def solar-mass (* 4.0 math/pi math/pi))
(def days 365.24)
(def bodies 5)

(def start-x
  [0.0 4.84143144246472090e+00 8.34336671824457987e+00 1.28943695621391310e+01
   1.53796971148509165e+01])
(def start-y
  [0.0 -1.16032004402742839e+00 4.12479856412430479e+00 -1.51111514016986312e+01
   -2.59193146099879641e+01])
(def start-z
  [0.0 -1.03622044471123109e-01 -4.03523417114321381e-01 -2.23307578892655734e-01
   1.79258772950371181e-01])
(def start-vx
  [0.0 (* 1.66007664274403694e-03 days) (* -2.76742510726411910e-03 days)
   (* 2.96460137564761618e-03 days) (* 2.68067772490389322e-03 days)])
(def start-vy
  [0.0 (* 7.69901118419740425e-03 days) (* 4.99852801234917238e-03 days)
   (* 2.37847173959480950e-03 days) (* 1.62824170038242295e-03 days)])
(def start-vz
  [0.0 (* -6.90460016972063023e-05 days) (* 2.30417297573763929e-05 days)
   (* -2.96589568540237556e-05 days) (* -9.51592254519715870e-05 days)])
(def masses
  [solar-mass (* 9.54791938424326609e-04 solar-mass) (* 2.85885980666130812e-04 solar-mass)
   (* 4.36624404335156298e-05 solar-mass) (* 5.15138902046611451e-05 solar-mass)])

(sig without-momentum (Fn [(Vector Float) (Vector Float)] (Vector Float)))
(defn without-momentum "Velocities whose momentum is zero: the sun takes the rest." [v mass]
  (loop [i 0 p 0.0]
    (if (< i bodies)
      (recur (+ i 1) (+ p (* (vector/at v i) (vector/at mass i))))
      (vector/set v 0 (- 0.0 (/ p solar-mass))))))

(sig energy (Fn [(Vector Float) (Vector Float) (Vector Float) Moved (Vector Float)] Float))
(defn energy [x y z moved mass]
  (match moved
    [(Moved vx vy vz)
     (loop [i 0 j 1 e 0.0]
       (cond (= i bodies) e
             (= j bodies)
             (let [a (vector/at vx i) b (vector/at vy i) c (vector/at vz i)]
               (recur (+ i 1) (+ i 2)
                      (+ e (* 0.5 (vector/at mass i) (+ (* a a) (* b b) (* c c))))))
             :else
             (let [dx (- (vector/at x i) (vector/at x j))
                   dy (- (vector/at y i) (vector/at y j))
                   dz (- (vector/at z i) (vector/at z j))]
               (recur i (+ j 1)
                      (- e (/ (* (vector/at mass i) (vector/at mass j))
                              (math/sqrt (+ (* dx dx) (* dy dy) (* dz dz)))))))))]))

(sig accelerate
  (Fn [Float (Vector Float) (Vector Float) (Vector Float) Moved (Vector Float)] Moved))
(defn accelerate "The velocities after a step of time, by the pull of each pair."
  [dt x y z moved mass]
  (match moved
    [(Moved vx vy vz)
     (loop [i 0 j 1 vx vx vy vy vz vz]
       (cond (= i bodies) (Moved vx vy vz)
             (= j bodies) (recur (+ i 1) (+ i 2) vx vy vz)
             :else
             (let [dx (- (vector/at x i) (vector/at x j))
                   dy (- (vector/at y i) (vector/at y j))
                   dz (- (vector/at z i) (vector/at z j))
                   d2 (+ (* dx dx) (* dy dy) (* dz dz))
                   mag (/ dt (* d2 (math/sqrt d2)))
                   mi (vector/at mass i)
                   mj (vector/at mass j)]
               (recur i (+ j 1)
                      (pull vx i j (* dx mj mag) (* dx mi mag))
                      (pull vy i j (* dy mj mag) (* dy mi mag))
                      (pull vz i j (* dz mj mag) (* dz mi mag))))))]))

(sig pull (Fn [(Vector Float) Int Int Float Float] (Vector Float)))
(defn pull [v i j less more]
  (let [v (vector/set v i (- (vector/at v i) less))]
    (vector/set v j (+ (vector/at v j) more))))

(sig move (Fn [Float (Vector Float) (Vector Float)] (Vector Float)))
(defn move [dt x v]
  (loop [i 0 x x]
    (if (< i bodies)
      (recur (+ i 1) (vector/set x i (+ (vector/at x i) (* dt (vector/at v i)))))
      x)))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)
        dt 0.01
        mass masses]
    (loop [i 0 x start-x y start-y z start-z
           moved (Moved (without-momentum start-vx mass) (without-momentum start-vy mass)
                        (without-momentum start-vz mass))]
      (if (= i n)
        (print (floor (* 1e9 (energy x y z moved mass))))
        (match (accelerate dt x y z moved mass)
          [(Moved vx vy vz)
           (recur (+ i 1) (move dt x vx) (move dt y vy) (move dt z vz) (Moved vx vy vz))])))))
