//! What a program can do to the world, implemented by whoever runs it. Nothing in this crate or in
//! the evaluator touches a file, a clock or the environment itself.

/// The effects behind the capabilities of `World`, and `print`, which needs none.
pub trait Effects {
    /// One line, without its end.
    fn print(&mut self, line: &str);
    fn read_file(&mut self, path: &str) -> Result<String, String>;
    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String>;
    /// Seconds since 1970-01-01 UTC.
    fn now(&mut self) -> f64;
    /// The next number of the run's seeded generator.
    fn random(&mut self) -> u64;
    fn env(&mut self, name: &str) -> Option<String>;
}

/// No world at all: printed lines are kept, everything else is refused or zero. What planning,
/// `check` and tests run with.
#[derive(Default, Debug)]
pub struct Hermetic {
    pub printed: Vec<String>,
}

impl Effects for Hermetic {
    fn print(&mut self, line: &str) {
        self.printed.push(line.to_owned());
    }
    fn read_file(&mut self, path: &str) -> Result<String, String> {
        Err(format!("{path}: there are no files here"))
    }
    fn write_file(&mut self, path: &str, _: &str) -> Result<(), String> {
        Err(format!("{path}: there are no files here"))
    }
    fn now(&mut self) -> f64 {
        0.0
    }
    fn random(&mut self) -> u64 {
        0
    }
    fn env(&mut self, _: &str) -> Option<String> {
        None
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the generator for implementors of [`Effects::random`].
#[derive(Clone, Debug)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
