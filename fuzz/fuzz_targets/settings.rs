//! Any bytes are a configuration file or are refused: nothing panics, places lie within the text,
//! and what is read has a value of its kind. The first byte says which file it is.
#![no_main]

use eclexia_diag::Sources;
use eclexia_settings::table::FILES;
use eclexia_settings::{Settings, adaptive::Candidate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let file = &FILES[usize::from(*which) % FILES.len()];
    let mut sources = Sources::new();
    let (settings, found) = Settings::of_texts(&[(file.name, text)], &mut sources);
    for diagnostic in found.iter() {
        let span = diagnostic.primary.as_ref().expect("it has a place").span;
        assert!(span.start <= span.end && span.end as usize <= text.len());
        assert!(diagnostic.message.chars().count() <= 80);
    }
    let _ = settings.carbon();
    let (adaptive, budgets) = (settings.adaptive(), settings.budgets());
    for strategy in settings.strategies().values() {
        let _ = adaptive.select(&[Candidate::default()], &budgets, strategy);
    }
    for budget in &budgets.0 {
        let price = budget.price(budget.share(1e300), adaptive.cost_function);
        assert!(price.is_finite() && price >= 0.0);
    }
});
