//! `debug JOB`: how its last run went and when the next one is, what it uses and may use, whether
//! it has what it is started with.

use super::{Findings, check_ends, check_memory, health, permissions, volumes};
use eclexia_deploy::registry::Registry;
use eclexia_diag::Diagnostic;
use eclexia_supervisor::control::{DeploymentStatus, JobStatus};
use eclexia_supervisor::folders::Folders;
use eclexia_targets::local::Service;

/// How far back ends of its processes count, milliseconds: it runs once a day.
const LATELY: u64 = 24 * 3_600_000;

/// How its processes may end, and what helps.
const ENDS: [(&str, &str); 5] = [
    ("memory-exceeded", "raise `:memory` of its `:requires`, or mend what takes it"),
    ("volume-exceeded", "raise `:storage` of its `:requires`, or have it keep less"),
    ("security-violation", "it asks the system for what no job may do"),
    ("not-started", "its log says what could not be set up"),
    ("log-flood", "it writes more than 4 MiB a second, and waits for that"),
];

/// What is looked at of a job; `planned`: as the version that runs has it.
pub fn job(
    findings: &mut Findings,
    (folders, registry): (&Folders, Option<&Registry>),
    (deployment, job): (&DeploymentStatus, &JobStatus),
    planned: Option<&Service>,
) -> Result<(), Diagnostic> {
    runs(findings, job);
    resources(findings, job);
    if let Some(registry) = registry {
        let resource = format!("job {}", job.name);
        let of = (deployment.name.as_str(), resource);
        check_ends(findings, registry, of, ("a day", LATELY), &ENDS)?;
    }
    if let Some(planned) = planned {
        permissions(findings, folders, planned);
        // Its folder is made with its first try.
        if job.last_done.is_some() || !job.instances.is_empty() {
            volumes(findings, folders, deployment, planned);
        }
    }
    Ok(())
}

fn runs(findings: &mut Findings, job: &JobStatus) {
    let area = "runs";
    let again = format!("`eclexia logs {0}` shows what it wrote; `eclexia start {0}`", job.name);
    let again = format!("{again} runs it now");
    let is_missed = matches!(job.state.as_str(), "failed" | "late");
    findings.check(area, !is_missed, format!("it {}", super::super::status::told(job)), &again);
    if !is_missed {
        let what = format!("{} tries of its last run failed", job.failures);
        findings.check(area, job.failures == 0, what, &again);
    }
    if let Some(at) = job.last_done {
        findings.check(area, true, format!("a run was last done at {at}"), "");
    }
    let has_next = job.next.is_some() || !job.instances.is_empty();
    let what = match job.next {
        Some(next) => format!("it is started next at {next}"),
        None if has_next => "it is there now".to_owned(),
        None => "it is not started by itself".to_owned(),
    };
    findings.check(area, has_next, what, "`eclexia status` shows its version's state");
    for instance in &job.instances {
        findings.check(area, true, health(instance), "");
    }
}

fn resources(findings: &mut Findings, job: &JobStatus) {
    for instance in &job.instances {
        let help = "raise `:memory` of its `:requires`";
        check_memory(findings, instance, job.memory_limit, help);
        for (name, volume) in &instance.volumes {
            let percent = volume.used_bytes * 100 / volume.bytes.max(1);
            let what = format!("{name} is {percent} % full ({} MiB)", volume.bytes >> 20);
            let help = "raise `:storage` of its `:requires`, or have it keep less";
            findings.check("resources", percent < 90, what, help);
        }
    }
}
