//! What is in a package, for people and as JSON.

use crate::console::Console;
use eclexia_deploy::package::{Kind, Package};
use serde_json::{Value, json};

/// Name, id and files.
pub fn tell(console: &Console, package: &Package) {
    let manifest = package.manifest();
    let mut text = format!(
        "{} {}, deployment {}\nid {}\n\n",
        manifest.name,
        manifest.version,
        manifest.deployment,
        package.id()
    );
    let width = manifest.files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0);
    for file in &manifest.files {
        let kind = match file.kind {
            Kind::Program => "program",
            Kind::Model => "model",
            Kind::Plan => "plan",
            Kind::Code => "code",
            Kind::Binary => "binary",
            Kind::Asset => "asset",
        };
        let size = size(file.size);
        text.push_str(&format!("{kind:<8} {:<width$} {size:>11}\n", file.path));
    }
    if !manifest.requires.is_empty() {
        text.push_str(&format!("\nIt requires {}.\n", manifest.requires.join(", ")));
    }
    for needed in &manifest.dependencies {
        text.push_str(&format!("It depends on {} {}.\n", needed.name, needed.version));
    }
    for hook in &manifest.hooks {
        let moment = json!(hook.at);
        let moment = moment.as_str().unwrap_or_default().replace('-', " ");
        text.push_str(&format!("It runs `{}` {moment}.\n", hook.command.join(" ")));
    }
    console.say(&text);
}

pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// The manifest with the package's id.
pub fn value(package: &Package) -> Value {
    let signatures: Vec<Value> = package
        .signatures()
        .map(|s| json!({"key": s.key, "signer": s.signer, "expires": s.expires}))
        .collect();
    json!({"format": "eclexia-packed/1", "id": package.id(), "manifest": package.manifest(),
        "signatures": signatures})
}
