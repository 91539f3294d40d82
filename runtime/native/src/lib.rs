//! What native code runs on, in `eclexia run` and in executables alike: a stack of its own, a way
//! in and a way out ([`stack`]), a walk over its frames ([`trace`]), and the functions that it
//! calls for what it does not do itself ([`support`]).

pub mod bounds;
mod bytes;
pub mod files;
pub mod http;
pub mod image;
pub mod inside;
pub mod library;
pub mod network;
pub mod stack;
pub mod start;
pub mod support;
mod switch;
pub mod trace;
mod world;
