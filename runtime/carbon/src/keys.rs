//! Keys of services: from the environment, else from files beside the configuration that nobody
//! else may read. They have no way to be printed.

use crate::diagnostics as report;
use eclexia_diag::Diagnostics;
use eclexia_settings::Environment;
use hyper::header::HeaderValue;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// One line: the key of Electricity Maps.
const TOKEN_FILE: &str = "electricitymaps.token";
/// Two lines: the user and the password of WattTime.
const LOGIN_FILE: &str = "wattime.login";
/// The largest file of keys, bytes.
const MOST_BYTES: u64 = 4096;
/// Bits of a mode that let others in.
const OTHERS: u32 = 0o077;

/// What must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Secret {
    fn new(text: &str) -> Option<Secret> {
        let text = text.trim();
        let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
        is_plain.then(|| Secret(text.to_owned()))
    }

    /// As a header; marked, so that nothing logs it.
    pub fn header(&self, before: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{before}{}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// The keys that there are.
#[derive(Clone, Default, Debug)]
pub struct Keys {
    pub electricitymaps: Option<Secret>,
    /// User and password.
    pub wattime: Option<(Secret, Secret)>,
}

impl Keys {
    /// Of the environment, else of the files of a folder; and files that cannot be used.
    pub fn find(environment: &Environment, folder: Option<&Path>) -> (Keys, Diagnostics) {
        let mut found = Diagnostics::new();
        let set = |name: &str| Secret::new(environment.get(name)?.to_str()?);
        let mut lines = |file: &str| match folder.map(|folder| lines(&folder.join(file))) {
            Some(Err(wrong)) => {
                found.push(*wrong);
                Vec::new()
            }
            Some(Ok(lines)) => lines,
            None => Vec::new(),
        };
        let electricitymaps = set("ELECTRICITYMAPS_TOKEN").or_else(|| lines(TOKEN_FILE).pop());
        let login = set("WATTTIME_USER").zip(set("WATTTIME_PASSWORD"));
        let wattime = login.or_else(|| match <[Secret; 2]>::try_from(lines(LOGIN_FILE)) {
            Ok([user, password]) => Some((user, password)),
            Err(_) => None,
        });
        (Keys { electricitymaps, wattime }, found)
    }

    /// Keys that are made up.
    pub fn of(electricitymaps: Option<&str>, wattime: Option<(&str, &str)>) -> Keys {
        let pair = |(user, password)| Secret::new(user).zip(Secret::new(password));
        let electricitymaps = electricitymaps.and_then(Secret::new);
        Keys { electricitymaps, wattime: wattime.and_then(pair) }
    }
}

/// The lines of a file of keys; none where there is no file.
fn lines(path: &Path) -> Result<Vec<Secret>, Box<eclexia_diag::Diagnostic>> {
    let bad = |why: &dyn std::fmt::Display| Box::new(report::bad_token(path, why));
    // Asked first: to open a pipe would wait for who writes into it.
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(bad(&error)),
    };
    if !metadata.is_file() {
        return Err(bad(&"it is no regular file"));
    }
    if metadata.mode() & OTHERS != 0 {
        return Err(Box::new(report::exposed_token(path, metadata.mode() & 0o777)));
    }
    let file = std::fs::File::open(path).map_err(|error| bad(&error))?;
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| bad(&error))?;
    let wanted = if path.ends_with(LOGIN_FILE) { 2 } else { 1 };
    let lines: Vec<Secret> = text.lines().filter_map(Secret::new).collect();
    match lines.len() == wanted {
        true => Ok(lines),
        false => Err(bad(&format!("it has {} lines where {wanted} are needed", lines.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn write(folder: &Path, name: &str, text: &str, mode: u32) {
        std::fs::write(folder.join(name), text).expect("written");
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.join(name), mode).expect("set");
    }

    #[test]
    fn keys_come_from_the_environment_or_from_files_of_ones_own() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        write(folder.path(), TOKEN_FILE, "from-file\n", 0o600);
        write(folder.path(), LOGIN_FILE, "ada\nhunter2\n", 0o600);
        let (keys, found) = Keys::find(&Environment::default(), Some(folder.path()));
        assert!(found.is_empty());
        assert_eq!(keys.electricitymaps, Secret::new("from-file"));
        assert_eq!(keys.wattime, Keys::of(None, Some(("ada", "hunter2"))).wattime);
        let set = Environment::with(|name| {
            (name == "ELECTRICITYMAPS_TOKEN").then(|| "from-environment".into())
        });
        let (keys, _) = Keys::find(&set, Some(folder.path()));
        assert_eq!(keys.electricitymaps, Secret::new("from-environment"));
        assert!(!format!("{keys:?}").contains("from"));
        assert!(!format!("{keys:?}").contains("hunter2"));
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        write(folder.path(), TOKEN_FILE, "secret", 0o644);
        write(folder.path(), LOGIN_FILE, "only-a-user", 0o600);
        let (keys, found) = Keys::find(&Environment::default(), Some(folder.path()));
        assert!(keys.electricitymaps.is_none() && keys.wattime.is_none());
        let codes: Vec<&str> = found.iter().map(|d| d.code).collect();
        assert_eq!(codes, ["exposed-token", "bad-token"]);
        assert!(found.iter().all(|d| !format!("{d:?}").contains("only-a-user")));
    }
}
