//! How commands speak to the supervisor: lines of JSON over a socket in the data folder, which only
//! its owner can open. One request, one reply, and the connection ends.

use crate::cgroup::Used;
use crate::proxy::Latencies;
use crate::sandbox::Able;
use eclexia_deploy::package::Values;
use eclexia_deploy::registry::{At, Intensity, Priced, Sample, State};
use eclexia_deploy::window::Window;
use eclexia_diag::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Of one line.
const MOST_BYTES: u64 = 64 << 20;

/// How long a reply may take: whatever takes longer goes on by itself and is asked for again.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Deploys a package that is in the store.
    Apply {
        deployment: String,
        package: String,
        /// The plan in it.
        plan: String,
        /// Who asks: the name of a signer.
        by: String,
        /// Milliseconds after which it is taken back unless it is confirmed.
        confirm_within: Option<u64>,
        /// How long a step of a canary is held, milliseconds.
        hold: Option<u64>,
        /// Values of the package's settings.
        #[serde(default)]
        settings: Values,
        /// When it may be brought about; none: at once.
        #[serde(default)]
        window: Option<Window>,
        /// The user who asks, whose locks hold up nobody but others; none: `by`.
        #[serde(default)]
        user: Option<String>,
    },
    /// Deploys what an earlier version was; none: the one that ran before.
    Rollback {
        deployment: String,
        version: Option<u32>,
        by: String,
    },
    Confirm {
        deployment: String,
        by: String,
    },
    Destroy {
        deployment: String,
        by: String,
    },
    /// Runs a job, whatever its hours.
    Start {
        deployment: String,
        job: String,
        by: String,
        #[serde(default, skip_serializing_if = "Again::is_no")]
        again: Again,
    },
    /// Does what is asked with the rights of a token's key, instead of the owner's.
    As {
        token: String,
        request: Box<Request>,
    },
    /// Does what is asked though these deployments need what it changes: the same command changes
    /// them next, or lets them go without.
    Along {
        deployments: Vec<String>,
        request: Box<Request>,
    },
    /// Keeps what limits of a deployment are worth now, with the reason why it was computed; or
    /// why it is adapted, or is not.
    Repriced {
        deployment: String,
        kind: Told,
        prices: Vec<Priced>,
        reason: String,
    },
    /// Keeps what electricity emits in regions of a deployment: metering goes by these numbers
    /// until they are too old, and by the program's for every region that is not among them.
    Intensities {
        deployment: String,
        numbers: Vec<Intensity>,
        /// Region to why there is no number of it.
        without: BTreeMap<String, String>,
    },
    /// Tells all that runs that a budget of this machine is used up, or is not any more.
    Budget {
        resource: String,
        standing: Standing,
        detail: String,
    },
    Status,
    /// The same without replicas, what each of which uses is read of the system: for those who ask
    /// again and again.
    Outline,
    /// What is other than it was deployed; of one deployment, or of all.
    Drift {
        deployment: Option<String>,
    },
    /// Ends the supervisor and leaves what runs.
    Leave,
}

impl Request {
    /// Whether it is about more than telling what is, or leaving.
    pub fn changes(&self) -> bool {
        match self {
            Request::Status | Request::Outline | Request::Drift { .. } | Request::Leave => false,
            Request::As { request, .. } | Request::Along { request, .. } => request.changes(),
            _ => true,
        }
    }
}

/// Whether a job that runs is stopped first and started anew, or left alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    #[default]
    No,
    Yes,
}

impl Again {
    /// As it is where nothing is said: a supervisor before this one knows nothing else.
    fn is_no(&self) -> bool {
        *self == Again::No
    }
}

/// What is told of a deployment by who follows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Its limits are worth something else.
    Prices,
    /// It is adapted, or is not, and why.
    Adapted,
}

/// How a budget stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    UsedUp,
    Within,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Version { deployment: String, number: u32 },
    Done,
    Status(Box<Status>),
    Drift(Vec<Drift>),
    Refused(Refused),
}

/// A diagnostic on its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    pub code: String,
    pub message: String,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

impl From<Diagnostic> for Refused {
    fn from(found: Diagnostic) -> Refused {
        Refused {
            code: found.code.to_owned(),
            message: found.message,
            notes: found.notes,
            help: found.help,
        }
    }
}

impl From<Refused> for Diagnostic {
    fn from(refused: Refused) -> Diagnostic {
        let code = eclexia_diag::catalogue::codes().find(|code| *code == refused.code);
        let mut found =
            Diagnostic::without_place(code.unwrap_or("supervisor-unreachable"), refused.message);
        found.notes = refused.notes;
        found.help = refused.help;
        found
    }
}

