//! Any bytes are a plan or are refused; what is a plan is written and read back as itself.
#![no_main]

use eclexia_model::Plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(plan) = Plan::from_json(bytes) {
        let written = serde_json::to_vec(&plan).expect("plain data is JSON");
        let again = Plan::from_json(&written);
        assert!(again.is_ok_and(|again| again == plan));
    }
});
