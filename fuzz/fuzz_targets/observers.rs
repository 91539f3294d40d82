//! Any text is a destination or is refused, and one is read again as it was; any line is one of a
//! server of NATS or is refused.
#![no_main]

use eclexia_observe::{Destination, Op, Reach, read_op};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match Destination::parse(&text, Reach::Plain) {
        Ok(destination) => {
            assert_eq!(destination.text(), text);
            assert_eq!(Destination::parse(&text, Reach::Plain).ok(), Some(destination));
        }
        Err(found) => assert!(found.message.chars().count() <= 80),
    }
    if let Ok(Op::Message { headers, bytes, .. }) = read_op(&text) {
        assert!(headers <= bytes);
    }
});
