//! One value: a kind and TOML in, a value or what is wrong with it out.

use crate::amount::{Amount, Fault, amount, dim_of};
use crate::table::{Key, Kind};
use eclexia_base::unit::edit_distance;
use std::time::Duration;
use toml::de::{DeTable, DeValue};

#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Amount(Amount),
    Number(f64),
    Count(u64),
    Time(Duration),
    Switch(bool),
    /// A text, or an address.
    Text(String),
    Word(&'static str),
}

/// What is wrong with a value: a message, what is to be seen there, and one fix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    pub message: String,
    pub here: String,
    pub help: String,
}

/// Reads a value of a key.
pub fn value(key: &Key, given: &DeValue) -> Result<Value, Wrong> {
    let ctx = ValueCtx { key };
    match key.kind {
        Kind::Amount(units) => ctx.amount(given, units),
        Kind::Number { least, most } => ctx.number(given, least, most),
        Kind::Count { least, most } => ctx.count(given, least, most),
        Kind::Time { least, most } => ctx.time(given, least, most),
        Kind::Switch => match given {
            DeValue::Boolean(on) => Ok(Value::Switch(*on)),
            _ => Err(ctx.kind(given)),
        },
        Kind::Text(most) => ctx.text(given, most),
        Kind::Word(words) => ctx.word(given, words),
        Kind::Address => ctx.address(given),
        Kind::CarbonPrice => ctx.carbon_price(given),
    }
}

/// The default of a key, through the reader of what users write.
pub fn default(key: &Key) -> Option<Value> {
    let text = format!("x = {}", key.default?);
    let table = DeTable::parse(&text).ok();
    let given = table.as_ref().and_then(|table| table.get_ref().get("x"));
    let read = given.and_then(|given| value(key, given.get_ref()).ok());
    Some(read.unwrap_or_else(|| eclexia_base::bug!("the default of `{}` cannot be read", key.name)))
}

/// The word that a misspelt one is near to.
pub fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    // What is long cannot be near; distances of long words would take long.
    if word.len() > 64 {
        return None;
    }
    let near = known.map(|k| (edit_distance(k, word), k)).min_by_key(|(distance, _)| *distance)?;
    let most = 1 + word.chars().count() / 4;
    (near.0 <= most).then_some(near.1)
}

struct ValueCtx<'k> {
    key: &'k Key,
}

