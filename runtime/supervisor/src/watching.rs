//! What is seen of an instance from outside: that its program is there, how it answers, its end.
//!
//! In: an instance with a process. Out: messages to the supervisor, each with the process that it
//! is about, so that none is taken for one about a later process; events where its health changes.

use crate::health::{self, Checked};
use crate::process;
use crate::supervisor::{Message, Supervisor, now};
use eclexia_deploy::registry::Process;
use eclexia_deploy::rollout::Health;
use eclexia_deploy::watched::{self, Answer};
use eclexia_model::ProbeKind;
use std::sync::mpsc::Sender;
use std::time::Duration;

impl Supervisor {
    /// Waits until an instance's process is its program.
    pub fn watch_begin(&mut self, id: &str, gate: process::Gate) {
        let Some(live) = self.live.get_mut(id) else { return };
        let Some(process) = live.instance.process.clone() else { return };
        let (sender, id) = (self.sender.clone(), id.to_owned());
        live.tasks.push(self.runtime.spawn(async move {
            gate.passed().await;
            let _ = sender.send(Message::Began { id, process });
        }));
    }

    pub fn began(&mut self, id: &str, process: &Process) {
        if let Some(live) = self.live.get_mut(id)
            && live.instance.process.as_ref() == Some(process)
        {
            live.begun = Some(now());
        }
    }

    /// Waits for the end of an instance's process, and asks it how it is.
    pub fn watch(&mut self, id: &str) {
        let Some(live) = self.live.get_mut(id) else { return };
        let Some(process) = live.instance.process.clone() else { return };
        let (sender, ended) = (self.sender.clone(), process.clone());
        let name = id.to_owned();
        live.tasks.push(self.runtime.spawn(async move {
            process::end_of(&ended).await;
            let _ = sender.send(Message::Ended { id: name, process: ended });
        }));
        let Some(spec) = live.spec.clone() else { return };
        let checked = Checked {
            ports: live.instance.ports.clone(),
            spec,
            launcher: self.launcher.clone(),
            mark: self.folders.mark_of(id),
        };
        for probe in live.watched.probes.clone() {
            let (sender, process) = (self.sender.clone(), process.clone());
            let (id, checked) = (id.to_owned(), checked.clone());
            live.tasks.push(self.runtime.spawn(check(probe, id, process, checked, sender)));
        }
        self.watch_volumes(id);
    }

    pub fn checked(&mut self, id: &str, process: &Process, kind: ProbeKind, answer: &Answer) {
        let now = now();
        let Some(live) = self.live.get_mut(id) else { return };
        if live.instance.process.as_ref() != Some(process) {
            return;
        }
        let was = live.health(now);
        let must_go = live.answered(kind, answer, now);
        let is = live.health(now);
        if was != is {
            let said = live.said.clone().map_or(String::new(), |said| format!(": {said}"));
            self.instance_event(id, is.name(), format!("{id} is {}{said}", is.name()));
        }
        if must_go && is != Health::Stopping {
            let detail = format!("{id} does not answer and is started anew");
            self.instance_event(id, "liveness", detail);
            process::ask_to_end(process);
            self.end_all(id);
        }
    }
}

/// Asks at the check's period; until the first good answer more often, so that it is known early.
async fn check(
    probe: eclexia_model::Probe,
    id: String,
    process: Process,
    checked: Checked,
    sender: Sender<Message>,
) {
    let timeout = Duration::from_secs(u64::from(probe.timeout.max(1)));
    let mut was_good = false;
    loop {
        let answer = health::ask(&probe.check, timeout, &checked).await;
        let pause = Duration::from_millis(watched::pause(&probe, was_good, &answer));
        was_good |= answer == Answer::Good;
        let (id, process) = (id.clone(), process.clone());
        if sender.send(Message::Checked { id, process, kind: probe.kind, answer }).is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
    }
}
