//! Look-ups against servers on this machine that behave, delay, fail, lie and stop: each ends in
//! bounded time, in an answer that says whose it is and why nobody else's.

mod failing;
mod keeping;
mod server;
mod tls;
mod watttime;
