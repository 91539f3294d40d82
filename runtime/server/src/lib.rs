//! Deployments over HTTP: for people a page, for programs an interface, for Prometheus its metrics.
//!
//! In: connections, what the registry has, what the supervisor answers. Out: answers. Always holds:
//! nothing is answered to who may not ask; what is asked for is bounded in size, number and time;
//! nothing is kept here, so that it can be ended and begun again at any moment. Absent: what to do
//! about what is seen.
//!
//! | Module | What it knows |
//! |---|---|
//! | `routes` | what can be asked for, and who may |
//! | `server`, `tls` | connections |
//! | `auth` | who asks |
//! | `api` | what is answered from the registry and the supervisor |
//! | `metrics` | the same for Prometheus |
//! | `openapi` | the description of it all |
//! | `page/` | the page |

mod api;
pub mod auth;
mod diagnostics;
mod metrics;
mod openapi;
pub mod routes;
mod server;
mod tls;

pub use metrics::latest;
pub use server::{Machine, MachineBudget, Picture, Server, serve};
pub use tls::Tls;
