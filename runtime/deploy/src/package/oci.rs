//! The OCI image layout as a second container: a folder that tools for container images copy,
//! inspect and push to registries.
//!
//! ```text
//! oci-layout, index.json             the manifest of one image, by digest
//! blobs/sha256/…                     that manifest, an empty configuration, and one layer:
//!                                    the bytes of the package's file as they are
//! ```
//!
//! Holds: every blob has the digest and the size by which it is found, the rest of the two files
//! is exactly what we or a copying tool write, and the layer is a package, which is checked as
//! any. Absent: indexes of several images, and platforms: what a package runs on is its plan's
//! matter.

use super::{Compression, Limits, Package};
use crate::diagnostics as report;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use eclexia_whole::{Access, Existing, write};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

const LAYOUT: &str = "oci-layout";
const INDEX: &str = "index.json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const TITLE: &str = "org.opencontainers.image.title";
const VERSION: &str = "org.opencontainers.image.version";
const REF_NAME: &str = "org.opencontainers.image.ref.name";
const ID: &str = "dev.eclexia.package.id";
/// JSON of a layout is short.
const MOST_JSON_BYTES: u64 = 64 << 10;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Layout {
    image_layout_version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Index {
    schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    manifests: Vec<Blob>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImageManifest {
    schema_version: u32,
    media_type: String,
    config: Blob,
    layers: Vec<Blob>,
    annotations: BTreeMap<String, String>,
}

/// A descriptor.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Blob {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Config {
    architecture: &'static str,
    os: &'static str,
    config: BTreeMap<String, String>,
    rootfs: RootFs,
}

#[derive(Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<String>,
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

fn json(value: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec(value) {
        Ok(bytes) => bytes,
        Err(error) => bug!("plain data that is no JSON: {error}"),
    }
}

fn layer_type(compression: Compression) -> String {
    match compression {
        Compression::Zstd => format!("{LAYER_TYPE}+zstd"),
        Compression::Gzip => format!("{LAYER_TYPE}+gzip"),
    }
}

/// What an image says of the package in it.
fn annotations(package: &Package) -> BTreeMap<String, String> {
    let manifest = package.manifest();
    let said = [
        (TITLE, manifest.name.clone()),
        (VERSION, manifest.version.to_string()),
        (ID, package.id()),
    ];
    said.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A tag of the package's version; a tag has no `+`.
fn tag(package: &Package) -> String {
    package.manifest().version.to_string().replace('+', "_")
}

/// All files of the layout by their paths.
fn layout(package: &Package, compression: Compression) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut blob = |media_type: &str, bytes: Vec<u8>| {
        let (digest, size) = (sha256(&bytes), bytes.len() as u64);
        let place = format!("blobs/{}", digest.replace(':', "/"));
        files.insert(place, bytes);
        Blob { media_type: media_type.to_owned(), digest, size, annotations: BTreeMap::new() }
    };
    let diff_ids = vec![sha256(&package.archive(&package.signatures))];
    let rootfs = RootFs { r#type: "layers", diff_ids };
    // Of no machine: a package holds files for whatever its plan names.
    let config = Config { architecture: "unknown", os: "unknown", config: BTreeMap::new(), rootfs };
    let config = blob(CONFIG_TYPE, json(&config));
    let layer = blob(&layer_type(compression), package.write(compression));
    let manifest = ImageManifest {
        schema_version: 2,
        media_type: MANIFEST_TYPE.to_owned(),
        config,
        layers: vec![layer],
        annotations: annotations(package),
    };
    let mut manifest = blob(MANIFEST_TYPE, json(&manifest));
    manifest.annotations.insert(REF_NAME.to_owned(), tag(package));
    let media_type = Some(INDEX_TYPE.to_owned());
    let index = Index { schema_version: 2, media_type, manifests: vec![manifest] };
    files.insert(INDEX.to_owned(), json(&index));
    let image_layout_version = "1.0.0".to_owned();
    files.insert(LAYOUT.to_owned(), json(&Layout { image_layout_version }));
    files
}

/// Writes a layout into a folder, made when missing. `oci-layout`, which makes it one, comes last.
pub fn write_layout(
    package: &Package,
    compression: Compression,
    folder: &Path,
) -> Result<(), Diagnostic> {
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used || folder.is_file() {
        return Err(report::folder_taken(folder));
    }
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).map_err(|error| report::not_written(&blobs, &error))?;
    for (path, bytes) in layout(package, compression) {
        let path = folder.join(path);
        write(&path, &bytes, Access::Everybody, Existing::Replace)
            .map_err(|error| report::not_written(&path, &error))?;
    }
    Ok(())
}

/// Whether a folder says that it is a layout.
pub fn is_layout(folder: &Path) -> bool {
    folder.join(LAYOUT).is_file()
}

/// Reads the package in a layout.
pub fn read_layout(folder: &Path, limits: &Limits) -> Result<Package, Diagnostic> {
    let layout: Layout = parsed(&plain(&folder.join(LAYOUT))?, LAYOUT)?;
    let index: Index = parsed(&plain(&folder.join(INDEX))?, INDEX)?;
    let is_known = layout.image_layout_version == "1.0.0"
        && index.schema_version == 2
        && index.media_type.as_deref().is_none_or(|media_type| media_type == INDEX_TYPE);
    let [entry] = &index.manifests[..] else {
        return Err(report::bad_layout("its index does not list exactly one image"));
    };
    if !is_known || entry.media_type != MANIFEST_TYPE {
        return Err(report::bad_layout("it is of another version or kind"));
    }
    let image: ImageManifest = parsed(&blob(folder, entry)?, "the image's manifest")?;
    let [layer] = &image.layers[..] else {
        return Err(report::bad_layout("the image has not exactly one layer"));
    };
    let is_known = image.schema_version == 2
        && image.media_type == MANIFEST_TYPE
        && image.config.media_type == CONFIG_TYPE;
    if !is_known {
        return Err(report::bad_layout("the image is of another version or kind"));
    }
    blob(folder, &image.config)?;
    let (file, place) = open(folder, layer)?;
    let mut hashed = Hashed { inner: file, hash: Sha256::new(), size: 0 };
    let package = Package::read(&mut hashed, limits)?;
    hashed.is(layer).then_some(()).ok_or_else(|| report::bad_blob(&place))?;
    let tags = BTreeMap::from([(REF_NAME.to_owned(), tag(&package))]);
    let says_so = image.annotations == annotations(&package)
        && layer.media_type == layer_type(package.compression())
        && (entry.annotations.is_empty() || entry.annotations == tags);
    match says_so {
        true => Ok(package),
        false => Err(report::bad_layout("what it says of its package is not so")),
    }
}

fn parsed<'b, T: Deserialize<'b>>(bytes: &'b [u8], what: &str) -> Result<T, Diagnostic> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|error| report::bad_layout(&format!("{what}: {error}")))
}

/// A short file.
fn plain(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let file = std::fs::File::open(path).map_err(|error| report::not_read(path, &error))?;
    let mut bytes = Vec::new();
    let read = file.take(MOST_JSON_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| report::not_read(path, &error))?;
    Ok(bytes)
}

fn open(folder: &Path, blob: &Blob) -> Result<(std::fs::File, PathBuf), Diagnostic> {
    let digits = blob.digest.strip_prefix("sha256:").filter(|d| super::manifest::is_hash(d));
    let Some(digits) = digits else {
        return Err(report::bad_layout("a digest is not of the form `sha256:…`"));
    };
    let place = folder.join("blobs/sha256").join(digits);
    match std::fs::File::open(&place) {
        Ok(file) => Ok((file, place)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(report::bad_layout(&format!("the blob {} is missing", &digits[..12])))
        }
        Err(error) => Err(report::not_read(&place, &error)),
    }
}

/// A short blob, which has the digest and the size it is found by.
fn blob(folder: &Path, blob: &Blob) -> Result<Vec<u8>, Diagnostic> {
    let (file, place) = open(folder, blob)?;
    let mut hashed = Hashed { inner: file.take(MOST_JSON_BYTES), hash: Sha256::new(), size: 0 };
    let mut bytes = Vec::new();
    hashed.read_to_end(&mut bytes).map_err(|error| report::not_read(&place, &error))?;
    if hashed.is(blob) { Ok(bytes) } else { Err(report::bad_blob(&place)) }
}

/// What is read is hashed and counted as it goes by.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(out)?;
        self.hash.update(&out[..count]);
        self.size += count as u64;
        Ok(count)
    }
}

impl<R> Hashed<R> {
    /// Whether what was read is a blob.
    fn is(self, blob: &Blob) -> bool {
        let digits: String =
            self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.size == blob.size && blob.digest == format!("sha256:{digits}")
    }
}
