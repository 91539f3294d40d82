//! `sign`: a signature of one of the keys here, added to a package's file.

use super::package::value;
use super::{Ended, Stop};
use crate::args::SignArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_deploy::dates::Date;
use eclexia_deploy::keys::{KeyFolder, SecretKey};
use eclexia_deploy::package::{Limits, Package};
use std::path::{Path, PathBuf};

pub fn sign(console: &Console, args: &SignArgs) -> Ended {
    let (name, key) = key(args.key.as_deref())?;
    let mut package = open(&args.package)?;
    sign_with(&mut package, &name, &key, args.expires)?;
    files::write(&args.package, &package.write(package.compression()))?;
    if console.global.json {
        console.json(&value(&package));
    }
    let shown = args.package.display();
    let expires = args.expires.map(|day| format!(", good until {day}")).unwrap_or_default();
    console.say(&format!("Signed {shown} as {name}{expires}.\nid {}\n", package.id()));
    Ok(Exit::Done)
}

pub fn sign_with(
    package: &mut Package,
    name: &str,
    key: &SecretKey,
    expires: Option<Date>,
) -> Result<(), Stop> {
    Ok(package.sign(key, name, expires)?)
}

/// The package in a file.
pub fn open(path: &Path) -> Result<Package, Stop> {
    let shown = path.display().to_string();
    if path.is_dir() {
        return Err(diagnostics::directory_for_file(&shown).into());
    }
    let file =
        std::fs::File::open(path).map_err(|error| diagnostics::cannot_read(&shown, &error))?;
    Ok(Package::read(file, &Limits::default())?)
}

/// Where keys and whom to trust are kept.
pub fn data() -> PathBuf {
    files::data_folder().unwrap_or_else(|| PathBuf::from(".eclexia"))
}

/// The secret key that is named, else the only one.
pub fn key(named: Option<&str>) -> Result<(String, SecretKey), Stop> {
    let folder = KeyFolder::new(&data());
    let name = match named {
        Some(name) => name.to_owned(),
        None => {
            let pairs = folder.list()?.into_iter().filter(|pair| pair.has_secret);
            let names: Vec<String> = pairs.map(|pair| pair.name).collect();
            match &names[..] {
                [only] => only.clone(),
                names => return Err(diagnostics::which_key(names).into()),
            }
        }
    };
    let key = folder.secret(&name)?;
    Ok((name, key))
}
