//! All settings of a folder: what its files say, and defaults for the rest, each with where it
//! comes from.

use crate::carbon::CURRENCIES;
use crate::diagnostics as report;
use crate::read::{Contents, Read, read};
use crate::table::{CARBON, FILES, File, Key, Times};
use crate::value::{Value, default, nearest};
use eclexia_base::Span;
use eclexia_diag::{Diagnostics, Outcome, Sources};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// The largest configuration file that is read.
pub const MOST_BYTES: u64 = 1 << 20;
/// The most files of a folder that are looked at for misspelt names.
const MOST_BESIDE: usize = 1000;

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Default,
    /// A file, and the line from 1.
    File(String, usize),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{path}:{line}"),
        }
    }
}

/// A setting in force.
#[derive(Clone, Debug)]
pub struct Setting {
    pub file: &'static str,
    /// `sources`, `strategies.green`
    pub section: String,
    pub key: &'static Key,
    /// `None`: not set, and without a default.
    pub value: Option<Value>,
    /// As TOML writes it; empty where nothing is set.
    pub text: String,
    pub origin: Origin,
    pub(crate) span: Option<Span>,
}

impl Setting {
    pub(crate) fn number(&self) -> f64 {
        match &self.value {
            Some(Value::Number(number)) => *number,
            other => eclexia_base::bug!("`{}` is no number: {other:?}", self.key.name),
        }
    }
}

/// Everything that can be set, in the order of the table.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub all: Vec<Setting>,
    /// Names of strategies, in the order of their text.
    pub(crate) strategies: Vec<String>,
}

impl Settings {
    /// With nothing set.
    pub fn defaults() -> Settings {
        let mut settings = Settings::default();
        for file in &FILES {
            settings.add(file, &Contents::default(), &Sources::new());
        }
        settings
    }

    /// What the files of a folder set. A file that is not there sets nothing, and so does one with
    /// faults at the places of its faults.
    pub fn load(folder: Option<&Path>, sources: &mut Sources) -> Outcome<Settings> {
        let (mut settings, mut found) = (Settings::default(), Diagnostics::new());
        for file in &FILES {
            let path = folder.map(|folder| folder.join(file.name));
            let contents = path.and_then(|path| contents(file, &path, sources, &mut found));
            settings.add(file, &contents.unwrap_or_default(), sources);
        }
        found.extend(settings.clashes());
        if let Some(folder) = folder {
            found.extend(unread(folder));
        }
        (settings, found)
    }

    /// What one file of a folder sets; the others are left as they are, right or wrong.
    pub fn load_one(name: &str, folder: Option<&Path>, sources: &mut Sources) -> Outcome<Settings> {
        Settings::load_some(&[name], folder, sources)
    }

    /// The same of some files.
    pub fn load_some(
        names: &[&str],
        folder: Option<&Path>,
        sources: &mut Sources,
    ) -> Outcome<Settings> {
        let (mut settings, mut found) = (Settings::default(), Diagnostics::new());
        for file in &FILES {
            let asked = folder.filter(|_| names.contains(&file.name));
            let path = asked.map(|folder| folder.join(file.name));
            let contents = path.and_then(|path| contents(file, &path, sources, &mut found));
            settings.add(file, &contents.unwrap_or_default(), sources);
        }
        found.extend(settings.clashes());
        (settings, found)
    }

