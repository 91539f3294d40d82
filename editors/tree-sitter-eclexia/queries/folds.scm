[(list) (vector) (map) (block_comment) (raw_string)] @fold
