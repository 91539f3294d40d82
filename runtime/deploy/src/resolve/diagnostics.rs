//! What is wrong with what packages need: one constructor per code.

use super::Offer;
use crate::diagnostics::{clip, clip_message, whole};
use crate::package::Dependency;
use eclexia_diag::Diagnostic;
use semver::Version;
use std::path::Path;

/// Of each list so many are told.
const MOST_TOLD: usize = 12;

/// `who`: a deployment.
pub fn unmet_need(who: &str, need: &Dependency) -> Diagnostic {
    let (who, name, version) = (clip(who), clip(&need.name), &need.version);
    let text = format!("`{who}` needs `{name}` {version}, which does not run here");
    Diagnostic::without_place("unmet-need", clip_message(text))
        .help("apply it with `--from FOLDER`, where its package is, or apply that one first")
}

fn none_known(name: &str, asked: Vec<String>) -> Diagnostic {
    let text = format!("there is no package `{}` here", clip(name));
    noted(Diagnostic::without_place("unmet-need", text), asked)
        .help("name the folder that it is in: `--from FOLDER`")
}

fn noted(found: Diagnostic, notes: Vec<String>) -> Diagnostic {
    notes.into_iter().take(MOST_TOLD).fold(found, |found, note| found.note(whole(&note)))
}

/// `asked`: who needs which versions of it; `others`: what these ask for besides; `there`: the
/// packages that there are, and whether they run.
pub(super) fn conflict(
    name: &str,
    asked: Vec<String>,
    others: Vec<String>,
    there: Vec<(&Offer, bool)>,
) -> Diagnostic {
    if there.is_empty() {
        return none_known(name, asked);
    }
    let text = format!("no version of `{}` suits all who need it", clip(name));
    let found = noted(Diagnostic::without_place("dependency-conflict", text), asked);
    let found = noted(found, others);
    let (left_out, usable): (Vec<_>, Vec<_>) =
        there.into_iter().partition(|(offer, runs)| offer.lacks.is_some() && !runs);
    let shown: Vec<String> = usable
        .iter()
        .rev()
        .take(MOST_TOLD)
        .map(|(offer, runs)| match runs {
            true => format!("{} (runs here)", offer.version),
            false => offer.version.to_string(),
        })
        .collect();
    let found = match &shown[..] {
        [] => found.note(format!("of `{name}` there is none that can be taken")),
        shown => found.note(format!("of `{name}` there are: {}", shown.join(", "))),
    };
    let left_out = left_out.iter().filter_map(|(offer, _)| {
        let why = offer.lacks.as_deref()?;
        Some(format!("`{}` {} cannot be taken: {why}", offer.name, offer.version))
    });
    noted(found, left_out.collect())
        .help("bring a version that suits with `--from FOLDER`, or loosen one of the requirements")
}

/// The search ended, and nothing is known of why.
pub(super) fn no_way(name: &str) -> Diagnostic {
    let text = format!("what `{}` needs cannot be had together", clip(name));
    Diagnostic::without_place("dependency-conflict", text)
        .help("bring other versions of what it needs with `--from FOLDER`")
}

pub(super) fn endless_search(most: usize) -> Diagnostic {
    let text = format!("no versions that suit were found in {most} choices");
    Diagnostic::without_place("dependency-conflict", text)
        .help("ask for exact versions, or apply what is needed one by one")
}

/// `circle`: each needs the next, the last the first.
pub(super) fn deployment_cycle(circle: &[(String, Version)]) -> Diagnostic {
    let first = circle.first().map(|(name, _)| name.as_str()).unwrap_or_default();
    let mut way: Vec<String> =
        circle.iter().map(|(name, version)| format!("{name} {version}")).collect();
    way.extend(way.first().cloned());
    Diagnostic::without_place("deployment-cycle", format!("`{}` would need itself", clip(first)))
        .note(whole(&format!("The circle: {}.", way.join(" → "))))
        .help("move what both need into a package of its own")
}

/// `other`: the package that has the deployment.
pub(super) fn deployment_taken(offer: &Offer, other: (&str, &Version)) -> Diagnostic {
    let (name, deployment) = (clip(&offer.name), clip(&offer.deployment));
    let text = format!("`{name}` would take the deployment `{deployment}` from another package");
    Diagnostic::without_place("deployment-taken", text)
        .note(format!("It has `{}` {}.", clip(other.0), other.1))
        .help(format!("apply `{name}` first, under a name of its own: `--as NAME`"))
}

/// `who` needs what would be another version, or would be gone.
pub fn needed_by_others(who: &str, need: &Dependency, becomes: Option<&Version>) -> Diagnostic {
    let (who, name, requires) = (clip(who), clip(&need.name), &need.version);
    match becomes {
        Some(version) => {
            let text = format!("`{who}` needs `{name}` {requires}, which {version} is not");
            Diagnostic::without_place("needed-by-others", clip_message(text))
                .help(format!("apply a version of `{who}` that suits; what it needs comes along"))
        }
        None => {
            let text = format!("`{who}` runs here and needs `{name}` {requires}");
            Diagnostic::without_place("needed-by-others", clip_message(text))
                .help("destroy both with `--with-dependants`, or only this one with `--force`")
        }
    }
}

/// `why` is a clause.
pub(super) fn bad_folder(folder: &Path, why: &str) -> Diagnostic {
    let shown = folder.display().to_string();
    let text = format!("no packages can be looked for in `{}`", clip(&shown));
    Diagnostic::without_place("package-folder", text)
        .note(format!("The folder: {}. The reason: {}.", whole(&shown), whole(why)))
        .help("name a folder with `.eclpkg` files in it, as `eclexia package` writes them")
}
