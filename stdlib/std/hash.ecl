; Hashes of text that stay the same everywhere and for ever. `hash` of the prelude is for tables;
; these are for telling contents apart.
(module std.hash)

(builtin blake3 (Fn [String] String)
  "BLAKE3, as 64 hexadecimal digits.
> (string/take 16 (hash/blake3 \"abc\")) => \"6437b3ac38465133\"")
(builtin blake3-keyed (Fn [String String] String)
  "BLAKE3 under a key, a text of any length: nobody without the key can make it.
> (= (hash/blake3-keyed \"k\" \"abc\") (hash/blake3 \"abc\")) => false")

(defn short "The first 16 digits: enough to name things that nobody forges.
> (hash/short \"abc\") => \"6437b3ac38465133\""
  [text]
  (string/take 16 (blake3 text)))
(defn of-value
  "The hash of a value's JSON.\n> (= (hash/of-value [1 2]) (hash/blake3 \"[1,2]\")) => true"
  [x]
  (blake3 (json/print (to-json x))))
