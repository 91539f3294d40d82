//! The eclexia command.
fn main() {}
