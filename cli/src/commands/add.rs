//! `add`: a dependency entered into the manifest, and locked. Nothing is written where the project
//! with the new dependency does not resolve.

use super::lock::{choose, old_lock, save, tell};
use super::{Ended, Stop};
use crate::args::AddArgs;
use crate::console::{Console, Exit};
use crate::{files, project};
use eclexia_diag::Sources;
use eclexia_project::diagnostics::cannot_add;
use eclexia_project::manifest::Given;
use eclexia_project::source::{full, relative};
use eclexia_project::{Keep, Lock, MANIFEST, Pick, Project, edit};
use std::path::Path;

pub fn add(console: &Console, args: &AddArgs) -> Ended {
    let mut sources = Sources::new();
    let project = project::here(&mut sources)?;
    let old = old_lock(&project, &mut sources);
    let given = given(args, &project)?;
    let is_named = args.path.is_some() || args.git.is_some();
    let name =
        match is_named {
            true => args.package.clone(),
            false => eclexia_project::name_of(&given, &project.root, &project::store()).map_err(
                |why| cannot_add(&why, "name a folder or a repository with an eclexia.toml"),
            )?,
        };
    let no_edit = || cannot_add("the manifest cannot be edited", "add the dependency by hand");
    let text = edit::add(&project.text, &name, &given, args.version.as_deref());
    let text = text.ok_or_else(no_edit)?;
    let path = project.beside(MANIFEST);
    let file = sources.add(path.display().to_string(), text.as_str());
    let (manifest, found) = eclexia_project::manifest::parse(file, &text);
    let Some(manifest) = manifest else { return Err(Stop::Placed(found, Box::new(sources))) };
    let root = project.root.clone();
    let changed = Project { root, manifest, file, text };
    let resolved = choose(console, &changed, old.as_ref(), Keep::All, sources)?;
    if changed.text != project.text {
        files::write(&path, changed.text.as_bytes())?;
        console.say(&format!("Added `{name}` to {}.\n", path.display()));
    }
    let is_new = save(&changed, &resolved)?;
    let changes = resolved.lock.changes(old.as_ref().unwrap_or(&Lock::default()));
    tell(console, &changed, &resolved.lock, &changes, is_new);
    Ok(Exit::Done)
}

/// The source as the manifest is to write it.
fn given(args: &AddArgs, project: &Project) -> Result<Given, Stop> {
    let is_folder = Path::new(&args.package).is_dir();
    let url = args.git.clone().or_else(|| {
        let is_repository =
            args.package.contains(':') || args.package.ends_with(".git") && args.path.is_none();
        is_repository.then(|| args.package.clone())
    });
    let picks = [
        args.tag.clone().map(Pick::Tag),
        args.branch.clone().map(Pick::Branch),
        args.commit.clone().map(Pick::Commit),
    ];
    let pick = picks.into_iter().flatten().next();
    if let Some(url) = url {
        // A path is written from the manifest on.
        let url = if url.contains(':') { url } else { from_root(project, Path::new(&url)) };
        let folder = args.folder.clone().unwrap_or_default();
        return Ok(Given::Git { url, pick: pick.unwrap_or(Pick::Version), folder });
    }
    if pick.is_some() || args.folder.is_some() {
        let help = "name a repository: --git URL";
        return Err(cannot_add("a folder has no tags, branches or commits", help).into());
    }
    match &args.path {
        Some(path) => Ok(Given::Path(from_root(project, path))),
        None if is_folder => Ok(Given::Path(from_root(project, Path::new(&args.package)))),
        None => {
            let shown: String = args.package.chars().take(40).collect();
            let why = format!("`{shown}` is neither a folder nor a repository");
            let help = "say where it is: `eclexia add ../web`, or --path DIR or --git URL";
            Err(cannot_add(&why, help).into())
        }
    }
}

fn from_root(project: &Project, path: &Path) -> String {
    if path.is_absolute() {
        return path.display().to_string();
    }
    relative(&full(&project.root), &full(path))
}