    /// What texts set, by the names of their files: for settings that are in no folder.
    pub fn of_texts(texts: &[(&'static str, &str)], sources: &mut Sources) -> Outcome<Settings> {
        let (mut settings, mut found) = (Settings::default(), Diagnostics::new());
        for file in &FILES {
            let text = texts.iter().find(|(name, _)| *name == file.name);
            let contents = text.map(|(name, text)| {
                let (contents, faults) = read(file, sources.add(*name, *text), text);
                found.extend(faults);
                contents
            });
            settings.add(file, &contents.unwrap_or_default(), sources);
        }
        found.extend(settings.clashes());
        (settings, found)
    }

    fn add(&mut self, file: &'static File, contents: &Contents, sources: &Sources) {
        let mut written: BTreeMap<(&str, &str), &Read> = BTreeMap::new();
        for read in &contents.settings {
            written.entry((&read.section, read.key.name)).or_insert(read);
        }
        for section in file.sections {
            let names = match section.times {
                Times::Once => vec![section.name.to_owned()],
                Times::Named => {
                    let mut names = contents.names.clone();
                    names.sort();
                    self.strategies.extend(names.iter().cloned());
                    names
                }
            };
            for name in names {
                let shown = match section.times {
                    Times::Once => name.clone(),
                    Times::Named => format!("{}.{name}", section.name),
                };
                for key in section.keys {
                    let written = written.get(&(name.as_str(), key.name)).copied();
                    self.all.push(setting(file, shown.clone(), key, written, sources));
                }
            }
        }
    }

    /// A setting of a table that there is once.
    pub fn get(&self, file: &str, section: &str, key: &str) -> &Setting {
        let is_it = |s: &&Setting| s.file == file && s.section == section && s.key.name == key;
        let found = self.all.iter().find(is_it);
        found.unwrap_or_else(|| eclexia_base::bug!("no setting {file} [{section}] {key}"))
    }

    pub(crate) fn number(&self, file: &str, section: &str, key: &str) -> f64 {
        self.get(file, section, key).number()
    }

    pub(crate) fn word(&self, file: &str, section: &str, key: &str) -> &'static str {
        match self.get(file, section, key).value {
            Some(Value::Word(word)) => word,
            ref other => eclexia_base::bug!("`{key}` is no word: {other:?}"),
        }
    }

    pub(crate) fn switch(&self, file: &str, section: &str, key: &str) -> bool {
        match self.get(file, section, key).value {
            Some(Value::Switch(on)) => on,
            ref other => eclexia_base::bug!("`{key}` is no switch: {other:?}"),
        }
    }

    /// What two settings say against each other.
    fn clashes(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        let (primary, fallback) =
            (self.get(CARBON, "sources", "primary"), self.get(CARBON, "sources", "fallback"));
        let span = fallback.span.or(primary.span);
        if let (true, Some(span)) = (primary.value == fallback.value, span) {
            let other = fallback.span.and(primary.span);
            let message = "`primary` and `fallback` are the same source";
            let help = "choose another one, such as `fallback = \"yearly\"`";
            found.push(report::clash(span, message, other, "this would ask twice", help));
        }
        let price = self.get(CARBON, "carbon_price", "base_price");
        let currency = self.word(CARBON, "carbon_price", "currency");
        if let (Some(Value::Amount(amount)), Some(span)) = (&price.value, price.span) {
            let money = CURRENCIES
                .into_iter()
                .find(|money| crate::amount::dim_of(&format!("{money}/gCO2e")) == amount.dim);
            if money != Some(currency) {
                let message = "`base_price` is not in the currency that `currency` names";
                let other = self.get(CARBON, "carbon_price", "currency").span;
                let here = format!("`currency` is {currency}");
                let help = format!("set `currency = \"{}\"`", money.unwrap_or(currency));
                found.push(report::clash(span, message, other, &here, &help));
            }
        }
        found
    }
}

fn setting(
    file: &File,
    section: String,
    key: &'static Key,
    written: Option<&Read>,
    sources: &Sources,
) -> Setting {
    let file = file.name;
    match written {
        Some(read) => {
            let source = sources.get(read.span.file);
            let line = source.map_or(1, |s| s.line(read.span.start));
            let origin = Origin::File(sources.name(read.span.file).to_owned(), line);
            let (value, text) = (Some(read.value.clone()), read.text.clone());
            Setting { file, section, key, value, text, origin, span: Some(read.span) }
        }
        None => {
            let text = key.default.unwrap_or_default().to_owned();
            let origin = Origin::Default;
            Setting { file, section, key, value: default(key), text, origin, span: None }
        }
    }
}

fn contents(
    file: &'static File,
    path: &Path,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Contents> {
    let shown = path.display().to_string();
    let text = match text_of(path) {
        Ok(text) => text?,
        Err(why) => {
            found.push(report::unreadable(&shown, &why));
            return None;
        }
    };
    let (contents, faults) = read(file, sources.add(shown, text.as_str()), &text);
    found.extend(faults);
    Some(contents)
}

/// The text of a file; `None` where there is none.
fn text_of(path: &Path) -> Result<Option<String>, String> {
    // Asked first: to open a pipe would wait for who writes into it.
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let opened = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let read = opened.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it is larger than {} MiB", MOST_BYTES >> 20));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| "it is not UTF-8".to_owned())
}

/// Files that look like configuration and that nothing reads.
fn unread(folder: &Path) -> Diagnostics {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_BESIDE);
    let known = FILES.each_ref().map(|file| file.name);
    let mut others: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml") && !known.contains(&name.as_str()))
        .collect();
    others.sort();
    let told = others.into_iter().map(|name| {
        let path = folder.join(&name).display().to_string();
        report::unread_file(&path, nearest(&name, known.into_iter()), &known)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{BUDGETS, STRATEGIES};

    fn of(file: &'static str, text: &str) -> (Settings, Vec<String>, Sources) {
        let mut sources = Sources::new();
        let (settings, found) = Settings::of_texts(&[(file, text)], &mut sources);
        let lines = eclexia_diag::render::line(&found.sorted(), &sources);
        (settings, lines.lines().map(str::to_owned).collect(), sources)
    }

    #[test]
    fn what_is_set_says_where_and_the_rest_is_default() {
        let text = "[memory]\n# half of it\nbudget = \"2 GiB\"\n";
        let (settings, found, _) = of(BUDGETS, text);
        assert_eq!(found, [""; 0]);
        let budget = settings.get(BUDGETS, "memory", "budget");
        assert_eq!(budget.origin.to_string(), "resource-budgets.toml:3");
        assert_eq!(budget.text, "\"2 GiB\"");
        let base = settings.get(BUDGETS, "memory", "shadow_price_base");
        assert_eq!((base.origin.clone(), base.text.as_str()), (Origin::Default, "1.0"));
        assert_eq!(settings.get(BUDGETS, "energy", "budget").value, None);
    }

    #[test]
    fn settings_that_contradict_each_other_are_told() {
        let (_, found, _) = of(CARBON, "[sources]\nprimary = \"wattime\"\n");
        assert_eq!(
            found,
            ["carbon-config.toml:2:11: error[bad-setting]: \
              `primary` and `fallback` are the same source"]
        );
        let price = "[carbon_price]\nbase_price = \"85 EUR/tCO2e\"\n";
        assert_eq!(of(CARBON, price).1.len(), 1);
        assert_eq!(of(CARBON, &format!("{price}currency = \"EUR\"\n")).1, [""; 0]);
    }

    /// Each is looked up once: among thousands, to go through all for each would take minutes.
    #[test]
    fn thousands_of_strategies_are_read_in_lines_and_in_one() {
        const COUNT: usize = 10_000;
        let table = |n| format!("[strategies.s{n:05}]\ncost_weight = {n}\n");
        let lines: String = (0..COUNT).map(table).collect();
        let tables = (0..COUNT).map(|n| format!("s{n:05} = {{cost_weight = {n}}}"));
        let one = format!("strategies = {{{}}}", tables.collect::<Vec<_>>().join(", "));
        for (text, last) in [(lines, 2 * COUNT), (one, 1)] {
            let (settings, found, _) = of(STRATEGIES, &text);
            assert_eq!(found, [""; 0]);
            let strategies = settings.strategies();
            assert_eq!(strategies.len(), COUNT);
            assert!((0..COUNT).all(|n| strategies[&format!("s{n:05}")].cost == n as f64));
            let origin = &settings.get(STRATEGIES, "strategies.s09999", "cost_weight").origin;
            assert_eq!(origin.to_string(), format!("strategies.toml:{last}"));
        }
    }

    #[test]
    fn strategies_are_sorted_by_name_and_complete() {
        let text = "[strategies.slow]\n[strategies.green]\ncarbon_weight = 0.8\n";
        let (settings, found, _) = of(STRATEGIES, text);
        assert_eq!(found, [""; 0]);
        assert_eq!(settings.strategies, ["green", "slow"]);
        assert_eq!(settings.number(STRATEGIES, "strategies.green", "carbon_weight"), 0.8);
        assert_eq!(settings.number(STRATEGIES, "strategies.slow", "priority_weight"), 1.0);
    }

    #[test]
    fn files_of_a_folder_are_read_bounded_and_others_noticed() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("strategies.toml"), [0xff, 0xfe]).expect("written");
        std::fs::write(at("adaptive-config.toml"), " ".repeat(MOST_BYTES as usize + 1))
            .expect("written");
        std::fs::create_dir(at("carbon-config.toml")).expect("made");
        std::fs::write(at("carbon-confg.toml"), "").expect("written");
        let (_, found) = Settings::load(Some(folder.path()), &mut Sources::new());
        let codes: Vec<&str> = found.iter().map(|d| d.code).collect();
        assert_eq!(
            codes,
            ["bad-configuration", "bad-configuration", "bad-configuration", "unknown-setting"]
        );
        let last = found.iter().last().expect("four");
        assert_eq!(last.help.as_deref(), Some("did you mean carbon-config.toml?"));
        assert!(!last.is_error());
        let (_, found) = Settings::load(Some(&at("nowhere")), &mut Sources::new());
        assert!(found.is_empty());
    }
}
