//! A line as fields. Free: by white space. Fixed: by position, which allows blanks in names.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    Free,
    Fixed,
}

/// First byte and the one after the last of each field of a fixed line.
const FIXED: [(usize, usize); 6] = [(1, 3), (4, 12), (14, 22), (24, 36), (39, 47), (49, 61)];

/// The fields that are not blank. A `$` where a name could stand begins a comment.
pub fn fields(line: &str, layout: Layout) -> Vec<&str> {
    let fields: Vec<&str> = match layout {
        Layout::Free => line.split_whitespace().collect(),
        Layout::Fixed => {
            let cut = |&(from, to): &(usize, usize)| {
                line.get(from.min(line.len())..to.min(line.len())).unwrap_or("").trim()
            };
            FIXED.iter().map(cut).filter(|field| !field.is_empty()).collect()
        }
    };
    let comment = fields.iter().position(|field| field.starts_with('$'));
    match comment {
        Some(at) if at > 1 => fields[..at].to_vec(),
        _ => fields,
    }
}
