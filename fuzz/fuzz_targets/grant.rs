//! Any bytes are a chain of grants or are refused; what is one is written back as it was, and
//! counts for nothing where nobody is trusted. Any text is a token or is refused.
#![no_main]

use eclexia_deploy::grants::{Chain, Grants, Token};
use eclexia_deploy::keys::Trust;
use eclexia_deploy::registry::At;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(chain) = Chain::from_json(bytes) {
        assert_eq!(Chain::from_json(&chain.to_json()).ok(), Some(chain));
    }
    let text = String::from_utf8_lossy(bytes);
    let none = (&Trust::default(), &Grants::default());
    assert!(Token::check(&text, "here", none, At(0)).is_err());
});