impl ValueCtx<'_> {
    /// `write it as "12kWh"`
    fn example(&self) -> String {
        format!("write one such as `{} = {}`", self.key.name, self.key.example)
    }

    fn wrong(&self, message: String, here: impl Into<String>) -> Wrong {
        Wrong { message, here: here.into(), help: self.example() }
    }

    fn kind(&self, given: &DeValue) -> Wrong {
        let wanted = match self.key.kind {
            Kind::Amount(_) => "an amount in quotes",
            Kind::Number { .. } => "a number",
            Kind::Count { .. } => "a whole number",
            Kind::Time { .. } => "a time in quotes",
            Kind::Switch => "`true` or `false`",
            Kind::Text(_) => "a text in quotes",
            Kind::Word(_) => "a word in quotes",
            Kind::Address => "an address in quotes",
            Kind::CarbonPrice => "a number, or an amount in quotes",
        };
        let message = format!("`{}` is {wanted}, not {}", self.key.name, named(given));
        self.wrong(message, format!("this is {}", named(given)))
    }

    fn range(&self, shown: &str) -> Wrong {
        let message = format!("`{}` is {}", self.key.name, self.key.kind.wanted());
        self.wrong(message, format!("{} is not", clip(shown)))
    }

    /// The text of an amount, and what it says.
    fn read_amount(&self, given: &DeValue) -> Result<Amount, Wrong> {
        let DeValue::String(text) = given else { return Err(self.kind(given)) };
        let name = self.key.name;
        let read = amount(text);
        read.map_err(|fault| match fault {
            Fault::NoNumber => {
                self.wrong(format!("`{name}` is no amount"), "it does not begin with a number")
            }
            Fault::NoUnit => {
                self.wrong(format!("`{name}` has no unit"), "a number of what, it does not say")
            }
            Fault::Malformed => self.wrong(
                format!("the unit of `{name}` cannot be read"),
                "a unit is a name, or of the form `a*b/c^2`",
            ),
            Fault::UnknownUnit { name: unit, nearest } => {
                let here = format!("there is no unit `{}`", clip(&unit));
                let wrong = self.wrong(format!("`{name}` has an unknown unit"), here);
                // Of carbon people write the mass alone. Any two letters are near to each other.
                let near = match (self.key.kind, unit.as_str()) {
                    (Kind::CarbonPrice, "g" | "kg" | "t") => Some(format!("{unit}CO2e")),
                    _ => nearest.into_iter().find(|near| {
                        near.len() > 1 || unit.len() > 1 || near.eq_ignore_ascii_case(&unit)
                    }),
                };
                match near {
                    Some(near) => Wrong { help: format!("did you mean `{near}`?"), ..wrong },
                    None => wrong,
                }
            }
        })
    }

    fn amount(&self, given: &DeValue, units: &[&str]) -> Result<Value, Wrong> {
        let amount = self.read_amount(given)?;
        if !units.iter().any(|unit| dim_of(unit) == amount.dim) {
            let message = format!("`{}` is {}", self.key.name, self.key.kind.wanted());
            return Err(self.wrong(message, format!("this is in {}", amount.dim)));
        }
        if amount.base_units().is_finite() && amount.base_units() > 0.0 {
            return Ok(Value::Amount(amount));
        }
        let message = format!("`{}` is more than nothing, and can be counted", self.key.name);
        Err(self.wrong(message, "this is not"))
    }

    fn number(&self, given: &DeValue, least: f64, most: f64) -> Result<Value, Wrong> {
        let number = match given {
            DeValue::Integer(_) => whole(given).map(|n| n as f64),
            DeValue::Float(text) => text.as_str().parse::<f64>().ok(),
            _ => return Err(self.kind(given)),
        };
        match number.filter(|n| (least..=most).contains(n)) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.range(&shown(given))),
        }
    }

    fn count(&self, given: &DeValue, least: u64, most: u64) -> Result<Value, Wrong> {
        let DeValue::Integer(_) = given else { return Err(self.kind(given)) };
        let count = whole(given).and_then(|n| u64::try_from(n).ok());
        match count.filter(|n| (least..=most).contains(n)) {
            Some(count) => Ok(Value::Count(count)),
            None => Err(self.range(&shown(given))),
        }
    }

    fn time(&self, given: &DeValue, least: u64, most: u64) -> Result<Value, Wrong> {
        let amount = self.read_amount(given)?;
        if amount.dim != dim_of("s") {
            let message = format!("`{}` is a time, not an amount in {}", self.key.name, amount.dim);
            return Err(self.wrong(message, "the unit is of something else"));
        }
        let seconds = amount.base_units();
        let fits = seconds >= least as f64 && seconds <= most as f64 && seconds > 0.0;
        let time = Duration::try_from_secs_f64(seconds).ok().filter(|_| fits);
        time.map(Value::Time).ok_or_else(|| self.range("this"))
    }

    fn text(&self, given: &DeValue, most: usize) -> Result<Value, Wrong> {
        let DeValue::String(text) = given else { return Err(self.kind(given)) };
        match text.chars().count() <= most {
            true => Ok(Value::Text(text.clone().into_owned())),
            false => Err(self.range("this")),
        }
    }

    fn word(
        &self,
        given: &DeValue,
        words: &'static [(&'static str, &'static str)],
    ) -> Result<Value, Wrong> {
        let DeValue::String(text) = given else { return Err(self.kind(given)) };
        let known = words.iter().map(|(word, _)| *word);
        if let Some(word) = known.clone().find(|word| *word == text) {
            return Ok(Value::Word(word));
        }
        let message = format!("`{}` cannot be `{}`", self.key.name, clip(text));
        let help = match nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write {}", self.key.kind.wanted()),
        };
        Err(Wrong { message, here: "not one of its words".to_owned(), help })
    }

    fn address(&self, given: &DeValue) -> Result<Value, Wrong> {
        let DeValue::String(text) = given else { return Err(self.kind(given)) };
        let message = || format!("`{}` is no address that may be asked", self.key.name);
        match address(text) {
            Ok(()) => Ok(Value::Text(text.trim_end_matches('/').to_owned())),
            Err(why) => Err(self.wrong(message(), why)),
        }
    }

    fn carbon_price(&self, given: &DeValue) -> Result<Value, Wrong> {
        if !matches!(given, DeValue::String(_)) {
            return self.number(given, 0.0, 1e6);
        }
        let amount = self.read_amount(given)?;
        let is_price = crate::carbon::CURRENCIES
            .iter()
            .any(|money| dim_of(&format!("{money}/gCO2e")) == amount.dim);
        let is_number = amount.base_units().is_finite() && amount.base_units() >= 0.0;
        match is_price && is_number {
            true => Ok(Value::Amount(amount)),
            false => {
                let message = format!("`{}` is no price of carbon", self.key.name);
                Err(self.wrong(message, format!("this is in {}", amount.dim)))
            }
        }
    }
}

