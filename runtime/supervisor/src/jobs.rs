//! Jobs: started in their hours, stopped between them, tried again, told.
//!
//! In: what each job's last run is, and the time (`schedule` decides). Out: instances, one for each
//! try; runs in the registry; events of the resource `job NAME`. Always holds: a run is recorded
//! with its first instance, before its process is; what became of a try is recorded together with
//! its instance's end, so that it is judged once, by whichever supervisor; while a process of a
//! job is there, of whatever version, no other is started.
//! How a process ended is known also where it was started by a supervisor before this one: who
//! keeps it (`launch`) has written it down.

use crate::control::{Again, JobRuns, JobStatus, Reply};
use crate::diagnostics;
use crate::launch::Kept;
use crate::live::Live;
use crate::loaded::Loaded;
use crate::process;
use crate::schedule::{self, Alive, Decision, Known, Order};
use crate::stages::{Deployed, Tally};
use crate::status::Detail;
use crate::supervisor::{Supervisor, how, now};
use eclexia_deploy::registry::{At, DAY, Event, Fact, Instance, Run, RunState, Sample};
use eclexia_deploy::rollout::Health;
use eclexia_diag::Diagnostic;
use eclexia_targets::local::Job;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;

/// Milliseconds in which a try has not really begun: it is not told how long it took.
const MOMENT: u64 = 1_000;

impl Supervisor {
    /// Brings the jobs of a deployment a step further.
    pub fn jobs(&mut self, name: &str) {
        let Some(deployed) = self.deployments.get(name) else { return };
        let aim = self.aim_of_jobs(name, deployed);
        if !deployed.has_jobs && aim.as_ref().is_none_or(|aim| aim.tree.jobs.is_empty()) {
            return;
        }
        let mut unwanted = Vec::new();
        let mut has_jobs = false;
        let of = |live: &&Live| live.is_job && live.instance.deployment == name;
        for live in self.live.values().filter(of) {
            has_jobs = true;
            let Instance { id, service, .. } = &live.instance;
            match aim.as_ref().filter(|aim| aim.job(service).is_some()) {
                None => unwanted.push((id.clone(), "it should not run any more")),
                Some(aim) if !self.is_as_described(live, aim) => {
                    unwanted.push((id.clone(), "there is a new version of it"));
                }
                Some(_) => {}
            }
        }
        for (id, why) in unwanted {
            self.stop(&id, why);
        }
        for job in aim.iter().flat_map(|aim| &aim.tree.jobs) {
            let Some(aim) = &aim else { break };
            has_jobs |= self.job(name, aim, job);
        }
        if let Some(deployed) = self.deployments.get_mut(name) {
            deployed.has_jobs = has_jobs;
        }
    }

    /// The version whose jobs run. What is on trial has none yet: those of the version before it
    /// go on until it is completed.
    pub fn aim_of_jobs(&self, name: &str, deployed: &Deployed) -> Option<Arc<Loaded>> {
        self.loaded(name, deployed.wanted.and(deployed.running)?)
    }

    /// One job. Gives whether a process of it is begun.
    fn job(&mut self, name: &str, aim: &Loaded, job: &Job) -> bool {
        let Some(decision) = self.decision(name, aim, job) else { return false };
        let of = &job.process.name;
        match decision.order {
            Order::Wait(_) | Order::GoOn => {}
            Order::Stop(why) => {
                let ids: Vec<String> =
                    self.of_job(name, of).map(|live| live.instance.id.clone()).collect();
                ids.iter().for_each(|id| self.stop(id, &why));
            }
            Order::Over(state, why) => {
                let why = match &self.waits_for(name, aim, job)[..] {
                    unready @ [_, ..] if state == RunState::Late => {
                        format!("{why}; it needs {}, which is not ready", unready.join(", "))
                    }
                    _ => why,
                };
                let detail = format!("{of} is {}: {why}", state.name());
                let run = self.run_of(name, aim, of, decision.day);
                self.ran(Run { state, said: Some(why), ..run }, aim.number, detail);
            }
            Order::Start if !self.waits_for(name, aim, job).is_empty() => {}
            Order::Start => {
                let run = self.run_of(name, aim, of, decision.day);
                let is_new = self.last_run(name, of).is_none_or(|last| last.day != run.day);
                let spec = aim.specs.get(of).cloned().unwrap_or_default();
                let failures = if run.spec == spec { run.failures } else { 0 };
                let run = Run { state: RunState::Begun, spec, failures, ..run };
                match is_new {
                    true => {
                        let detail = format!("the run of {} begins", run.date());
                        self.ran(run, aim.number, detail);
                    }
                    false => self.keep_run(run),
                }
                self.add(name, aim, of, 0);
                return true;
            }
        }
        false
    }

