//! A version as it is to run: its package on disk, and what each service is started from.

use crate::folders::Folders;
use crate::grid::{self, Grids};
use crate::launch::{Network, Spec};
use crate::meter::{self, Power};
use crate::process::MARK;
use eclexia_deploy::package::{
    FILES, Hook, Kind, Limits as Bounds, MANIFEST, MODEL, Manifest, PLAN, Ports, Values, ports,
    settle, variable as setting_variable,
};
use eclexia_diag::Diagnostic;
use eclexia_model::{BudgetLine, Check, Deployment, EnvValue, Plan};
use eclexia_targets::local::{Job, Service, Tree, tree};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

pub struct Loaded {
    pub number: u32,
    pub manifest: Manifest,
    pub tree: Tree,
    /// The package, unpacked, and what it ships.
    folder: PathBuf,
    files: PathBuf,
    /// The value of each setting.
    pub settings: Values,
    /// What is wrong with the values that were given.
    pub unsettled: Vec<Diagnostic>,
    /// Service or job to the digest of what its processes are started from.
    pub specs: BTreeMap<String, String>,
    /// Job to the same without the files of the package: what its process began with it goes on
    /// with, as long as this is the same.
    pub described: BTreeMap<String, String>,
    /// Service or job to how what its cores do is turned to energy and carbon.
    pub powers: BTreeMap<String, Power>,
    /// Region to grams CO2e per joule as the program says them.
    pub grids: Grids,
    /// Limits with their prices, as they were planned.
    pub budgets: Vec<BudgetLine>,
    /// Service to its place in the tree.
    places: BTreeMap<String, usize>,
}

