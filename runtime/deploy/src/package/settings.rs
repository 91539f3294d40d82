//! The values of a package's settings: those that are given, its defaults for the rest.
//!
//! In: what the manifest asks for, what whoever deploys it gives. Out: a value for each setting, or
//! everything that is wrong with what is given, at once.

use super::configuration::{Setting, Value};
use crate::diagnostics as report;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Service};
use std::collections::BTreeMap;

/// By the names of settings.
pub type Values = BTreeMap<String, Value>;

/// A value for each of `asked`.
pub fn settle(asked: &[Setting], given: &Values) -> Result<Values, Vec<Diagnostic>> {
    let (mut settled, mut faults) = (Values::new(), Vec::new());
    for setting in asked {
        let value = given.get(&setting.name).or(setting.default.as_ref());
        match value {
            None => faults.push(report::setting_missing(setting)),
            Some(value) if !setting.is_typed(value) => {
                faults.push(report::setting_type(setting, value));
            }
            Some(value) => {
                if let Err(why) = setting.accepts(value) {
                    faults.push(report::setting_refused(setting, value, &why));
                }
                settled.insert(setting.name.clone(), value.clone());
            }
        }
    }
    for name in given.keys().filter(|name| !asked.iter().any(|s| s.name == **name)) {
        faults.push(report::setting_unknown(name, asked));
    }
    if faults.is_empty() { Ok(settled) } else { Err(faults) }
}

/// The port that a service listens at, by its name and the port that the program says.
pub type Ports = BTreeMap<(String, u16), u16>;

/// The ports that settings are; every fault where two services would have the same.
pub fn ports(
    asked: &[Setting],
    values: &Values,
    model: &Deployment,
) -> Result<Ports, Vec<Diagnostic>> {
    let mut ports = Ports::new();
    let mut by_setting = BTreeMap::new();
    for service in &model.services {
        for port in &service.ports {
            ports.insert((service.name.clone(), port.port), port.port);
        }
    }
    for setting in asked {
        let (Some(place), Some(Value::Int(value))) = (&setting.port, values.get(&setting.name))
        else {
            continue;
        };
        let Some((service, port)) = meant(place, model) else { continue };
        let Ok(value) = u16::try_from(*value) else { continue };
        let key = (service.name.clone(), port);
        ports.insert(key.clone(), value);
        by_setting.insert(key, setting);
    }
    let mut faults = Vec::new();
    for (key, setting) in by_setting {
        let own = ports.get(&key).copied().unwrap_or(key.1);
        let taken = ports.iter().find(|(other, port)| **other != key && **port == own);
        if let Some(((other, _), _)) = taken {
            let why = format!("`{other}` has this port");
            faults.push(report::setting_refused(setting, &Value::Int(i64::from(own)), &why));
        }
    }
    if faults.is_empty() { Ok(ports) } else { Err(faults) }
}

/// The service and the port of it that a setting is of.
fn meant<'m>(place: &str, model: &'m Deployment) -> Option<(&'m Service, u16)> {
    let of = |name: &str| model.services.iter().find(|service| service.name == name);
    if let Some(service) = of(place) {
        return Some((service, service.ports.first()?.port));
    }
    let (name, port) = place.rsplit_once(':')?;
    let service = of(name)?;
    Some((service, service.ports.iter().find(|p| p.name == port)?.port))
}

/// Refuses settings that are the port of nothing.
pub(super) fn check_ports(asked: &[Setting], model: &Deployment) -> Result<(), Diagnostic> {
    let place = |setting: &Setting| setting.port.clone().filter(|at| meant(at, model).is_none());
    match asked.iter().find_map(|setting| Some((setting, place(setting)?))) {
        None => Ok(()),
        Some((setting, place)) => Err(report::bad_manifest(&format!(
            "the setting `{}` is the port of `{}`, and no service has such a port",
            setting.name,
            report::clip(&place)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Type;

    fn setting(name: &str, of: Type) -> Setting {
        Setting {
            name: name.to_owned(),
            of,
            default: None,
            at_least: None,
            at_most: None,
            one_of: vec![],
            port: None,
        }
    }

    fn asked() -> Vec<Setting> {
        vec![
            Setting { at_least: Some(1.0), at_most: Some(9.0), ..setting("workers", Type::Int) },
            Setting { default: Some(Value::Bool(false)), ..setting("verbose", Type::Bool) },
            Setting {
                one_of: ["red", "blue"].map(|c| Value::Text(c.to_owned())).to_vec(),
                ..setting("colour", Type::Text)
            },
            Setting { default: Some(Value::Int(2)), ..setting("rate", Type::Float) },
        ]
    }

    fn given(values: &[(&str, &str)]) -> Values {
        let asked = asked();
        let value = |(name, text): &(&str, &str)| {
            let setting = asked.iter().find(|s| s.name == *name);
            let value = setting.map_or(Value::Text((*text).to_owned()), |s| s.read(text));
            ((*name).to_owned(), value)
        };
        values.iter().map(value).collect()
    }

    #[test]
    fn each_setting_gets_the_value_given_or_its_default() {
        let values = settle(&asked(), &given(&[("workers", "3"), ("colour", "red")])).unwrap();
        let shown: Vec<String> = values.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(shown, ["colour=red", "rate=2", "verbose=false", "workers=3"]);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let wrong = [("colour", "green"), ("verbose", "maybe"), ("worker", "3"), ("rate", "1")];
        let found = settle(&asked(), &given(&wrong)).unwrap_err();
        let codes: Vec<&str> = found.iter().map(|found| found.code).collect();
        let want = ["setting-missing", "setting-type", "setting-refused", "setting-unknown"];
        assert_eq!(codes, want);
        assert!(found[3].help.as_ref().unwrap().contains("`workers`"), "the nearest is named");
    }

    #[test]
    fn rules_hold_at_their_ends() {
        for (workers, is_good) in
            [("0", false), ("1", true), ("9", true), ("10", false), ("1.5", false), ("", false)]
        {
            let settled = settle(&asked(), &given(&[("workers", workers), ("colour", "red")]));
            assert_eq!(settled.is_ok(), is_good, "{workers}");
        }
        for odd in ["NaN", "inf", "1e999"] {
            assert!(matches!(setting("x", Type::Float).read(odd), Value::Text(_)), "{odd}");
        }
    }
}
