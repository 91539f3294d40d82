//! Numbers and texts as bytes: how an image is kept in an executable. Numbers take seven bits a
//! byte, the lowest first.

use eclexia_base::bug;

#[derive(Default)]
pub struct Out {
    pub bytes: Vec<u8>,
}

impl Out {
    pub fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    pub fn flag(&mut self, is: bool) {
        self.number(u64::from(is));
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Out, &T)) {
        self.number(items.len() as u64);
        items.iter().for_each(|item| each(self, item));
    }

    /// `None` is 0, and a number one more than it is.
    pub fn option(&mut self, n: Option<u32>) {
        self.number(n.map_or(0, |n| u64::from(n) + 1));
    }
}

pub struct In<'a> {
    pub bytes: &'a [u8],
}

impl<'a> In<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { bug!("the image ends early") };
        self.bytes = rest;
        *first
    }

    pub fn number(&mut self) -> u64 {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return n;
            }
            shift += 7;
        }
    }

    pub fn small(&mut self) -> u32 {
        self.number() as u32
    }

    pub fn flag(&mut self) -> bool {
        self.number() != 0
    }

    pub fn text(&mut self) -> &'a str {
        let length = self.number() as usize;
        let Some((text, rest)) = self.bytes.split_at_checked(length) else {
            bug!("the image ends early")
        };
        self.bytes = rest;
        std::str::from_utf8(text).unwrap_or_default()
    }

    pub fn list<T>(&mut self, mut each: impl FnMut(&mut In<'a>) -> T) -> Vec<T> {
        (0..self.number()).map(|_| each(self)).collect()
    }

    pub fn option(&mut self) -> Option<u32> {
        self.small().checked_sub(1)
    }
}
