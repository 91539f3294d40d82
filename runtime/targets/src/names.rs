//! Names that users chose, made into names that targets accept.
//!
//! In: any text. Out: DNS-1035 labels (services, volumes, ports), label keys and values, config
//! keys and shell variable names. The same text always gives the same name, and two texts of one
//! [`Names`] table never give the same one: where the plain transcriptions collide, each changed
//! name ends in a piece of the hash of its text.

use std::collections::BTreeMap;

/// Kubernetes adds `-headless`, an ordinal, a cron time stamp and revision hashes to a name and
/// still wants at most 63 characters (52 for stateful sets and cron jobs).
const LONGEST: usize = 40;

/// Text to its unique DNS-1035 label.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Names {
        let plain: BTreeMap<&str, String> =
            texts.into_iter().map(|text| (text, dns_label(text))).collect();
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        for label in plain.values() {
            *taken.entry(label).or_default() += 1;
        }
        // `x` may have services `x-headless` and `x-public` and cron jobs `x-3h` beside it: others
        // must give way.
        let reserved = |label: &str| {
            let base = label.strip_suffix("-headless").or_else(|| label.strip_suffix("-public"));
            let base = base.or_else(|| without_hours(label));
            base.is_some_and(|base| taken.contains_key(base))
        };
        let name = |text: &str, label: &String| {
            let alone = taken.get(label.as_str()) == Some(&1);
            let keeps = (alone || text == label) && !reserved(label);
            if keeps { label.clone() } else { marked(label, text) }
        };
        Names(plain.iter().map(|(text, label)| ((*text).to_owned(), name(text, label))).collect())
    }

    /// The name of a text the table was made with; of any other, its plain transcription.
    pub fn get(&self, text: &str) -> String {
        self.0.get(text).cloned().unwrap_or_else(|| dns_label(text))
    }
}

/// `x` of `x-3h`.
fn without_hours(label: &str) -> Option<&str> {
    let (base, hours) = label.strip_suffix('h')?.rsplit_once('-')?;
    hours.chars().all(|c| c.is_ascii_digit()).then_some(base)
}

/// Lower-case letters, digits and single dashes; starts with a letter, ends with no dash.
pub fn dns_label(text: &str) -> String {
    let mut label = dashed(&text.to_lowercase(), |c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !label.starts_with(|c: char| c.is_ascii_lowercase()) {
        label = if label.is_empty() { "x".to_owned() } else { format!("x-{label}") };
    }
    if label.len() > LONGEST { marked(&label, text) } else { label }
}

/// A port name of Kubernetes: at most 15 characters with a letter among them.
pub fn port_name(text: &str) -> String {
    let label = dns_label(text);
    if label.len() <= 15 { label } else { format!("{}-{}", cut(&label, 10), &hash(text)[..4]) }
}

/// A key of a ConfigMap or Secret: `/etc/app.toml` is `etc-app.toml`.
pub fn config_key(text: &str) -> String {
    let key = dashed(text, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let key = key.trim_start_matches('.');
    if key.is_empty() || key.len() > 200 {
        format!("{}{}", cut(key, 180), hash(text))
    } else {
        key.to_owned()
    }
}

/// The name of an object that exists already: a Secret. Dots are allowed, unlike in a label.
pub fn dns_subdomain(text: &str) -> String {
    let fits = !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        });
    if fits { text.to_owned() } else { dns_label(text) }
}

/// What a label's value or the last part of its key must be; `None` when the text is not one.
pub fn label_value(text: &str) -> Option<&str> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fits = text.len() <= 63
        && text.chars().all(inside)
        && edge(text.chars().next())
        && edge(text.chars().last());
    (fits || text.is_empty()).then_some(text)
}

/// `prefix/name` or `name`.
pub fn is_label_key(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let prefixed = prefix.is_none_or(|prefix| dns_subdomain(prefix) == prefix);
    prefixed && !name.is_empty() && label_value(name).is_some()
}

/// The part of `aws/eu-west-1` that a cloud writes on its machines: label values have no slash.
pub fn local_part(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// `db-credentials`, `url` → `DB_CREDENTIALS_URL`.
pub fn shell_variable(parts: &[&str]) -> String {
    let joined = parts.join("_").to_uppercase();
    let name = dashed(&joined, |c| c.is_ascii_uppercase() || c.is_ascii_digit()).replace('-', "_");
    if name.starts_with(|c: char| c.is_ascii_uppercase()) { name } else { format!("X_{name}") }
}

/// What Kubernetes and shells both accept as the name of an environment entry.
pub fn is_env_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(inside)
}

/// The first eight hex digits of the text's BLAKE3.
pub fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

fn marked(label: &str, text: &str) -> String {
    format!("{}-{}", cut(label, LONGEST - 9), hash(text))
}

/// At most `longest` bytes of an ASCII name, without a dash at the end.
fn cut(label: &str, longest: usize) -> &str {
    label[..label.len().min(longest)].trim_end_matches('-')
}

/// Every run of other characters becomes one dash; none at either end.
fn dashed(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if keep(c) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_stay() {
        let names = Names::new(["api", "document-processor", "idris2"]);
        assert_eq!(names.get("api"), "api");
        assert_eq!(names.get("document-processor"), "document-processor");
        assert_eq!(names.get("idris2"), "idris2");
    }

    #[test]
    fn names_that_collide_are_told_apart_and_a_good_one_keeps_its_own() {
        let names = Names::new(["a-b", "a_b", "A.B", "c_d"]);
        assert_eq!(names.get("a-b"), "a-b");
        assert_eq!(names.get("c_d"), "c-d");
        assert_ne!(names.get("a_b"), names.get("A.B"));
        assert!(names.get("a_b").starts_with("a-b-"));
    }

    #[test]
    fn a_service_cannot_take_the_name_of_a_headless_one() {
        let names = Names::new(["db", "db-headless", "db-public", "x-headless", "db-12h", "y-1h"]);
        assert_ne!(names.get("db-12h"), "db-12h");
        assert_eq!(names.get("y-1h"), "y-1h");
        assert_ne!(names.get("db-headless"), "db-headless");
        assert_ne!(names.get("db-public"), "db-public");
        assert_eq!(names.get("x-headless"), "x-headless");
    }

    #[test]
    fn every_text_gives_a_label() {
        for text in ["", "9lives", "---", "Ünïcode", "a--b", &"long".repeat(40), "漢字"] {
            let label = dns_label(text);
            assert!(label.len() <= LONGEST, "{text:?} {label:?}");
            assert!(label.starts_with(|c: char| c.is_ascii_lowercase()), "{text:?} {label:?}");
            assert!(!label.ends_with('-'), "{text:?} {label:?}");
            assert!(port_name(text).len() <= 15);
            assert!(is_env_name(&shell_variable(&[text, "k"])));
            assert!(!config_key(text).is_empty());
        }
    }

    #[test]
    fn labels_are_recognised() {
        assert_eq!(label_value("Standard_D4s_v5"), Some("Standard_D4s_v5"));
        assert_eq!(label_value("aws/eu-west-1"), None);
        assert_eq!(label_value("-x"), None);
        assert!(is_label_key("example.com/team"));
        assert!(!is_label_key("Example.com/team"));
        assert!(!is_label_key("a/b/c"));
        assert_eq!(local_part("aws/eu-west-1"), "eu-west-1");
    }
}