    /// Services that a job needs and of which no replica is ready.
    fn waits_for(&self, name: &str, aim: &Loaded, job: &Job) -> Vec<String> {
        let now = now();
        let is_ready = |service: &str| {
            // Of what the plan runs no replica of nothing can be waited for.
            let is_run = aim.service(service).is_some_and(|of| of.replicas > 0);
            let is_it = |live: &Live| {
                !live.is_job
                    && live.instance.deployment == name
                    && live.instance.service == service
                    && live.health(now) == Health::Ready
            };
            !is_run || self.live.values().any(is_it)
        };
        let needs = job.process.needs.iter().map(|need| &need.service);
        needs.filter(|service| !is_ready(service)).cloned().collect()
    }

    /// What processes of jobs need that are about to end, or all where nothing of it should run:
    /// they may need it to end well.
    pub fn needed_by_jobs(&self, name: &str, aim: Option<&Loaded>) -> BTreeSet<String> {
        let lives = self.live.values().filter(|live| {
            live.is_job
                && live.instance.deployment == name
                && (aim.is_none() || live.leaving.is_some())
        });
        let mut needed = BTreeSet::new();
        for live in lives {
            let Some(loaded) = self.loaded(name, live.instance.version) else { continue };
            let of = loaded.job(&live.instance.service).into_iter();
            needed.extend(of.flat_map(|job| &job.process.needs).map(|need| need.service.clone()));
        }
        needed
    }

    /// What is to be done about a job now.
    pub fn decision(&self, name: &str, aim: &Loaded, job: &Job) -> Option<Decision> {
        let of = &job.process.name;
        let spec = aim.specs.get(of)?;
        let mut alive = Alive::No;
        for live in self.of_job(name, of) {
            let is_leaving = live.leaving.is_some() || !self.is_as_described(live, aim);
            alive = if is_leaving { Alive::Leaving } else { Alive::Running };
        }
        let last = self.last_run(name, of);
        let since = self.deployments.get(name)?.completed;
        Some(schedule::decide(job, &Known { spec, last, since, alive }, now()))
    }

    /// Whether a process of a job may go on under this version: what it was begun with is the same,
    /// or differs in files of the package alone. It has read those that it needs, or still finds
    /// them as they were; the next try has the new ones.
    fn is_as_described(&self, live: &Live, aim: &Loaded) -> bool {
        let Instance { deployment, version, service, spec, .. } = &live.instance;
        let is_so = |began: Arc<Loaded>| {
            let began = began.described.get(service);
            began.is_some() && began == aim.described.get(service)
        };
        aim.specs.get(service) == Some(spec) || self.loaded(deployment, *version).is_some_and(is_so)
    }

    pub fn of_job(&self, name: &str, job: &str) -> impl Iterator<Item = &Live> {
        self.live.values().filter(move |live| {
            live.is_job && live.instance.deployment == name && live.instance.service == job
        })
    }

    pub fn last_run(&self, name: &str, job: &str) -> Option<&Run> {
        self.deployments.get(name)?.runs.get(job)
    }

    /// The run of a day: as it is known, or one of which nothing is.
    fn run_of(&self, name: &str, aim: &Loaded, job: &str, day: u32) -> Run {
        if let Some(run) = self.last_run(name, job).filter(|run| run.day == day) {
            return run.clone();
        }
        Run {
            deployment: name.to_owned(),
            job: job.to_owned(),
            day,
            spec: aim.specs.get(job).cloned().unwrap_or_default(),
            state: RunState::Begun,
            failures: 0,
            asked: None,
            changed: now(),
            said: None,
        }
    }

    /// A run is so from now on.
    fn keep_run(&mut self, run: Run) {
        let run = Run { changed: now(), ..run };
        if let Some(deployed) = self.deployments.get_mut(&run.deployment) {
            deployed.runs.insert(run.job.clone(), run.clone());
        }
        self.note(Fact::Run(run));
    }

