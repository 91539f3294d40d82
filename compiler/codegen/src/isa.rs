//! The machine that code is made for, and how Cranelift is set up for it.

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use std::str::FromStr;
use target_lexicon::{Architecture, Triple};

/// Why there is no code for a target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsupported {
    /// No triple.
    Unknown(String),
    /// A machine or system that we have no code for.
    Target(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Runs in this process.
    Jit,
    /// Position-independent, for a linker.
    Object,
}

/// Of `triple`; of this machine without.
pub(crate) fn target(
    triple: Option<&str>,
    for_what: Purpose,
) -> Result<OwnedTargetIsa, Unsupported> {
    let triple = match triple {
        Some(text) => Triple::from_str(text).map_err(|_| Unsupported::Unknown(text.to_owned()))?,
        None => Triple::host(),
    };
    let unsupported = || Unsupported::Target(triple.to_string());
    let is_known = matches!(triple.architecture, Architecture::X86_64 | Architecture::Aarch64(_));
    if !is_known {
        return Err(unsupported());
    }
    let mut builder = isa::lookup(triple.clone()).map_err(|_| unsupported())?;
    if triple.architecture == Architecture::X86_64 {
        // x86-64-v2: every machine since 2009.
        for feature in ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"] {
            builder.enable(feature).map_err(|_| unsupported())?;
        }
    }
    builder.finish(flags(for_what)).map_err(|_| unsupported())
}

fn flags(for_what: Purpose) -> settings::Flags {
    let mut builder = settings::builder();
    let is_object = for_what == Purpose::Object;
    let on_off = |on: bool| if on { "true" } else { "false" };
    let all = [
        ("opt_level", "speed"),
        ("enable_verifier", on_off(cfg!(debug_assertions))),
        ("enable_pinned_reg", "true"),
        ("preserve_frame_pointers", "true"),
        ("is_pic", on_off(is_object)),
        // Frames are found by their frame pointers.
        ("unwind_info", "false"),
        ("use_colocated_libcalls", "false"),
        // So that what runs fast does not depend on what stands before it.
        ("log2_min_function_alignment", "6"),
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        ("enable_llvm_abi_extensions", "true"),
    ];
    for (name, value) in all {
        // The names are Cranelift's, of the one version that we build with.
        let _ = builder.set(name, value);
    }
    settings::Flags::new(builder)
}
