//! `serve`: deployments over HTTP, for people, programs and Prometheus, until Ctrl-C. Beside it
//! runs what looks after the supervisor, what asks what electricity emits, and what follows both.

use super::adapt::{self, Hysteresis};
use super::intensity::Asking;
use super::machine::{self, Configured};
use super::{eclexia, folders, observe, registry, who};
use crate::args::ServeArgs;
use crate::commands::Ended;
use crate::commands::playground::open;
use crate::console::{Console, Exit};
use crate::listen::listen;
use crate::{diagnostics, interrupt};
use eclexia_deploy::registry::At;
use eclexia_plan::graph::{Format, graph};
use eclexia_server::auth::{Gate, SessionKey};
use eclexia_server::{Machine, Server, Tls, serve as answer};
use eclexia_supervisor::client;
use eclexia_supervisor::control::Request;
use eclexia_supervisor::folders::Folders;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How often it is looked whether the supervisor still runs.
const AGAIN: Duration = Duration::from_secs(2);

pub fn serve(console: &Console, args: &ServeArgs) -> Ended {
    let folders = folders()?;
    let configured = machine::configured()?;
    let asking = Asking::new(&configured)?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(chain), Some(key)) => Some(Tls::read(chain, key)?),
        _ => None,
    };
    let is_near = args.listen.ip().is_loopback();
    if !is_near && tls.is_none() && !args.plain {
        return Err(diagnostics::plain_to_all(&args.listen.to_string()).into());
    }
    let (listener, address) = listen(args.listen)?;
    let session = SessionKey::generate()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let page = format!("{scheme}://{address}/#key={}", session.reveal());
    let server = Server {
        folders: folders.clone(),
        launcher: eclexia()?,
        gate: Gate { session, owner: who() },
        picture: |model, plan| graph(model, Some(plan), Format::Svg),
        machine: machine_of(configured.clone()),
        is_near,
    };
    console.out(&format!("Deployments are at {page} (Ctrl-C ends it)\n"));
    if args.open {
        open(&page);
    }
    let is_over = &interrupt::flag();
    guard(folders.clone(), eclexia()?, is_over.clone());
    // A look-up that takes long is not waited for.
    let over = is_over.clone();
    std::thread::spawn(move || asking.watch(&over));
    let served = std::thread::scope(|scope| {
        let rules = args.adapt.map_or_else(Hysteresis::of_prices, Hysteresis::every);
        scope.spawn(move || adapt::follow(console, rules, &configured, is_over));
        scope.spawn(move || observe::tell_all(console, &folders, is_over));
        let served = answer(server, listener, tls, is_over);
        // Where it could not begin, the others end with it.
        is_over.store(true, Ordering::Relaxed);
        served
    });
    served.map_err(|error| diagnostics::cannot_listen(&address.to_string(), &error))?;
    Ok(Exit::Done)
}

/// How budgets stand, for whoever asks over HTTP.
fn machine_of(configured: Configured) -> Machine {
    Box::new(move |registry| {
        let used = machine::used(registry, At::of(SystemTime::now()))?;
        Ok(machine::budgets(&configured.standings(&used)))
    })
}

/// Begins a supervisor anew where one is needed and none runs, for as long as this serves.
fn guard(folders: Folders, eclexia: PathBuf, is_over: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        while !is_over.load(Ordering::Relaxed) {
            std::thread::sleep(AGAIN);
            let is_needed = registry(&folders).ok().flatten().is_some_and(|registry| {
                // One that cannot be read is told of to whoever asks.
                client::is_needed(&registry).unwrap_or(false)
            });
            if is_needed {
                let _ = client::ask(&folders, &eclexia, &Request::Outline);
            }
        }
    });
}