impl Loaded {
    /// Of a package that has been unpacked; its contents were checked then.
    pub fn read(folder: &Path, number: u32, given: &Values) -> Result<Loaded, String> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let manifest = Manifest::from_json(&read(MANIFEST)?, &Bounds::default())
            .map_err(|found| found.message)?;
        let model: Deployment = serde_json::from_slice(&read(MODEL)?)
            .map_err(|error| format!("the model cannot be read: {error}"))?;
        let plan = Plan::from_json(&read(PLAN)?).map_err(|error| format!("{error:?}"))?;
        let (mut tree, _) = tree(&model, &plan);
        let settled = settle(&manifest.configuration, given).and_then(|settings| {
            let ports = ports(&manifest.configuration, &settings, &model)?;
            Ok((settings, ports))
        });
        let (settings, unsettled) = match settled {
            Ok((settings, ports)) => {
                move_ports(&mut tree, &ports);
                (settings, Vec::new())
            }
            Err(found) => (Values::new(), found),
        };
        let contents = contents(&manifest, &settings);
        let with = |process: &Service, rest: &str| {
            let whole = format!("{}\n{rest}", process.digest());
            (process.name.clone(), blake3::hash(whole.as_bytes()).to_hex()[..16].to_owned())
        };
        let specs = tree.processes().map(|process| with(process, &contents)).collect();
        let settled = eclexia_model::digest(&settings);
        let described = tree.jobs.iter().map(|job| with(&job.process, &settled)).collect();
        let names = tree.services.iter().enumerate();
        let places = names.map(|(place, service)| (service.name.clone(), place)).collect();
        let (powers, grids) = (meter::powers(&model, &plan), grid::declared(&model));
        let (folder, files, budgets) = (folder.to_owned(), folder.join(FILES), plan.budgets);
        Ok(Loaded {
            number,
            manifest,
            tree,
            folder,
            files,
            settings,
            unsettled,
            specs,
            described,
            powers,
            grids,
            budgets,
            places,
        })
    }

    pub fn service(&self, name: &str) -> Option<&Service> {
        self.tree.services.get(*self.places.get(name)?)
    }

    pub fn job(&self, name: &str) -> Option<&Job> {
        self.tree.jobs.iter().find(|job| job.process.name == name)
    }

    /// What an instance of a service or job is a process of.
    pub fn process(&self, name: &str) -> Option<&Service> {
        self.service(name).or_else(|| self.job(name).map(|job| &job.process))
    }

    /// All that runs or may: services with replicas, and jobs.
    pub fn processes(&self) -> impl Iterator<Item = &Service> {
        self.tree.processes().filter(|service| service.replicas > 0)
    }

    /// Whether the program of a hook is there: one of the package or of this machine.
    pub fn has_hook(&self, hook: &Hook) -> bool {
        let Some(program) = hook.command.first() else { return false };
        match program.contains('/') {
            true => self.folder.join(program).is_file() || Path::new(program).is_file(),
            false => self.has_program(program),
        }
    }

    /// How a hook is started: in the package's folder, which it may read, with a folder of its own,
    /// which it may write. Its groups are the caller's.
    pub fn hook(
        &self,
        hook: &Hook,
        (folders, deployment, id): (&Folders, &str, &str),
        eclexia: &Path,
    ) -> io::Result<Spec> {
        let own = folders.instance(id);
        let (root, bin) = (own.join("root"), own.join("bin"));
        std::fs::create_dir_all(root.join("tmp"))?;
        std::fs::create_dir_all(&bin)?;
        symlink(eclexia, bin.join("eclexia"))?;
        let mut env = BTreeMap::new();
        let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
        set("PATH", format!("{}:{PATH}", bin.display()));
        set("HOME", root.display().to_string());
        set("TMPDIR", root.join("tmp").display().to_string());
        set("LANG", "C.UTF-8".to_owned());
        for (name, value) in &self.settings {
            set(&setting_variable(name), value.to_string());
        }
        for service in &self.tree.services {
            if let Some(port) = service.ports.first() {
                let name = variable(&service.name);
                set(&format!("{name}_SERVICE_HOST"), "127.0.0.1".to_owned());
                set(&format!("{name}_SERVICE_PORT"), port.port.to_string());
            }
        }
        set("ECLEXIA_DEPLOYMENT", deployment.to_owned());
        set("ECLEXIA_VERSION", self.number.to_string());
        set("ECLEXIA_MOMENT", hook.at.name().to_owned());
        set(MARK, folders.mark_of(id));
        Ok(Spec {
            command: hook.command.iter().map(|word| filled(word, &env)).collect(),
            env: env.into_iter().collect(),
            folder: self.folder.clone(),
            reads: vec![self.folder.clone(), eclexia.to_owned(), bin],
            writes: vec![root],
            cgroups: Vec::new(),
            address_space: None,
            network: Network::Open,
            kept: None,
        })
    }

    /// Whether a program that a command names is there: one of the package or of this machine.
    pub fn has_program(&self, program: &str) -> bool {
        if program == "eclexia" {
            return true;
        }
        if program.contains('/') {
            return self.files.join(program).is_file() || Path::new(program).is_file();
        }
        std::env::split_paths(PATH).any(|folder| folder.join(program).is_file())
    }
}

/// Services listen at, ask and are checked at the ports that settings say.
fn move_ports(tree: &mut Tree, ports: &Ports) {
    let moved = |service: &str, port: &mut u16| {
        *port = ports.get(&(service.to_owned(), *port)).copied().unwrap_or(*port);
    };
    let jobs = tree.jobs.iter_mut().map(|job| &mut job.process);
    for service in tree.services.iter_mut().chain(jobs) {
        service.ports.iter_mut().for_each(|port| moved(&service.name, &mut port.port));
        for need in &mut service.needs {
            need.ports.iter_mut().for_each(|port| moved(&need.service, port));
        }
        for probe in &mut service.probes {
            if let Check::Http { port, .. } | Check::Tcp { port } = &mut probe.check {
                moved(&service.name, port);
            }
        }
    }
}

