//! What other languages call functions and modules of the library, for "did you mean": a spelling
//! that is far from ours, but means the same. Only runs when something is wrong.

/// Their name, and ours in the order of preference; which of them a module has decides.
const FUNCTIONS: &[(&[&str], &[&str])] = &[
    (&["head", "car", "hd", "front"], &["first", "peek"]),
    (&["empty", "is-empty", "isEmpty", "null?", "nil?"], &["empty?"]),
    (&["tail", "cdr", "tl", "next"], &["rest"]),
    (&["nth", "ref", "elt", "lookup", "find-opt", "fetch", "at", "charAt"], &["get", "char-at"]),
    (&["size", "len", "count", "cardinal"], &["length", "size"]),
    (&["length"], &["size"]),
    (&["add", "put", "assoc", "set", "conj", "adjoin"], &["insert", "push"]),
    (&["append!", "push!", "conj", "snoc", "add-last", "push-back"], &["push"]),
    (&["enqueue", "offer", "insert", "add"], &["push"]),
    (&["dequeue", "poll", "extract-min", "pop-min", "remove-min"], &["pop"]),
    (&["min", "find-min", "top"], &["peek", "minimum"]),
    (&["max"], &["maximum"]),
    (&["dissoc", "delete", "disj", "del", "erase", "without"], &["remove"]),
    (&["has?", "has", "member?", "mem", "includes?", "include?", "elem?", "in?"], &["contains?"]),
    (&["contains-key?", "has-key?", "key?"], &["contains?"]),
    (&["some", "some?", "exists", "exists?", "any"], &["any?", "contains?"]),
    (&["every?", "every", "for-all", "all"], &["all?"]),
    (
        &["foldl", "fold-left", "foldl'", "inject", "accumulate", "reduce", "reduce-kv", "fold-kv"],
        &["fold"],
    ),
    (
        &["from-list", "from-vector", "from-pairs", "from-entries", "of-list", "into", "collect"],
        &["of", "of-list", "from-list"],
    ),
    (&["foldr", "reduce-right"], &["fold-right"]),
    (&["mapcat", "concat-map", "flatmap", "bind", "then", "chain"], &["flat-map", "and-then"]),
    (&["mapi", "map-with-index"], &["map-indexed"]),
    (&["keep", "collect-some", "choose"], &["filter-map"]),
    (&["select", "where", "filterv"], &["filter"]),
    (&["reject", "filter-not"], &["remove"]),
    (&["for-each", "foreach", "iter", "doseq", "run!"], &["each"]),
    (&["uniq", "unique", "nub", "distinct?"], &["distinct", "dedupe"]),
    (&["sum-of", "total"], &["sum", "sum-by"]),
    (&["zipwith", "map2"], &["zip-with"]),
    (&["subvec", "sub", "sublist", "substring", "substr"], &["slice"]),
    (&["butlast", "drop-end"], &["init", "drop-last"]),
    (&["tally", "counts"], &["frequencies"]),
    (&["partition-all", "chunk", "chunks-of", "partition-by-size", "batch"], &["chunks"]),
    (&["window", "sliding", "partition-n", "each-cons"], &["windows"]),
    (&["partition-by", "group", "cluster"], &["chunk-by", "group-by"]),
    (&["scanl", "reductions"], &["scan"]),
    (&["unwrap", "get!", "from-just"], &["expect", "get-or"]),
    (&["unwrap-or", "with-default", "default", "value-or", "get-or-default"], &["get-or"]),
    (&["fmap", "map-values", "map-vals", "mapv"], &["map"]),
    (&["filter-values", "filter-keys", "filter-kv", "select-keys"], &["filter"]),
    (&["enumerate", "indexed", "with-index", "each-with-index"], &["map-indexed"]),
    (&["sorted", "sort!"], &["sort"]),
    (&["sort-on", "sortBy", "order-by"], &["sort-by"]),
    (&["minimum-by", "minBy"], &["min-by"]),
    (&["maximum-by", "maxBy"], &["max-by"]),
    (&["position", "find-index", "indexOf", "find"], &["index-where", "index-of"]),
    (&["skip"], &["drop"]),
    (&["limit"], &["take"]),
    (&["cons", "prepend", "unshift", "push-first"], &["push-front"]),
    (&["fill", "make", "replicate"], &["repeat"]),
    (&["modify", "change", "upsert"], &["update", "alter"]),
    (&["union"], &["merge"]),
    (&["intersect", "inter"], &["intersection", "intersect-with"]),
    (&["minus", "subtract"], &["difference"]),
    (&["is-some", "isSome", "present?", "just?"], &["some?"]),
    (&["is-none", "isNone", "nothing?"], &["none?"]),
    (&["is-ok", "isOk"], &["ok?"]),
    (&["is-err", "isErr", "error?"], &["err?"]),
    (&["or"], &["or-else"]),
    (&["map-error"], &["map-err"]),
    (&["vals", "elements"], &["values", "to-vector"]),
    (&["entry-set", "to-list", "pairs", "items"], &["entries", "to-vector"]),
    (&["uppercase", "to-upper", "upper-case", "upcase", "to-upper-case"], &["upper"]),
    (&["lowercase", "to-lower", "lower-case", "downcase", "to-lower-case"], &["lower"]),
    (&["strip", "trim-all", "chomp"], &["trim"]),
    (&["pad-start", "rjust"], &["pad-left"]),
    (&["pad-end", "ljust"], &["pad-right"]),
    (&["remove-prefix", "trim-prefix"], &["strip-prefix"]),
    (&["remove-suffix", "trim-suffix"], &["strip-suffix"]),
    (&["to-list", "to-chars", "characters", "explode"], &["chars"]),
    (&["triml", "ltrim", "trim-left"], &["trim-start"]),
    (&["trimr", "rtrim", "trim-right"], &["trim-end"]),
    (&["starts-with", "has-prefix?", "prefix?"], &["starts-with?"]),
    (&["ends-with", "has-suffix?", "suffix?"], &["ends-with?"]),
    (&["to-int", "to-integer", "string->int", "int", "as-int"], &["parse-int"]),
    (&["to-float", "to-double", "float"], &["parse-float"]),
    (&["replace-all", "gsub"], &["replace"]),
    (&["matches", "match?", "test", "is-match?"], &["matches?"]),
    (&["match", "search", "exec", "first-match"], &["find", "captures"]),
    (&["groups"], &["captures"]),
    (
        &["stringify", "encode", "dump", "generate", "write", "to-string", "serialize", "show"],
        &["print"],
    ),
    (&["decode", "load", "read", "from-string", "deserialize"], &["parse"]),
    (&["slurp", "read-file", "open", "get"], &["read"]),
    (&["spit", "write-file", "save"], &["write"]),
    (&["mkdir", "create-folder", "make-dir"], &["make-folder"]),
    (&["rm", "delete", "unlink"], &["remove"]),
    (&["ls", "dir", "list-dir", "read-dir"], &["list"]),
    (&["rename", "mv"], &["move"]),
    (&["basename", "name"], &["file-name"]),
    (&["dirname", "directory"], &["parent"]),
    (&["int", "rand-int", "next-int", "int-below"], &["below"]),
    (&["range", "int-between"], &["between"]),
    (&["rand", "float", "double", "next-float"], &["float-unit"]),
    (&["pick", "rand-nth"], &["choose"]),
    (&["sha256", "digest", "md5"], &["blake3"]),
    (&["diff", "since", "elapsed"], &["between"]),
    (&["plus", "plus-duration"], &["add"]),
    (&["pow"], &["power"]),
];