/// One difference between what was deployed and what is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drift {
    pub deployment: String,
    /// `service web`, `file files/app.ecl`
    pub resource: String,
    pub what: String,
    pub wanted: String,
    pub found: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Status {
    pub supervisor: u32,
    pub since: At,
    pub able: Able,
    pub deployments: Vec<DeploymentStatus>,
}

impl Status {
    /// What is said where nothing is deployed, and so nobody supervises.
    pub fn of_nothing() -> Status {
        let able = Able { landlock: false, cgroups: Vec::new(), own_network: false };
        Status { supervisor: 0, since: At::default(), able, deployments: Vec::new() }
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeploymentStatus {
    pub name: String,
    /// The version that is being brought about, or that runs.
    pub version: Option<u32>,
    pub state: Option<State>,
    pub reason: Option<String>,
    pub running: Option<u32>,
    /// It is taken back then, unless it is confirmed.
    pub confirm_by: Option<At>,
    pub services: Vec<ServiceStatus>,
    #[serde(default)]
    pub jobs: Vec<JobStatus>,
    /// What electricity emits in its regions, as its carbon is counted now.
    #[serde(default)]
    pub intensities: Vec<IntensityStatus>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IntensityStatus {
    pub region: String,
    /// Of CO2e.
    pub grams_per_kwh: f64,
    /// Whose number it is: `the program`, or a service.
    pub source: String,
    /// `average` or `marginal`
    pub signal: String,
    /// The moment that a service's number is of, and until when it is believed.
    pub measured: Option<At>,
    pub until: Option<At>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ServiceStatus {
    pub name: String,
    pub variant: String,
    pub replicas: u32,
    pub ready: u32,
    /// Where it can be reached, `127.0.0.1:8080`.
    pub addresses: Vec<String>,
    /// Requests and failed ones, as far as they went through the supervisor.
    pub requests: u64,
    pub failed: u64,
    pub ports: Vec<PortStatus>,
    /// What it used since the supervisor began, as last sampled.
    pub total: Sample,
    pub memory_limit: Option<u64>,
    pub cpu_millis: Option<u64>,
    pub instances: Vec<InstanceStatus>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JobStatus {
    pub name: String,
    /// `waiting`, `running`, `stopping`, or how the last run ended: `done`, `failed`, `late`
    pub state: String,
    /// The day of the last run that has begun or is over, `2026-12-02`.
    pub day: Option<String>,
    /// Failed tries of that run.
    pub failures: u32,
    /// Since when it is in its state.
    pub since: Option<At>,
    /// How the last try ended, or why the run is over.
    pub said: Option<String>,
    /// When it is started next.
    pub next: Option<At>,
    /// Services that it needs and that are not ready, where it would be started now.
    #[serde(default)]
    pub waits_for: Vec<String>,
    #[serde(default)]
    pub runs: JobRuns,
    /// When a run of it was last done, as far as runs are kept.
    #[serde(default)]
    pub last_done: Option<At>,
    /// How long the try took that was last done, in seconds; none: none was since the supervisor
    /// began.
    #[serde(default)]
    pub last_seconds: Option<f64>,
    /// What it used since the supervisor began, as last sampled.
    #[serde(default)]
    pub total: Sample,
    pub memory_limit: Option<u64>,
    pub cpu_millis: Option<u64>,
    pub instances: Vec<InstanceStatus>,
}

/// Runs of a job that were over since the supervisor began, by how they ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct JobRuns {
    pub done: u64,
    pub failed: u64,
    pub late: u64,
    /// Of whatever run.
    pub failed_tries: u64,
}

/// A port of a service, with what went through it since it was opened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PortStatus {
    pub port: u16,
    pub requests: u64,
    pub failed: u64,
    /// Bytes from and to those who ask.
    pub received: u64,
    pub sent: u64,
    pub latencies: Latencies,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InstanceStatus {
    pub id: String,
    pub version: u32,
    pub pid: Option<u32>,
    /// `ready`, `starting`, …
    pub health: String,
    /// What its last check or end said.
    pub said: Option<String>,
    pub restarts: u32,
    pub since: At,
    pub ports: BTreeMap<u16, u16>,
    pub used: Used,
    /// Volumes that it writes to, by name.
    #[serde(default)]
    pub volumes: BTreeMap<String, VolumeStatus>,
}

/// What a volume holds, as it was last looked at, and what it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VolumeStatus {
    pub used_bytes: u64,
    pub bytes: u64,
}

/// Asks a supervisor.
pub fn ask(socket: &Path, request: &Request) -> io::Result<Reply> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut reply = String::new();
    BufReader::new(stream.take(MOST_BYTES)).read_line(&mut reply)?;
    Ok(serde_json::from_str(&reply)?)
}

/// Reads the request of a connection.
pub fn request(stream: &UnixStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.take(MOST_BYTES)).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

pub fn reply(mut stream: &UnixStream, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    stream.write_all(&line)
}