    /// What is counted of a job, to be counted on.
    fn tally(&mut self, deployment: &str, job: &str) -> Option<&mut Tally> {
        let deployed = self.deployments.get_mut(deployment)?;
        Some(deployed.tallies.entry(job.to_owned()).or_default())
    }

    /// One more try of a run has failed.
    fn try_failed(&mut self, run: Run, said: String) {
        if let Some(tally) = self.tally(&run.deployment, &run.job) {
            tally.runs.failed_tries += 1;
        }
        self.keep_run(run.failed(said));
    }

    /// A run is so from now on, and it is told and counted.
    fn ran(&mut self, run: Run, version: u32, detail: String) {
        if let Some(tally) = self.tally(&run.deployment, &run.job) {
            match run.state {
                RunState::Begun => {}
                RunState::Done => {
                    (tally.runs.done, tally.last_done) = (tally.runs.done + 1, Some(now()))
                }
                RunState::Failed => tally.runs.failed += 1,
                RunState::Late => tally.runs.late += 1,
            }
        }
        self.event(Event {
            version: Some(version),
            resource: Some(format!("job {}", run.job)),
            status: Some(run.state.name().to_owned()),
            ..Event::new(&run.deployment, "job", now(), detail)
        });
        self.keep_run(run);
    }

    /// The process of a job's instance has ended, or is found to have. `seen`: how, where nobody
    /// kept it. It is judged, and the instance is no more.
    pub fn job_ended(&mut self, id: &str, seen: Option<ExitStatus>) {
        let Some(live) = self.live.get_mut(id) else { return };
        live.let_go();
        let (instance, exceeded) = (live.instance.clone(), live.exceeded.take());
        let is_leaving = live.leaving.is_some();
        let was_asked = live.leaving.is_some_and(|leaving| leaving.asked.is_some());
        self.end_all(id);
        self.meter_last(&instance);
        let kept = Kept::read(&self.folders.kept(id));
        let status = kept.map(|kept| ExitStatus::from_raw(kept.status)).or(seen);
        // Who kept it knows: it may have gone on under several supervisors.
        let took = kept.and_then(|kept| kept.took).unwrap_or(now().since(instance.since));
        let (kind, said) = match exceeded {
            Some(said) => ("volume-exceeded", said),
            None => how(status, self.cgroups.out_of_memory(id) > 0),
        };
        let is_well = status.is_some_and(|status| status.success()) && kind == "ended";
        // Who was asked to end may end well without being done.
        let is_done = is_well && !was_asked;
        self.instance_event(id, kind, format!("{id} ended: {said}"));
        let was_cut_off = instance.process.as_ref().is_some_and(|p| p.boot != process::boot());
        let run = self.last_run(&instance.deployment, &instance.service).cloned();
        match run.filter(|run| run.state == RunState::Begun) {
            Some(run) if is_done => {
                if let Some(tally) = self.tally(&run.deployment, &run.job) {
                    tally.last_seconds = Some(took as f64 / 1e3);
                }
                let time =
                    if took < MOMENT { String::new() } else { format!(", in {} s", took / 1000) };
                let detail = format!("{} is done for {}{time}", run.job, run.date());
                let run = Run { state: RunState::Done, said: Some(said), ..run };
                self.ran(run, instance.version, detail);
            }
            // Where the machine itself ended nobody failed.
            Some(run) if !is_leaving && !was_cut_off => {
                self.try_failed(run, said);
            }
            _ => {}
        }
        self.remove(id);
    }

    /// An instance of a job could not be started: that is a failure, too.
    pub fn job_not_started(&mut self, id: &str, why: &str) {
        let Some(live) = self.live.get_mut(id) else { return };
        live.let_go();
        let instance = live.instance.clone();
        self.end_all(id);
        self.instance_event(id, "not-started", format!("{id} could not be started: {why}"));
        if let Some(run) = self.last_run(&instance.deployment, &instance.service).cloned() {
            self.try_failed(run, why.to_owned());
        }
        self.remove(id);
    }

