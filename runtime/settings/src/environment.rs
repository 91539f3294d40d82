//! The environment: every variable that the command knows, in one table, and the folders that they
//! lead to. Values are taken once, so that what follows is a function of them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What a variable is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// A folder.
    Folder,
    /// Anything that is not empty switches it on, or a word.
    Word,
    /// Sent to a service, and never shown.
    Secret,
}

#[derive(Debug)]
pub struct Variable {
    pub name: &'static str,
    pub used: Use,
    /// What holds where it is not set.
    pub default: &'static str,
    pub about: &'static str,
}

const fn variable(
    name: &'static str,
    used: Use,
    default: &'static str,
    about: &'static str,
) -> Variable {
    Variable { name, used, default, about }
}

/// All of them, in the order in which they are shown.
pub static VARIABLES: [Variable; 16] = [
    variable(
        "ECLEXIA_CONFIG_DIR",
        Use::Folder,
        "`$XDG_CONFIG_HOME/eclexia`, else `~/.config/eclexia`",
        "the folder of the configuration files",
    ),
    variable(
        "ECLEXIA_DATA_DIR",
        Use::Folder,
        "`$XDG_STATE_HOME/eclexia`, else `~/.local/state/eclexia`",
        "what lasts between commands: keys, the registry, fetched packages, what services said",
    ),
    variable(
        "ECLEXIA_STDLIB_PATH",
        Use::Folder,
        "the library in the command",
        "a folder whose modules (`std/list.ecl`) stand for those of the library",
    ),
    variable(
        "ECLEXIA_TOKEN",
        Use::Secret,
        "the owner's rights",
        "a token of `eclexia token`: what changes deployments is asked for with its rights",
    ),
    variable(
        "ELECTRICITYMAPS_TOKEN",
        Use::Secret,
        "the file `electricitymaps.token`",
        "the key of Electricity Maps",
    ),
    variable("WATTTIME_USER", Use::Secret, "the file `wattime.login`", "the account at WattTime"),
    variable("WATTTIME_PASSWORD", Use::Secret, "the same file", "its password"),
    variable("ECLEXIA_SEED", Use::Word, "the clock", "what random numbers of a run begin with"),
    variable(
        "ECLEXIA_REPORT",
        Use::Word,
        "nothing",
        "an executable says after its run how much memory and time it took",
    ),
    variable(
        "ECLEXIA_NATIVE_LIBRARY",
        Use::Word,
        "beside the command",
        "the static library that `build` links",
    ),
    variable("CC", Use::Word, "`cc`", "the C compiler that `build` links with"),
    variable("NO_COLOR", Use::Word, "colours on terminals", "no colours"),
    variable("CLICOLOR_FORCE", Use::Word, "colours on terminals", "colours everywhere"),
    variable("XDG_CONFIG_HOME", Use::Folder, "`~/.config`", "see ECLEXIA_CONFIG_DIR"),
    variable("XDG_STATE_HOME", Use::Folder, "`~/.local/state`", "see ECLEXIA_DATA_DIR"),
    variable("HOME", Use::Folder, "nothing", "the user's folder"),
];

/// The variables that are set; what is empty is not.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<&'static str, OsString>,
}

impl std::fmt::Debug for Environment {
    /// Names only: some values are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

impl Environment {
    /// That of this process, now.
    pub fn of_process() -> Environment {
        Environment::with(|name| std::env::var_os(name))
    }

    /// One that is made up.
    pub fn with(value: impl Fn(&str) -> Option<OsString>) -> Environment {
        let set = VARIABLES.iter().filter_map(|variable| {
            let value = value(variable.name).filter(|value| !value.is_empty())?;
            Some((variable.name, value))
        });
        Environment { values: set.collect() }
    }

    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.values.get(name).map(OsString::as_os_str)
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// Where configuration files are.
    pub fn config_folder(&self) -> Option<PathBuf> {
        self.folder("ECLEXIA_CONFIG_DIR")
            .or_else(|| self.folder("XDG_CONFIG_HOME").map(|folder| folder.join("eclexia")))
            .or_else(|| self.folder("HOME").map(|folder| folder.join(".config/eclexia")))
    }

    /// Where what lasts between commands is kept.
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.folder("ECLEXIA_DATA_DIR")
            .or_else(|| self.folder("XDG_STATE_HOME").map(|folder| folder.join("eclexia")))
            .or_else(|| self.folder("HOME").map(|folder| folder.join(".local/state/eclexia")))
    }

    /// The library that stands for the embedded one.
    pub fn library_folder(&self) -> Option<PathBuf> {
        self.folder("ECLEXIA_STDLIB_PATH")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(set: &'static [(&str, &str)]) -> Environment {
        let value = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into());
        Environment::with(value)
    }

    #[test]
    fn the_nearest_variable_leads_to_a_folder() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(made(&[]).config_folder(), None);
        let home = made(&[("HOME", "/home/ada")]);
        assert_eq!(home.config_folder(), path("/home/ada/.config/eclexia"));
        assert_eq!(home.data_folder(), path("/home/ada/.local/state/eclexia"));
        let xdg = made(&[("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "/x")]);
        assert_eq!(xdg.config_folder(), path("/x/eclexia"));
        let named = made(&[("XDG_CONFIG_HOME", "/x"), ("ECLEXIA_CONFIG_DIR", "conf")]);
        assert_eq!(named.config_folder(), path("conf"));
        let empty = made(&[("ECLEXIA_CONFIG_DIR", ""), ("HOME", "/home/ada")]);
        assert_eq!(empty.config_folder(), path("/home/ada/.config/eclexia"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let made = made(&[("WATTTIME_PASSWORD", "hunter2")]);
        assert_eq!(format!("{made:?}"), "[\"WATTTIME_PASSWORD\"]");
    }
}
