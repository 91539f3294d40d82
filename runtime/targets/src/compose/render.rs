//! The compose file.
//!
//! In: the joined view. Out: `compose.yaml`, the content of config files beside it (compose then
//! copies their bytes and replaces nothing in them), `.env.example` with the names of the secrets
//! that it asks for, and Prometheus rules. It describes one
//! machine: what the plan spreads over machines, zones and regions is reported.

use super::text::text;
use super::{networks, ports, services};
use crate::chosen::{Chosen, ChosenJob, View, positive};
use crate::names;
use crate::yaml::{self, Map, Yaml, strings};
use crate::{Files, Report, prometheus};
use eclexia_model::{ConfigFile, EnvValue, Resource};
use std::collections::{BTreeMap, BTreeSet};

const HEADER: &str = "# Written by eclexia; the next render overwrites changes made here.\n";

pub fn files(view: &View<'_>, report: &mut Report) -> Files {
    report_deployment(view, report);
    let networks = networks::networks(view, report);
    let mut published = ports::published(view, report);
    let variables = secret_variables(view);
    let mut entries = Map::new();
    for chosen in &view.services {
        let shared = services::Shared {
            networks: &networks,
            published: published.remove(&chosen.name).unwrap_or_default(),
            variables: &variables,
        };
        entries.set(&chosen.name, services::service(view, chosen, shared, report));
        report_service(chosen, report);
    }
    for chosen in &view.jobs {
        let given = Given { networks: &networks, variables: &variables };
        entries.set(&chosen.name, job(view, chosen, &given, report));
    }
    let plan =
        Map::new().with("plan", view.plan.id.as_str()).with("deployment", text(&view.dep.name));
    let document = Map::new()
        .with("name", view.name.as_str())
        .with("x-eclexia", plan)
        .with("services", entries)
        .with_nonempty("networks", network_entries(view, &networks))
        .with_nonempty("volumes", volumes(view))
        .with_nonempty("configs", configs(view));
    let mut files = Files::new();
    files.insert("compose.yaml".into(), bytes(document));
    if !variables.is_empty() {
        files.insert(".env.example".into(), variables_example(&variables));
    }
    for (name, key, file) in config_files(view) {
        let path = services::config_path(name, &key);
        files.insert(path, file.content.clone().into_bytes());
    }
    if networks.all.len() > MOST_NETWORKS {
        let why = "Docker's default address pools end at about 30; widen `default-address-pools`";
        report.add(&view.address, format!("{} networks", networks.all.len()), why);
    }
    if let Some(rules) = prometheus::rules::rules(view, prometheus::rules::Scope::Compose, report) {
        files.insert("prometheus-rules.yaml".into(), bytes(rules));
    }
    files
}

fn bytes(map: Map) -> Vec<u8> {
    format!("{HEADER}{}", yaml::write(&Yaml::Map(map))).into_bytes()
}

/// One variable of the environment per secret and key; where two would have the same name, both
/// end in a piece of a hash.
fn secret_variables(view: &View<'_>) -> services::Variables {
    let mut secrets: BTreeSet<(String, String)> = BTreeSet::new();
    let of_services = view.services.iter().flat_map(|chosen| &chosen.service.env);
    for variable in of_services.chain(view.jobs.iter().flat_map(|chosen| &chosen.job.env)) {
        if let EnvValue::Secret { secret, key } = &variable.value {
            secrets.insert((secret.clone(), key.clone()));
        }
    }
    let plain = |(secret, key): &(String, String)| names::shell_variable(&[secret, key]);
    let mut uses: BTreeMap<String, u32> = BTreeMap::new();
    for pair in &secrets {
        *uses.entry(plain(pair)).or_default() += 1;
    }
    let named = secrets.into_iter().map(|pair| {
        let name = plain(&pair);
        let name = match uses.get(&name) {
            Some(1) => name,
            _ => {
                let mark = names::hash(&format!("{}\0{}", pair.0, pair.1)).to_uppercase();
                format!("{name}_{mark}")
            }
        };
        (pair, name)
    });
    named.collect()
}

