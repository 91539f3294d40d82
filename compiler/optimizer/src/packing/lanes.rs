//! Several amounts in few machine words. Each has a lane with a guard bit above it, so that one
//! subtraction per word takes all of them, and the guards that are still set say that none ran out.
//! Lanes hold sums, so a size below zero is a number like any other.

/// Where the lanes are.
pub struct Lanes<const W: usize> {
    /// Word and shift of each dimension.
    place: Vec<(usize, u32)>,
    pub guard: [u64; W],
}

/// How many words lanes take that hold amounts up to these.
pub fn words(most: &[u64]) -> usize {
    layout(most).last().map_or(1, |(word, ..)| word + 1)
}

/// Word, shift and width of each lane.
fn layout(most: &[u64]) -> Vec<(usize, u32, u32)> {
    let (mut word, mut used) = (0, 0);
    let mut lanes = Vec::with_capacity(most.len());
    for most in most {
        let width = u64::BITS - most.leading_zeros() + 1;
        if used + width > u64::BITS {
            (word, used) = (word + 1, 0);
        }
        lanes.push((word, used, width));
        used += width;
    }
    lanes
}

impl<const W: usize> Lanes<W> {
    /// For amounts up to these, in no more than `W` words.
    pub fn new(most: &[u64]) -> Lanes<W> {
        let mut guard = [0; W];
        let mut place = Vec::with_capacity(most.len());
        for (word, shift, width) in layout(most) {
            guard[word] |= 1 << (shift + width - 1);
            place.push((word, shift));
        }
        Lanes { place, guard }
    }

    pub fn pack(&self, amounts: impl Iterator<Item = i64>) -> [u64; W] {
        let mut words = [0u64; W];
        for ((word, shift), amount) in self.place.iter().zip(amounts) {
            words[*word] = words[*word].wrapping_add((amount as u64) << shift);
        }
        words
    }

    pub fn fits(&self, room: &[u64; W], size: &[u64; W]) -> bool {
        let left = |w: usize| (room[w] | self.guard[w]).wrapping_sub(size[w]) & self.guard[w];
        (0..W).all(|w| left(w) == self.guard[w])
    }
}

pub fn less<const W: usize>(room: &[u64; W], size: &[u64; W]) -> [u64; W] {
    std::array::from_fn(|w| room[w].wrapping_sub(size[w]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_what_fits_in_every_dimension() {
        let most = [1000, 150, 7, 1 << 40, 63];
        assert_eq!(words(&most), 2);
        let lanes = Lanes::<2>::new(&most);
        let pack = |amounts: [i64; 5]| lanes.pack(amounts.into_iter());
        let room = pack([1000, 150, 7, 1 << 40, 63]);
        assert!(lanes.fits(&room, &room));
        for d in 0..5 {
            let mut less_room = [1000, 150, 7, 1 << 40, 63];
            less_room[d] -= 1;
            assert!(!lanes.fits(&pack(less_room), &room), "{d}");
            assert!(lanes.fits(&room, &pack(less_room)), "{d}");
        }
        let left = less(&pack([10, 10, 2, 10, 10]), &pack([4, -3, -1, -7, 10]));
        assert_eq!(left, pack([6, 13, 3, 17, 0]));
    }
}