/// Digest of what the package ships besides model and plan, and of what its settings are.
fn contents(manifest: &Manifest, settings: &Values) -> String {
    let mut hasher = blake3::Hasher::new();
    let shipped = manifest.files.iter().filter(|f| !matches!(f.kind, Kind::Model | Kind::Plan));
    for file in shipped {
        hasher.update(format!("{}\n{}\n{}\n", file.path, file.blake3, file.executable).as_bytes());
    }
    // Without settings the digest is what it was before there were any.
    if !settings.is_empty() {
        hasher.update(eclexia_model::digest(settings).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Where programs of the machine are.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where an instance is to be started.
pub struct Place<'a> {
    pub folders: &'a Folders,
    pub deployment: &'a str,
    pub instance: &'a str,
    pub ordinal: u32,
    /// Port of the service to the port of this process.
    pub ports: &'a BTreeMap<u16, u16>,
    /// This program, which services find as `eclexia`.
    pub eclexia: &'a Path,
    pub cgroups: Vec<PathBuf>,
    pub limits_memory: bool,
}

impl Loaded {
    /// Makes the folder of an instance and says how it is started. What is there already is made
    /// anew, except its volumes.
    pub fn prepare(&self, service: &Service, place: &Place<'_>) -> io::Result<Spec> {
        let root = place.folders.instance(place.instance).join("root");
        if root.exists() {
            std::fs::remove_dir_all(&root)?;
        }
        std::fs::create_dir_all(root.join("tmp"))?;
        if self.files.is_dir() {
            for entry in std::fs::read_dir(&self.files)? {
                let entry = entry?;
                symlink(entry.path(), root.join(entry.file_name()))?;
            }
        }
        for file in &service.files {
            let path = below(&root, &file.path)?;
            // A file that the program computes stands before one that the package ships.
            let _ = std::fs::remove_file(&path);
            std::fs::write(&path, &file.content)?;
        }
        let mut writes = vec![root.clone()];
        let mut reads = vec![self.files.clone(), place.eclexia.to_owned()];
        for volume in &service.volumes {
            let folder = place.folders.volume(place.deployment, volume, place.ordinal);
            std::fs::create_dir_all(&folder)?;
            let place = below(&root, &volume.path)?;
            // It stands before what the package ships there, and before the folder `tmp`.
            let _ = std::fs::remove_file(&place).or_else(|_| std::fs::remove_dir(&place));
            symlink(&folder, place)?;
            if volume.read_only { &mut reads } else { &mut writes }.push(folder);
        }
        let bin = place.folders.instance(place.instance).join("bin");
        std::fs::create_dir_all(&bin)?;
        let _ = std::fs::remove_file(bin.join("eclexia"));
        symlink(place.eclexia, bin.join("eclexia"))?;
        reads.push(bin.clone());
        let env = self.environment(service, place, &root, &bin)?;
        Ok(Spec {
            command: service.command.iter().map(|word| filled(word, &env)).collect(),
            env: env.into_iter().collect(),
            folder: root,
            reads,
            writes,
            cgroups: place.cgroups.clone(),
            address_space: service.limits.memory_bytes.filter(|_| !place.limits_memory),
            network: network(service, place),
            kept: None,
        })
    }

    fn environment(
        &self,
        service: &Service,
        place: &Place<'_>,
        root: &Path,
        bin: &Path,
    ) -> io::Result<BTreeMap<String, String>> {
        let mut env = BTreeMap::new();
        let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
        set("PATH", format!("{}:{PATH}", bin.display()));
        set("HOME", root.display().to_string());
        set("TMPDIR", root.join("tmp").display().to_string());
        set("LANG", "C.UTF-8".to_owned());
        for variable in &service.env {
            match &variable.value {
                EnvValue::Plain(value) => set(&variable.name, value.clone()),
                EnvValue::Secret { secret, key } => {
                    let value = read_secret(&place.folders.secret(secret, key))?;
                    write_secret(&below(root, &format!("secrets/{}", variable.name))?, &value)?;
                    set(&variable.name, value)
                }
            };
        }
        for (name, value) in &self.settings {
            set(&setting_variable(name), value.to_string());
        }
        // What only this machine knows stands before what the program says.
        set("HOST", "127.0.0.1".to_owned());
        for (index, port) in service.ports.iter().enumerate() {
            let here = place.ports.get(&port.port).copied().unwrap_or(port.port).to_string();
            if index == 0 {
                set("PORT", here.clone());
            }
            set(&format!("PORT_{}", variable(&port.name)), here);
        }
        for need in &service.needs {
            if let Some(port) = need.ports.first() {
                let name = variable(&need.service);
                set(&format!("{name}_SERVICE_HOST"), "127.0.0.1".to_owned());
                set(&format!("{name}_SERVICE_PORT"), port.to_string());
            }
        }
        set("ECLEXIA_DEPLOYMENT", place.deployment.to_owned());
        set("ECLEXIA_SERVICE", service.name.clone());
        set("ECLEXIA_REPLICA", place.ordinal.to_string());
        set(MARK, place.folders.mark_of(place.instance));
        Ok(env)
    }
}

/// Isolated services reach what they need, and with no needs and no ports nobody at all.
fn network(service: &Service, place: &Place<'_>) -> Network {
    if !service.isolated {
        return Network::Open;
    }
    if service.ports.is_empty() && service.needs.iter().all(|need| need.ports.is_empty()) {
        return Network::Nobody;
    }
    Network::Only {
        listen: place.ports.values().copied().collect(),
        connect: service.needs.iter().flat_map(|need| &need.ports).copied().collect(),
    }
}

/// `read-cache` as `READ_CACHE`, as Kubernetes does it for its `…_SERVICE_HOST`.
fn variable(name: &str) -> String {
    let upper = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    upper.collect::<String>().to_ascii_uppercase()
}

/// A path of the program's below the instance's root: absolute ones begin there, too.
fn below(root: &Path, path: &str) -> io::Result<PathBuf> {
    let mut whole = root.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::RootDir | Component::CurDir => {}
            _ => return Err(io::Error::other(format!("{path} leaves the service's folder"))),
        }
    }
    // A folder of the package is only linked to: nothing is written into it.
    let mut parent = root.to_owned();
    let folders = whole.parent().unwrap_or(root).strip_prefix(root).unwrap_or(Path::new(""));
    for part in folders.components() {
        parent.push(part);
        if parent.is_symlink() {
            std::fs::remove_file(&parent)?;
        }
        if !parent.is_dir() {
            std::fs::create_dir(&parent)?;
        }
    }
    Ok(whole)
}