/// What compose asks for at the start; copied to `.env` and filled in, compose reads it there.
fn variables_example(variables: &services::Variables) -> Vec<u8> {
    let mut out = String::from("# Copy to .env, fill in, and keep it out of version control.\n");
    for ((secret, key), name) in variables {
        let line = |text: &str| text.replace(char::is_control, " ");
        out.push_str(&format!("# key {} of secret {}\n{name}=\n", line(key), line(secret)));
    }
    out.into_bytes()
}

fn network_entries(view: &View<'_>, networks: &networks::Networks) -> Map {
    let mut entries = Map::new();
    for (name, internal) in &networks.all {
        entries.set(name, Map::new().with_some("internal", internal.then_some(true)));
    }
    if !view.jobs.is_empty() {
        entries.set(JOBS, Map::new());
    }
    entries
}

/// With the bridge that is always there, what 172.17 to 172.31 and 192.168/16 in /20s hold.
const MOST_NETWORKS: usize = 28;

/// Jobs reach what is outside, and of services those that they need, on networks of these.
const JOBS: &str = "jobs.outside";

fn volumes(view: &View<'_>) -> Map {
    let mut entries = Map::new();
    let of_services = view.services.iter().map(|c| (&c.name, &c.service.mounts));
    let of_jobs = view.jobs.iter().map(|c| (&c.name, &c.job.mounts));
    for (name, mounts) in of_services.chain(of_jobs) {
        for mount in mounts {
            entries.set(&services::volume_name(view, name, mount), Map::new());
        }
    }
    entries
}

/// Of services and jobs, with whose they are and their key.
fn config_files<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v str, String, &'v ConfigFile)> {
    let of_services = view.services.iter().map(|c| (c.name.as_str(), c.files()));
    let of_jobs = view.jobs.iter().map(|c| (c.name.as_str(), c.files()));
    of_services
        .chain(of_jobs)
        .flat_map(|(name, files)| files.into_iter().map(move |(key, file)| (name, key, file)))
}

fn configs(view: &View<'_>) -> Map {
    let mut entries = Map::new();
    for (name, key, _) in config_files(view) {
        let path = format!("./{}", services::config_path(name, &key));
        entries.set(&services::config_name(name, &key), Map::new().with("file", path));
    }
    entries
}

/// When it runs, and what someone else must do for that.
fn by_hand(chosen: &ChosenJob<'_>) -> (String, String) {
    let run = format!("docker compose run --rm --name {0} {0}", chosen.name);
    match &chosen.choice.in_pieces()[..] {
        [only] => (
            format!("a run each day at {}:00 UTC", only.start_hour % 24),
            format!("compose has no clock; have cron do `docker compose run --rm {}`", chosen.name),
        ),
        pieces => {
            let each = pieces
                .iter()
                .map(|p| format!("{}:00 to {}:00", p.start_hour % 24, p.end_hour() % 24));
            (
                format!("a run each day at {} UTC", each.collect::<Vec<_>>().join(", ")),
                format!(
                    "compose has no clock; have cron do `{run}` when a piece starts and `docker \
                     stop {}` when it ends; what it has done the program must keep itself",
                    chosen.name
                ),
            )
        }
    }
}

/// What jobs are given of what is shared with services.
struct Given<'s> {
    networks: &'s networks::Networks,
    variables: &'s services::Variables,
}

