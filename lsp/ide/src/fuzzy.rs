//! Does a name fit what has been typed of it?

/// How well: 0 the same letters, 1 begins so, 2 a later part begins so (`length` of `list/length`),
/// 3 has the letters in their order; `None`: not at all. The case of letters does not matter.
pub fn rank(name: &str, typed: &str) -> Option<u8> {
    let (name, typed) = (name.to_lowercase(), typed.to_lowercase());
    if name == typed {
        return Some(0);
    }
    if name.starts_with(&typed) {
        return Some(1);
    }
    let parts = |c: char| matches!(c, '/' | '-' | '.' | '>');
    if name.split(parts).any(|part| part.starts_with(&typed)) {
        return Some(2);
    }
    let mut letters = name.chars();
    typed.chars().all(|wanted| letters.any(|c| c == wanted)).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn a_name_fits_by_its_beginning_by_a_part_or_by_its_letters() {
        assert_eq!(rank("list/length", "LIST/length"), Some(0));
        assert_eq!(rank("list/length", "li"), Some(1));
        assert_eq!(rank("list/length", "len"), Some(2));
        assert_eq!(rank("list/length", "lgth"), Some(3));
        assert_eq!(rank("list/length", "lx"), None);
        assert_eq!(rank("length", ""), Some(1));
    }
}