/// `$(NAME)` is the entry's value, `$$` a dollar, anything else itself.
pub fn filled(word: &str, env: &BTreeMap<String, String>) -> String {
    let (mut out, mut rest) = (String::new(), word);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest.strip_prefix('(').and_then(|r| r.split_once(')'));
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((value, after)) = name.and_then(|(n, after)| Some((env.get(n)?, after)))
        {
            out.push_str(value);
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

const MOST_SECRET: u64 = 1 << 20;

/// The value of a secret, without a line break at its end.
pub fn read_secret(path: &Path) -> io::Result<String> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > MOST_SECRET {
        return Err(named(io::Error::other("a secret has at most 1 MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(named)?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn write_secret(path: &Path, value: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o400).open(path);
    io::Write::write_all(&mut file?, value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_from_the_environment_and_dollars_kept() {
        let env = BTreeMap::from([("PORT".to_owned(), "81".to_owned())]);
        for (word, want) in [
            ("--port=$(PORT)", "--port=81"),
            ("$(PORT)$(PORT)", "8181"),
            ("$$(PORT)", "$(PORT)"),
            ("$(NONE) $PORT $", "$(NONE) $PORT $"),
            ("$(PORT", "$(PORT"),
        ] {
            assert_eq!(filled(word, &env), want, "{word}");
        }
    }

    #[test]
    fn no_path_leaves_the_root_and_a_folder_of_the_package_is_not_written_into() {
        let folder = tempfile::tempdir().unwrap();
        let (root, shipped) = (folder.path().join("root"), folder.path().join("shipped"));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::create_dir_all(&shipped).unwrap();
        symlink(&shipped, root.join("site")).unwrap();
        assert!(below(&root, "../x").is_err());
        assert!(below(&root, "a/../../x").is_err());
        assert_eq!(below(&root, "/etc/app.conf").unwrap(), root.join("etc/app.conf"));
        let path = below(&root, "site/new").unwrap();
        std::fs::write(&path, "x").unwrap();
        assert!(!shipped.join("new").exists());
    }
}