/// A job is behind a profile, so that `up` does not start it: `docker compose run NAME` does.
fn job(view: &View<'_>, chosen: &ChosenJob<'_>, given: &Given<'_>, report: &mut Report) -> Map {
    let job = chosen.job;
    let (what, why) = by_hand(chosen);
    report.add(&job.address, what, why);
    if let Some(bandwidth) = positive(&job.requires, Resource::Network) {
        report.add(
            &job.address,
            format!("network {bandwidth} B/s"),
            "compose reserves no bandwidth",
        );
    }
    let command: Vec<String> = job.command.iter().map(|w| super::text::escaped(w)).collect();
    let amount = |resource| positive(&job.requires, resource);
    let limits = services::amounts(amount(Resource::Cpu), amount(Resource::Memory));
    let devices = amount(Resource::Gpu).map(services::devices);
    let resources = Map::new()
        .with_nonempty("limits", limits)
        .with_nonempty("reservations", Map::new().with_some("devices", devices));
    let joined = given.networks.joined.get(&chosen.name).into_iter().flatten();
    let outside = (!job.isolated).then_some(JOBS);
    let networks: Vec<&str> = outside.into_iter().chain(joined.map(String::as_str)).collect();
    let is_alone = networks.is_empty();
    let held = services::Held {
        name: &chosen.name,
        address: &job.address,
        mounts: &job.mounts,
        replicas: 1,
    };
    let first = services::depends_on(view.job_needs(chosen), &job.address, report);
    Map::new()
        .with("image", text(&job.image))
        .with_nonempty("command", command)
        .with_nonempty("environment", services::environment(&job.env, given.variables))
        .with_nonempty("configs", services::configs(&chosen.name, chosen.files()))
        .with_nonempty("volumes", services::volumes(view, &held, report))
        .with_nonempty("depends_on", first)
        .with("profiles", strings(["jobs"]))
        .with_some("network_mode", is_alone.then_some("none"))
        .with_some("networks", (!is_alone).then(|| strings(networks)))
        .with("restart", "no")
        .with("read_only", true)
        .with_nonempty("tmpfs", services::scratch(&job.mounts))
        .with("security_opt", strings(["no-new-privileges:true"]))
        .with("cap_drop", strings(["ALL"]))
        .with_some("cap_add", services::capabilities(&job.mounts))
        .with_nonempty("deploy", Map::new().with_nonempty("resources", resources))
}

fn report_deployment(view: &View<'_>, report: &mut Report) {
    let machines: u64 = view.plan.nodes.iter().map(|node| u64::from(node.count)).sum();
    if machines > 0 {
        let regions: Vec<&str> = view.regions().into_iter().collect();
        let noun = if machines == 1 { "machine" } else { "machines" };
        let what = format!("placement on {machines} {noun} in {}", regions.join(", "));
        report.add(&view.address, what, "a compose file describes one machine of any type");
    }
    for pair in &view.dep.conflicts {
        let what = format!("{} and {} on different machines", pair.a, pair.b);
        report.add(&view.address, what, "a compose file describes one machine");
    }
    if !view.dep.limits.is_empty() {
        let names: Vec<&str> = view.dep.limits.iter().map(|limit| limit.metric.name()).collect();
        let why = "the plan keeps to it; compose does not know it";
        report.add(&view.address, format!("the budget for {}", names.join(", ")), why);
    }
    if view.services.iter().any(|chosen| chosen.replicas > 1) {
        let why = "`docker stack deploy` follows update_config, `docker compose up` replaces all";
        report.add(&view.address, "rolling updates", why);
    }
}

fn report_service(chosen: &Chosen<'_>, report: &mut Report) {
    let service = chosen.service;
    let address = chosen.address();
    if chosen.is_range() {
        let what =
            format!("replicas between {} and {}", service.replicas.min, service.replicas.max);
        report.add(address, what, "compose scales nothing by itself; written as the plan's count");
    }
    if service.min_zones > 1 {
        let what = format!("spread over {} zones", service.min_zones);
        report.add(address, what, "a compose file describes one machine");
    }
    if let Some(most) = service.max_per_node.filter(|most| chosen.replicas > *most) {
        let what = format!("at most {most} per node");
        report.add(address, what, "a compose file describes one machine");
    }
    if let Some(bandwidth) = chosen.requires(Resource::Network) {
        report.add(address, format!("network {bandwidth} B/s"), "compose reserves no bandwidth");
    }
    if service.isolated && service.public && !service.ports.is_empty() {
        let why = "a published port needs a network that also leads out";
        report.add(address, "isolated and public", why);
    }
}
