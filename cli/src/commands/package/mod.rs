//! `package`: a program with its plan and files as one file, or as an OCI image layout.

mod asks;
mod gather;
mod tell;

pub use gather::Shipped;
pub use tell::{tell, value};

use super::program::{Elaboration, elaborate};
use super::sign::{key, sign_with};
use super::{Ended, Stop};
use crate::args::{PackageArgs, PackageCompression};
use crate::console::{Console, Exit};
use crate::files;
use eclexia_deploy::package::{Compression, Contents, Package, write_layout};
use eclexia_model::{Deployment, Plan};
use std::path::PathBuf;

pub fn package(console: &Console, args: &PackageArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployment = program.deployment(&args.ships.which)?;
    let shipped = Shipped::of(&program.loaded, &args.ships.include)?;
    // Told before anything is planned.
    let key = args.sign.as_deref().map(|name| key(Some(name))).transpose()?;
    let plan = program.plan_or_saved(console, deployment, &args.ships.saved)?;
    let mut package = packed(shipped, deployment, &plan)?;
    if let Some((name, key)) = &key {
        sign_with(&mut package, name, key, None)?;
    }
    write(console, args, &package)?;
    Ok(Exit::Done)
}

/// A program with a plan of one of its deployments, and what is `named` besides.
pub fn pack(
    program: &Elaboration,
    deployment: &Deployment,
    plan: &Plan,
    named: &[PathBuf],
) -> Result<Package, Stop> {
    packed(Shipped::of(&program.loaded, named)?, deployment, plan)
}

fn packed(shipped: Shipped, deployment: &Deployment, plan: &Plan) -> Result<Package, Stop> {
    let mut contents = Contents::new(&shipped.name, shipped.version, deployment, plan);
    contents.requires = shipped.asks.requires;
    contents.dependencies = shipped.asks.dependencies;
    contents.configuration = shipped.asks.configuration;
    contents.hooks = shipped.hooks;
    for (path, file) in shipped.files {
        contents.add(&path, file.kind, file.is_executable, file.bytes)?;
    }
    Ok(contents.pack()?)
}

fn write(console: &Console, args: &PackageArgs, package: &Package) -> Result<(), Stop> {
    let compression = match args.compression {
        PackageCompression::Zstd => Compression::Zstd,
        PackageCompression::Gzip => Compression::Gzip,
    };
    let manifest = package.manifest();
    let default = || PathBuf::from(format!("{}-{}.eclpkg", manifest.name, manifest.version));
    let is_file = args.output.is_some() || args.oci.is_none();
    let output = is_file.then(|| args.output.clone().unwrap_or_else(default));
    let mut written = Vec::new();
    if let Some(folder) = &args.oci {
        write_layout(package, compression, folder)?;
        written.push(format!("{} (image layout)", folder.display()));
    }
    if let Some(path) = &output {
        let bytes = package.write(compression);
        files::write(path, &bytes)?;
        written.push(format!("{} ({})", path.display(), tell::size(bytes.len() as u64)));
    }
    if console.global.json {
        let mut told = value(package);
        told["file"] = serde_json::json!(output);
        told["layout"] = serde_json::json!(args.oci);
        console.json(&told);
    }
    tell(console, package);
    console.say(&format!("\nWrote {}.\n", written.join(" and ")));
    Ok(())
}
