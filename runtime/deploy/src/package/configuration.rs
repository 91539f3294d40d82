//! What a package asks of whoever deploys it, and what it runs on the way: settings with their
//! types, defaults and rules, and hooks. Plain data, checked in shape. Nothing is run here.

use super::manifest::{is_name, is_plain};
use serde::{Deserialize, Serialize};

/// A value of the configuration.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value}"),
            Value::Text(value) => f.write_str(value),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    Bool,
    Int,
    Float,
    Text,
}

/// A setting, with the rules that its value keeps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub name: String,
    #[serde(rename = "type")]
    pub of: Type,
    /// None: it must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// The only values; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Value>,
    /// The port that it is: of a service, its first one, or of `SERVICE:PORT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    BeforeValidation,
    AfterValidation,
    BeforeDeployment,
    AfterDeployment,
    BeforeActivation,
    AfterActivation,
    BeforeRollback,
    AfterRollback,
}

/// A command that runs at a moment of a deployment's life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    pub at: Moment,
    /// A program and its arguments; a path that begins with `files/` is one of the package.
    pub command: Vec<String>,
    /// Seconds.
    pub timeout: u32,
}

impl Moment {
    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Moment::BeforeValidation => "before-validation",
            Moment::AfterValidation => "after-validation",
            Moment::BeforeDeployment => "before-deployment",
            Moment::AfterDeployment => "after-deployment",
            Moment::BeforeActivation => "before-activation",
            Moment::AfterActivation => "after-activation",
            Moment::BeforeRollback => "before-rollback",
            Moment::AfterRollback => "after-rollback",
        }
    }
}

/// `max-items` as `ECLEXIA_SETTING_MAX_ITEMS`.
pub fn variable(setting: &str) -> String {
    format!("ECLEXIA_SETTING_{}", setting.replace('-', "_").to_ascii_uppercase())
}

const MOST_CHOICES: usize = 256;
const MOST_TEXT_BYTES: usize = 4096;
const MOST_WORDS: usize = 64;
const MOST_SECONDS: u32 = 3600;

impl Type {
    pub fn name(self) -> &'static str {
        match self {
            Type::Bool => "true or false",
            Type::Int => "a whole number",
            Type::Float => "a number",
            Type::Text => "text",
        }
    }
}

impl Value {
    fn of(&self) -> Type {
        match self {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Text(_) => Type::Text,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::Bool(_) | Value::Text(_) => None,
        }
    }
}

impl Setting {
    /// The value that text stands for; what is none of the setting's type stays text.
    pub fn read(&self, text: &str) -> Value {
        let value = match self.of {
            Type::Bool => text.parse().ok().map(Value::Bool),
            Type::Int => text.parse().ok().map(Value::Int),
            Type::Float => text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Float),
            Type::Text => None,
        };
        value.unwrap_or_else(|| Value::Text(text.to_owned()))
    }

    /// Whether a value is of its type; whole numbers are numbers.
    pub fn is_typed(&self, value: &Value) -> bool {
        value.of() == self.of || (value.of(), self.of) == (Type::Int, Type::Float)
    }

    /// The entry of the environment that holds its value.
    pub fn variable(&self) -> String {
        variable(&self.name)
    }

    /// Whether a value may be given to this setting; else a clause that says why not.
    pub fn accepts(&self, value: &Value) -> Result<(), String> {
        if !self.is_typed(value) {
            return Err("it has another type".to_owned());
        }
        if let Value::Text(text) = value {
            if text.len() > MOST_TEXT_BYTES {
                return Err(format!("it is longer than {MOST_TEXT_BYTES} bytes"));
            }
            // It goes into environments, where a zero ends the text.
            if text.contains('\0') {
                return Err("it has a zero byte in it".to_owned());
            }
        }
        if let Some(number) = value.number() {
            if let Some(least) = self.at_least.filter(|least| number < *least) {
                return Err(format!("it is below {least}"));
            }
            if self.port.is_some() && !(1.0..=65_535.0).contains(&number) {
                return Err("it is no port".to_owned());
            }
            if let Some(most) = self.at_most.filter(|most| number > *most) {
                return Err(format!("it is above {most}"));
            }
        }
        let is_choice = self.one_of.is_empty() || self.one_of.contains(value);
        if is_choice { Ok(()) } else { Err("it is none of the choices".to_owned()) }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !is_name(&self.name) {
            return Err("a setting has no name".to_owned());
        }
        let wrong = |why: &str| Err(format!("the setting `{}`: {why}", self.name));
        let has_bounds = self.at_least.is_some() || self.at_most.is_some();
        if has_bounds && !matches!(self.of, Type::Int | Type::Float) {
            return wrong("only numbers have bounds");
        }
        if self.port.is_some() && self.of != Type::Int {
            return wrong("only whole numbers are ports");
        }
        if self.one_of.len() > MOST_CHOICES {
            return wrong("it has too many choices");
        }
        for value in self.one_of.iter().chain(&self.default) {
            if let Err(why) = self.accepts(value) {
                return wrong(&format!("its default or a choice is not allowed: {why}"));
            }
        }
        Ok(())
    }
}

impl Hook {
    pub(super) fn check(&self) -> Result<(), String> {
        let is_word = |word: &String| word.len() <= MOST_TEXT_BYTES && is_plain(word);
        let is_command = (1..=MOST_WORDS).contains(&self.command.len())
            && self.command.iter().all(is_word)
            && !self.command[0].is_empty();
        if !is_command {
            return Err("a hook has no command, or words that are too long or not plain".to_owned());
        }
        match (1..=MOST_SECONDS).contains(&self.timeout) {
            true => Ok(()),
            false => Err(format!("a hook has 1 to {MOST_SECONDS} seconds")),
        }
    }
}
