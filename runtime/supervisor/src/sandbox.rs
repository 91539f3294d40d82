//! What a service may not do: more than its limits, more files than its own and the system's, new
//! privileges, calls of the system that no service needs.
//!
//! In: the specification. Out: this process, limited for good. Always holds: a limit that the
//! system knows and refuses is an error; one that it does not know (an old kernel without
//! Landlock) is left out, and `status` says what a machine can do (`able`).

use crate::calls;
use crate::launch::{Network, Spec};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};
use std::path::{Path, PathBuf};

/// The newest rules that are asked for; a kernel that knows fewer gets those.
const RULES: ABI = ABI::V5;

/// Files of the system that any program needs to start and to speak to others. Of its settings
/// only what tells no secrets: services may have the user id of root.
#[rustfmt::skip]
const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/proc", "/opt", "/sys/fs/cgroup",
    "/run/systemd/resolve", "/etc/alternatives", "/etc/bash.bashrc", "/etc/ca-certificates",
    "/etc/fonts", "/etc/gai.conf", "/etc/group", "/etc/host.conf", "/etc/hostname", "/etc/hosts",
    "/etc/inputrc", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/etc/ld.so.preload", "/etc/locale.alias", "/etc/localtime", "/etc/mime.types",
    "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd", "/etc/perl", "/etc/pki",
    "/etc/protocols", "/etc/python3", "/etc/resolv.conf", "/etc/services", "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf", "/etc/terminfo", "/etc/timezone",
];

/// Devices that hold nothing.
const DEVICES: [&str; 6] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm"];

/// File descriptors of one process.
const OPEN_FILES: u64 = 4096;

pub fn enter(spec: &Spec) -> Result<(), String> {
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, OPEN_FILES)?;
    if let Some(bytes) = spec.address_space {
        limit(Resource::As, bytes)?;
    }
    if spec.network == Network::Nobody {
        alone()?;
    }
    without_capabilities()?;
    rustix::thread::set_no_new_privs(true).map_err(|e| format!("no new privileges: {e}"))?;
    files(spec).map_err(|error| format!("files: {error}"))?;
    calls::restrict(&spec.network)
}

/// At most `most`, or less where that is all that is allowed already.
fn limit(resource: Resource, most: u64) -> Result<(), String> {
    let allowed = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let most = Some(most.min(allowed));
    setrlimit(resource, Rlimit { current: most, maximum: most })
        .map_err(|error| format!("limit of {resource:?}: {error}"))
}

/// Into a network with nobody in it.
#[expect(unsafe_code, reason = "unsharing files could be unsound; the network's cannot")]
fn alone() -> Result<(), String> {
    // SAFETY: NEWNET changes no file descriptors and no memory of this process.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) }
        .map_err(|error| format!("a network of its own: {error}"))
}

/// Of root's rights none; the owner's rights to files stay.
fn without_capabilities() -> Result<(), String> {
    for capability in CapabilitySet::all().iter() {
        // Those that this kernel does not know cannot be taken away, nor does it have them.
        let _ = rustix::thread::remove_capability_from_bounding_set(capability);
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, sets).map_err(|e| format!("capabilities: {e}"))
}

fn files(spec: &Spec) -> Result<(), landlock::RulesetError> {
    let all = AccessFs::from_all(RULES);
    let reads = AccessFs::from_read(RULES);
    let mut rules =
        Ruleset::default().set_compatibility(CompatLevel::BestEffort).handle_access(all)?;
    if let Network::Only { .. } = spec.network {
        rules = rules.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    let mut rules = rules.create()?;
    let system = SYSTEM.iter().map(PathBuf::from);
    for path in system.chain(spec.reads.iter().cloned()) {
        rules = beneath(rules, &path, reads)?;
    }
    let devices = DEVICES.iter().map(PathBuf::from);
    for path in devices.chain(spec.writes.iter().cloned()) {
        rules = beneath(rules, &path, all)?;
    }
    if let Network::Only { listen, connect } = &spec.network {
        for port in listen {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::BindTcp))?;
        }
        for port in connect {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    rules.restrict_self().map(|_| ())
}

/// What is not there need not be allowed. A file is given no rights that only folders have.
fn beneath(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    let Ok(fd) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(RULES) };
    rules.add_rule(PathBeneath::new(fd, access))
}

/// What of this can be done on this machine, in words for people.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Able {
    pub landlock: bool,
    /// cgroups by name (`memory`, `cpu`, `pids`), or nothing: then rlimits.
    pub cgroups: Vec<String>,
    pub own_network: bool,
}

/// Whether Landlock is there, asked of the kernel's own list.
pub fn has_landlock() -> bool {
    let list = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    list.split(',').any(|name| name.trim() == "landlock") || supports_rules()
}

/// A rule set that nobody enters tells whether there are any.
fn supports_rules() -> bool {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Execute)
        .and_then(Ruleset::create)
        .is_ok()
}
