//! Where calls return to, with the places of the calls.

use cranelift_codegen::CompiledCode;
use eclexia_ir::ir::LocId;

/// The call sites of a function, by the offset of what they return to.
#[derive(Clone, Default, Debug)]
pub(crate) struct Sites {
    pub size: u32,
    pub calls: Vec<(u32, LocId)>,
    /// All code by where the code of a place begins.
    pub places: Vec<(u32, LocId)>,
}

impl Sites {
    /// Of a function of IR: its begin, where no call returns to, has the function's own place. A
    /// run that is found to have taken too much when it has ended ends there.
    pub fn of_function(mut self, own: LocId) -> Sites {
        self.calls.insert(0, (0, own));
        self
    }

    /// Of the function that was compiled last.
    pub fn of(code: Option<&CompiledCode>) -> Sites {
        let Some(code) = code else { return Sites::default() };
        let places = code.buffer.get_srclocs_sorted();
        let mut calls = Vec::new();
        for call in code.buffer.call_sites() {
            // The call itself ends where it returns to.
            let inside = call.ret_addr - 1;
            let next = places.partition_point(|place| place.start <= inside);
            let place = next.checked_sub(1).map(|at| &places[at]);
            let place = place.filter(|p| inside < p.end && !p.loc.is_default());
            if let Some(place) = place {
                calls.push((call.ret_addr, LocId(place.loc.bits())));
            }
        }
        calls.sort_unstable_by_key(|(at, _)| *at);
        let places = places.iter().filter(|place| !place.loc.is_default());
        let places = places.map(|place| (place.start, LocId(place.loc.bits()))).collect();
        Sites { size: code.code_info().total_size, calls, places }
    }
}