const MODULES: &[(&[&str], &str)] = &[
    (&["str", "text", "strings", "String"], "string"),
    (&["vec", "array", "arr", "Vector", "vectors", "arrays"], "vector"),
    (&["lists", "List"], "list"),
    (&["dict", "hashmap", "hash-map", "maps", "Map", "table"], "map"),
    (&["sets", "Set", "hash-set"], "set"),
    (&["maybe", "Option"], "option"),
    (&["either", "Result"], "result"),
    (&["re", "regexp", "Regex"], "regex"),
    (&["rand", "rng"], "random"),
    (&["io", "fs", "file", "os"], "files"),
    (&["date", "datetime", "instant", "calendar"], "time"),
    (&["Math", "num", "number", "int", "float"], "math"),
    (&["fmt", "printf"], "format"),
    (&["priority-queue", "pq"], "heap"),
    (&["deque", "fifo"], "queue"),
    (&["stream", "iter", "lazy", "sequence"], "seq"),
    (&["net", "tcp", "socket"], "network"),
    (&["web", "server", "httpd"], "http"),
    (&["environment"], "env"),
    (&["argv", "cli"], "args"),
    (&["quickcheck", "property", "check"], "gen"),
    (&["blake3", "digest", "crypto"], "hash"),
    (&["bit"], "bits"),
];

/// Ours for their name of a function, among those that there are.
pub(crate) fn function<'s>(name: &str, known: impl Fn(&str) -> bool) -> Option<&'s str> {
    let rows = FUNCTIONS.iter().filter(|(theirs, _)| theirs.contains(&name));
    rows.flat_map(|(_, ours)| ours.iter().copied()).find(|ours| known(ours))
}

/// Ours for their name of a module.
pub(crate) fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(theirs, _)| theirs.contains(&name)).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_has_decides_between_meanings() {
        assert_eq!(function("size", |n| n == "length"), Some("length"));
        assert_eq!(function("add", |n| n == "push"), Some("push"));
        assert_eq!(function("from-list", |n| n == "of"), Some("of"));
        assert_eq!(function("head", |_| false), None);
        assert_eq!(module("str"), Some("string"));
    }
}