    /// Somebody wants a job to run, whatever its hours.
    pub fn start_job(
        &mut self,
        (name, job): (&str, &str),
        again: Again,
        by: &str,
    ) -> Result<Reply, Diagnostic> {
        let known: Vec<String> = self.deployments.keys().cloned().collect();
        let deployed = self
            .deployments
            .get(name)
            .ok_or_else(|| diagnostics::nothing_deployed(name, &known))?;
        let aim = self.aim_of_jobs(name, deployed);
        let Some(aim) = aim.clone().filter(|aim| aim.job(job).is_some()) else {
            let names = aim.iter().flat_map(|aim| &aim.tree.jobs).map(|j| j.process.name.clone());
            return Err(diagnostics::unknown_job(name, job, &names.collect::<Vec<_>>()));
        };
        let ids: Vec<String> =
            self.of_job(name, job).map(|live| live.instance.id.clone()).collect();
        if again == Again::No && !ids.is_empty() {
            return Err(diagnostics::job_running(job));
        }
        ids.iter().for_each(|id| self.stop(id, "it is started anew"));
        let last = self.last_run(name, job).filter(|run| run.state == RunState::Begun);
        let today = u32::try_from(now().0 / DAY).unwrap_or(u32::MAX);
        let day = last.map_or(today, |run| run.day);
        let spec = aim.specs.get(job).cloned().unwrap_or_default();
        let run = self.run_of(name, &aim, job, day);
        let detail = format!("{job} is started for {} by {by}", run.date());
        let (state, asked) = (RunState::Begun, Some(now()));
        self.ran(Run { state, asked, spec, failures: 0, said: None, ..run }, aim.number, detail);
        Ok(Reply::Done)
    }

    /// The jobs of a deployment, as they are told; those that are leaving after those that it has.
    pub fn job_statuses(
        &self,
        name: &str,
        deployed: &Deployed,
        detail: Detail,
        now: At,
    ) -> Vec<JobStatus> {
        let aim = self.aim_of_jobs(name, deployed);
        let mut lives: BTreeMap<&str, Vec<&Live>> = BTreeMap::new();
        for live in self.live.values().filter(|live| live.is_job) {
            if live.instance.deployment == name {
                lives.entry(&live.instance.service).or_default().push(live);
            }
        }
        let mut told = Vec::new();
        for job in aim.iter().flat_map(|aim| &aim.tree.jobs) {
            let of = &job.process.name;
            let decision = aim.as_ref().and_then(|aim| self.decision(name, aim, job));
            let lives = lives.remove(of.as_str()).unwrap_or_default();
            let status = self.job_status(of, deployed.runs.get(of), &lives, (detail, now));
            let is_due = decision.as_ref().is_some_and(|one| one.order == Order::Start);
            let aim = aim.as_deref().filter(|_| is_due);
            let tally = deployed.tallies.get(of).copied().unwrap_or_default();
            told.push(JobStatus {
                next: decision.and_then(|decision| match decision.order {
                    Order::Wait(at) => Some(at).filter(|at| *at < At(u64::MAX)),
                    Order::Start => Some(now),
                    _ => None,
                }),
                waits_for: aim.map(|aim| self.waits_for(name, aim, job)).unwrap_or_default(),
                runs: tally.runs,
                last_done: tally.last_done,
                last_seconds: tally.last_seconds,
                total: self.meter.total(name, of),
                memory_limit: job.process.limits.memory_bytes,
                cpu_millis: job.process.limits.cpu_millis,
                ..status
            });
        }
        let rest = lives.iter();
        told.extend(rest.map(|(of, lives)| self.job_status(of, None, lives, (detail, now))));
        told
    }

    fn job_status(
        &self,
        of: &str,
        last: Option<&Run>,
        lives: &[&Live],
        (detail, now): (Detail, At),
    ) -> JobStatus {
        let state = match (lives.first(), last) {
            (Some(live), _) if live.leaving.is_some() => "stopping",
            (Some(_), _) => "running",
            (None, Some(run)) if run.state != RunState::Begun => run.state.name(),
            (None, _) => "waiting",
        };
        let told = if detail == Detail::Replicas { lives } else { &[] };
        JobStatus {
            name: of.to_owned(),
            state: state.to_owned(),
            day: last.map(Run::date),
            failures: last.map_or(0, |run| run.failures),
            since: lives.first().map(|l| l.instance.since).or(last.map(|run| run.changed)),
            said: last.and_then(|run| run.said.clone()),
            next: None,
            waits_for: Vec::new(),
            runs: JobRuns::default(),
            last_done: None,
            last_seconds: None,
            total: Sample::default(),
            memory_limit: None,
            cpu_millis: None,
            instances: told.iter().map(|live| self.instance_status(live, now)).collect(),
        }
    }
}
