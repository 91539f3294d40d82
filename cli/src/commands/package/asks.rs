//! The `[deploy]` table of `eclexia.toml`. Hooks that are functions of the program become programs
//! of their own, which call them with the world: so the checker says what is wrong with one, and a
//! package holds commands only.

use crate::commands::Stop;
use eclexia_db::Session;
use eclexia_deploy::package::{Dependency, Hook, Moment, Setting};
use eclexia_files::{FileProvider, Opened};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asks {
    /// Files and folders, from the project's folder on.
    pub include: Vec<String>,
    pub requires: Vec<String>,
    pub dependencies: Vec<Dependency>,
    pub configuration: Vec<Setting>,
    pub hooks: Vec<AskedHook>,
}

#[derive(Deserialize)]
#[serde(try_from = "HookTable")]
pub struct AskedHook {
    at: Moment,
    does: Does,
    timeout: u32,
}

enum Does {
    Command(Vec<String>),
    Function { module: String, name: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookTable {
    at: Moment,
    command: Option<Vec<String>>,
    function: Option<String>,
    timeout: u32,
}

impl TryFrom<HookTable> for AskedHook {
    type Error = String;

    fn try_from(table: HookTable) -> Result<AskedHook, String> {
        let does = match (table.command, table.function) {
            (Some(command), None) => Does::Command(command),
            (None, Some(function)) => {
                let parts = function.split_once('/').filter(|(m, n)| is_plain(m) && is_plain(n));
                let (module, name) = parts.ok_or_else(|| {
                    format!(
                        "`{function}` names no function; one is `MODULE/NAME`, as `main/migrate`"
                    )
                })?;
                Does::Function { module: module.to_owned(), name: name.to_owned() }
            }
            _ => return Err("a hook has a `command` or a `function`, and not both".to_owned()),
        };
        Ok(AskedHook { at: table.at, does, timeout: table.timeout })
    }
}

/// Whether a program may say it as a name: it is written into one.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.?!*+<>=".contains(c);
    !name.is_empty() && name.chars().all(is_plain)
}

impl AskedHook {
    /// The hook, and the program that it needs: its path in the package, and its text.
    pub fn made(
        self,
        place: usize,
        opened: &Arc<Opened>,
    ) -> Result<(Hook, Option<(String, String)>), Stop> {
        let AskedHook { at, does, timeout } = self;
        let (module, name) = match does {
            Does::Command(command) => return Ok((Hook { at, command, timeout }, None)),
            Does::Function { module, name } => (module, name),
        };
        let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let letters: String = name.chars().map(letters).collect();
        let path = format!("eclexia-hook-{place}-{}.ecl", letters.trim_matches('-'));
        let text = format!(
            "; The hook {} of eclexia.toml calls this.\n(import {module} :as program)\n\
             (defn main [world] (program/{name} world))\n",
            at.name()
        );
        let whole = opened.project.beside(&path);
        let mut session = Session::new(Box::new(FileProvider::new(&whole, Some(opened.clone()))));
        let (_, found) = session.load(&path, text.as_bytes());
        if found.has_errors() {
            return Err(Stop::Placed(found, Box::new(session.sources)));
        }
        let command = ["eclexia", "run", &format!("files/{path}")].map(str::to_owned).to_vec();
        Ok((Hook { at, command, timeout }, Some((path, text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_a_command_or_the_name_of_a_function() {
        let read = |text: &str| toml::from_str::<AskedHook>(text);
        let of = |rest: &str| read(&format!("at = \"before-validation\"\ntimeout = 1\n{rest}"));
        assert!(of("command = [\"a\"]").is_ok());
        assert!(of("function = \"shop.main/migrate!\"").is_ok());
        for bad in [
            "",
            "command = [\"a\"]\nfunction = \"main/a\"",
            "function = \"migrate\"",
            "function = \"main/\"",
            "function = \"main/a b\"",
            "function = \"main/a) (print 1\"",
            "funktion = \"main/a\"",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
