//! Offsets of bytes, as the compiler counts, to UTF-16 units, as scripts count, and back.

/// The places of one text.
pub struct Places<'t> {
    text: &'t str,
    is_ascii: bool,
}

impl<'t> Places<'t> {
    pub fn new(text: &'t str) -> Places<'t> {
        Places { text, is_ascii: text.is_ascii() }
    }

    /// Units before a byte; within a character, those before it.
    pub fn units(&self, byte: u32) -> u32 {
        let mut end = self.text.len().min(byte as usize);
        if self.is_ascii {
            return end as u32;
        }
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text[..end].chars().map(|c| c.len_utf16() as u32).sum()
    }

    /// Bytes before a unit; within a character, those before it.
    pub fn bytes(&self, unit: u32) -> u32 {
        if self.is_ascii {
            return unit.min(self.text.len() as u32);
        }
        let mut left = unit;
        for (at, c) in self.text.char_indices() {
            match left.checked_sub(c.len_utf16() as u32) {
                Some(less) if left > 0 => left = less,
                _ => return at as u32,
            }
        }
        self.text.len() as u32
    }

    /// For many bytes in ascending order, in one pass over the text.
    pub fn ascending(&self, bytes: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let (mut at, mut units) = (0, 0);
        let next = |byte: u32| {
            let byte = (byte as usize).clamp(at, self.text.len());
            let passed = self.text.get(at..byte).unwrap_or_default();
            units += passed.chars().map(|c| c.len_utf16() as u32).sum::<u32>();
            at = byte;
            units
        };
        bytes.into_iter().map(next).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_there_and_back_at_every_character() {
        let text = "a é 😀 z";
        let places = Places::new(text);
        let mut units = 0;
        for (byte, c) in text.char_indices() {
            assert_eq!(places.units(byte as u32), units, "{c}");
            assert_eq!(places.bytes(units), byte as u32, "{c}");
            units += c.len_utf16() as u32;
        }
        assert_eq!(places.units(999), units);
        assert_eq!(places.bytes(999), text.len() as u32);
        // In the middle of the emoji.
        assert_eq!(places.bytes(5), 5);
        let all = text.char_indices().map(|(byte, _)| byte as u32);
        let one_by_one: Vec<u32> = all.clone().map(|byte| places.units(byte)).collect();
        assert_eq!(places.ascending(all), one_by_one);
    }
}