/// Whether an address may be asked: over TLS, or on this machine. Keys are sent there.
fn address(text: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]%".contains(c);
    if text.len() > 200 || !text.chars().all(plain) {
        return Err("letters, digits and `-._~/` are written here, 200 at most");
    }
    let (rest, is_secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return Err("it does not begin with https://"),
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() || host.starts_with(':') {
        return Err("it names no host");
    }
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Err("its port is no number from 1 to 65535");
    }
    let inner = host.trim_start_matches('[').trim_end_matches(']');
    let is_here = inner == "localhost"
        || inner.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match is_secure || is_here {
        true => Ok(()),
        false => Err("keys are sent there: http is for addresses of this machine"),
    }
}

fn whole(given: &DeValue) -> Option<i64> {
    let DeValue::Integer(number) = given else { return None };
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn named(given: &DeValue) -> &'static str {
    match given {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A number as it is written.
fn shown(given: &DeValue) -> String {
    match given {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        _ => String::new(),
    }
}

/// A word of the user's, short enough for a message.
pub fn clip(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= 24 {
        return text;
    }
    text.chars().take(23).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::FILES;

    #[test]
    fn every_default_and_every_example_can_be_read() {
        let keys = FILES.iter().flat_map(|f| f.sections).flat_map(|s| s.keys);
        for key in keys {
            assert_eq!(default(key).is_some(), key.default.is_some());
            let text = format!("x = {}", key.example);
            let table = DeTable::parse(&text).expect("an example is TOML");
            let given = table.get_ref().get("x").expect("it has a value");
            assert_eq!(value(key, given.get_ref()).err(), None, "{}", key.name);
        }
    }

    #[test]
    fn keys_are_sent_over_tls_or_stay_on_this_machine() {
        for good in [
            "https://api.example.org/v3",
            "https://example.org:8443",
            "http://127.0.0.1:80/x",
            "http://localhost",
            "http://[::1]:8080",
        ] {
            assert_eq!(address(good), Ok(()), "{good}");
        }
        for bad in [
            "api.example.org",
            "http://example.org",
            "http://127.0.0.1.example.org",
            "https://",
            "https://:80",
            "https://example.org:0",
            "https://example.org:99999",
            "https://user@example.org",
            "https://example.org/?key=1",
            "ftp://example.org",
            "http://localhost@example.org",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_unit_has_a_neighbour_that_fits() {
        let help = |name: &str, text: &str| {
            let keys = FILES.iter().flat_map(|f| f.sections).flat_map(|s| s.keys);
            let key = keys.into_iter().find(|key| key.name == name).expect("a key");
            let given = DeValue::String(text.into());
            value(key, &given).expect_err("no unit").help
        };
        assert_eq!(help("base_price", "85 USD/t"), "did you mean `tCO2e`?");
        assert_eq!(help("budget", "1.5 kwh"), "did you mean `kWh`?");
        assert_eq!(help("budget", "500 g"), "write one such as `budget = \"12kWh\"`");
        assert_eq!(help("refresh_interval", "5 minutes"), "did you mean `min`?");
    }

    #[test]
    fn a_misspelt_word_has_a_neighbour_and_another_word_none() {
        let known = || ["budget", "shadow_price_base", "shadow_price_multiplier"].into_iter();
        assert_eq!(nearest("bugdet", known()), Some("budget"));
        assert_eq!(nearest("shadow_price_multiplyer", known()), Some("shadow_price_multiplier"));
        assert_eq!(nearest("owner", known()), None);
    }
}
