//! Any bytes are a problem of some public format or are refused: readers never panic. What takes two
//! files gets the two halves of the bytes.
#![no_main]

use eclexia_formats::{components, gunzip, mps, packing, read, read_plan, reassign, trace};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = gunzip(bytes, 1 << 20);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    if let Ok(named) = read(first) {
        let _ = read_plan(second, &named.instance);
    }
    let _ = read(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = (mps::read(text), packing::read(text));
    if let Ok(instance) = reassign::instance(text) {
        let _ = reassign::assignment(text, &instance);
    }
    let (Ok(first), Ok(second)) = (std::str::from_utf8(first), std::str::from_utf8(second)) else {
        return;
    };
    let _ = components::read(first, second, &[]);
    let _ = trace::read(first, second);
});
