//! A small model with its plan, a package of them, and a maker of archives that knows the form from
//! its description alone, so that it can break every rule of it.

use eclexia_deploy::package::{Contents, Kind, Limits, Package};
use eclexia_diag::Diagnostic;
use eclexia_model::saved::digest;
use eclexia_model::*;
use serde_json::{Value, json};
use tar::{EntryType, Header};

pub fn model() -> Deployment {
    let zero = || Exact::int(0);
    Deployment {
        name: "prod".into(),
        account: None,
        limits: vec![],
        strategy: Strategy {
            name: None,
            cost_weight: Exact::int(1),
            carbon_weight: zero(),
            latency_weight: zero(),
            carbon_price: zero(),
            latency_price: zero(),
            origin: Origin::default(),
        },
        regions: vec![],
        node_types: vec![],
        offers: vec![],
        services: vec![],
        jobs: vec![],
        peaks: vec![],
        movement: Movement::default(),
        rtt: vec![],
        conflicts: vec![],
        together: vec![],
        near: vec![],
        alerts: vec![],
        declared: None,
        origin: Origin::default(),
    }
}

pub fn plan(model: &Deployment) -> Plan {
    let zero = || Exact::int(0);
    let totals = Totals {
        cost: zero(),
        carbon: zero(),
        job_cost: zero(),
        job_carbon: zero(),
        objective: zero(),
        bound: zero(),
        gap: zero(),
    };
    let mut plan = Plan {
        format: PLAN_FORMAT.into(),
        id: String::new(),
        parent: None,
        module: "shop".into(),
        deployment: model.name.clone(),
        model_id: digest(model),
        services: vec![],
        nodes: vec![],
        jobs: vec![],
        steps: vec![],
        totals,
        moves: None,
        budgets: vec![],
        declined: vec![],
    };
    plan.id = plan.content_id();
    plan
}

pub fn contents() -> Contents {
    let model = model();
    let version = semver::Version::new(1, 2, 3);
    Contents::new("shop", version, &model, &plan(&model))
}

/// Program, a script and a picture.
pub fn package() -> Package {
    let mut contents = contents();
    let source = b"(defdeployment prod {})\n".to_vec();
    contents.add("shop.ecl", Kind::Program, false, source).expect("added");
    let script = b"#!/bin/sh\nexit 0\n".to_vec();
    contents.add("bin/check", Kind::of(true, &script), true, script).expect("added");
    contents.add("assets/logo.svg", Kind::Asset, false, vec![b'x'; 1000]).expect("added");
    contents.pack().expect("packed")
}

/// An entry of an archive, whatever it says.
pub struct Piece {
    pub header: Header,
    pub bytes: Vec<u8>,
}

/// An entry as packages have it.
pub fn piece(path: &str, bytes: &[u8]) -> Piece {
    let mut header = Header::new_ustar();
    // Not by the library, which refuses what is hostile.
    let name = &mut header.as_ustar_mut().expect("ustar").name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    Piece { header, bytes: bytes.to_vec() }
}

/// The same with its header changed.
pub fn with(mut piece: Piece, change: impl FnOnce(&mut Header)) -> Piece {
    change(&mut piece.header);
    piece.header.set_cksum();
    piece
}

pub fn archive(pieces: &[Piece]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for piece in pieces {
        builder.append(&piece.header, &piece.bytes[..]).expect("appended");
    }
    builder.into_inner().expect("finished")
}

/// Compressed and sealed, as docs/packages.md says it.
pub fn sealed(archive: &[u8]) -> Vec<u8> {
    seal(zstd::encode_all(archive, 3).expect("compressed"))
}

pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash = blake3::hash(&bytes);
    bytes.extend([0x5e, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
    bytes.extend(hash.as_bytes());
    bytes
}

/// A manifest, as JSON that a test changes, of model, plan and files; and their entries.
pub fn parts(files: &[(&str, &[u8])]) -> (Value, Vec<Piece>) {
    let model = model();
    let plan = plan(&model);
    let (model_bytes, plan_bytes) = (serde_json::to_vec(&model).expect("JSON"), plan.to_json());
    let own: [(&str, &[u8]); 2] = [("model.json", &model_bytes), ("plan.json", &plan_bytes)];
    let (mut entries, mut pieces) = (Vec::new(), Vec::new());
    for (path, bytes) in files.iter().chain(&own) {
        let kind = match *path {
            "model.json" => "model",
            "plan.json" => "plan",
            _ => "asset",
        };
        entries.push(json!({"path": path, "kind": kind, "size": bytes.len(),
            "executable": false, "blake3": blake3::hash(bytes).to_hex().as_str()}));
        pieces.push(piece(path, bytes));
    }
    let manifest = json!({"format": "eclexia-package/1", "name": "shop", "version": "1.2.3",
        "deployment": "prod", "plan": plan.id, "model": digest(&model), "requires": [],
        "dependencies": [], "configuration": [], "hooks": [], "files": entries});
    (manifest, pieces)
}

/// The canonical JSON of a manifest whose fields may be in any order.
pub fn ordered(manifest: &Value) -> Vec<u8> {
    let in_order = |value: &Value, keys: &[&str]| {
        let known = keys.iter().filter_map(|key| Some((*key, value.get(*key)?)));
        let more = value.as_object().expect("an object").iter();
        let more = more.map(|(key, v)| (key.as_str(), v)).filter(|(key, _)| !keys.contains(key));
        let fields: Vec<String> =
            known.chain(more).map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let file_keys = ["path", "kind", "size", "executable", "blake3"];
    let files = manifest["files"].as_array().expect("files");
    let files: Vec<String> = files.iter().map(|file| in_order(file, &file_keys)).collect();
    let keys = [
        "format",
        "name",
        "version",
        "deployment",
        "plan",
        "model",
        "requires",
        "dependencies",
        "configuration",
        "hooks",
    ];
    let mut head = manifest.clone();
    head.as_object_mut().expect("an object").remove("files");
    let head = in_order(&head, &keys);
    format!("{},\"files\":[{}]}}", &head[..head.len() - 1], files.join(",")).into_bytes()
}

/// The file of a manifest and entries.
pub fn file(manifest: &Value, pieces: Vec<Piece>) -> Vec<u8> {
    let mut all = vec![piece("manifest.json", &ordered(manifest))];
    all.extend(pieces);
    sealed(&archive(&all))
}

pub fn read(bytes: &[u8]) -> Result<Package, Diagnostic> {
    Package::read(bytes, &Limits::default())
}

/// The code that a file is refused with.
pub fn refusal(bytes: &[u8]) -> &'static str {
    match read(bytes) {
        Ok(_) => "accepted",
        Err(found) => {
            assert!(found.message.chars().count() <= 80, "{}", found.message);
            found.code
        }
    }
}
