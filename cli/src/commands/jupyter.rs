//! `jupyter`: a kernel for notebooks. `install` writes the file by which Jupyter knows how to start
//! it; the kernel itself is `crate::jupyter`.

use super::Ended;
use crate::args::JupyterVerb;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use serde_json::json;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub fn jupyter(console: &Console, verb: &JupyterVerb) -> Ended {
    match verb {
        JupyterVerb::Install { prefix } => install(console, prefix.as_deref()),
        JupyterVerb::Run { connection } => crate::jupyter::run(console, connection),
    }
}

fn install(console: &Console, prefix: Option<&Path>) -> Ended {
    let data = prefix.map_or_else(user_data, |prefix| prefix.join("share").join("jupyter"));
    let folder = data.join("kernels").join("eclexia");
    let command =
        std::env::current_exe().map_err(|error| diagnostics::cannot_read("eclexia", &error))?;
    let spec = json!({
        "argv": [command.to_string_lossy(), "jupyter", "run", "{connection_file}"],
        "display_name": "Eclexia",
        "language": "eclexia",
        "interrupt_mode": "message",
    });
    files::make_folder(&folder)?;
    files::write(&folder.join("kernel.json"), format!("{spec:#}\n").as_bytes())?;
    let shown = folder.display();
    if console.global.json {
        let shown = shown.to_string();
        console.json(&json!({"format": "eclexia-jupyter/1", "kernel": "eclexia", "folder": shown}));
    }
    console.say(&format!(
        "Jupyter knows the kernel eclexia now, by {shown}.\n\
         Talk to it:  jupyter console --kernel eclexia\n\
         Forget it:   jupyter kernelspec remove eclexia\n"
    ));
    Ok(Exit::Done)
}

/// Where the user's Jupyter looks for kernels and more.
fn user_data() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    if let Some(folder) = set("JUPYTER_DATA_DIR") {
        return folder.into();
    }
    let home = std::env::home_dir().unwrap_or_default();
    if cfg!(target_os = "macos") {
        return home.join("Library").join("Jupyter");
    }
    if cfg!(windows) {
        return set("APPDATA").map_or(home, PathBuf::from).join("jupyter");
    }
    let data =
        set("XDG_DATA_HOME").map_or_else(|| home.join(".local").join("share"), PathBuf::from);
    data.join("jupyter")
}
