//! The table: every file, table and key that may be set, with its kind, default and meaning.
//!
//! It is data, so that whatever speaks of settings (the reader, `config show`, the files that
//! `config init` writes, docs/configuration.md) says the same. A setting is added here, and read in
//! the module of its file; nothing else changes.

/// A configuration file.
#[derive(Debug)]
pub struct File {
    pub name: &'static str,
    /// A sentence.
    pub about: &'static str,
    pub sections: &'static [Section],
}

/// A table of a file.
#[derive(Debug)]
pub struct Section {
    pub name: &'static str,
    pub times: Times,
    pub about: &'static str,
    pub keys: &'static [Key],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// `[sources]`
    Once,
    /// `[strategies.green]`: one for each name that the user chooses.
    Named,
}

#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// As TOML writes it; `None`: it is not set.
    pub default: Option<&'static str>,
    /// As TOML writes it: for messages, and for files to start from.
    pub example: &'static str,
    pub about: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// More than nothing of something that is measured in one of these units.
    Amount(&'static [&'static str]),
    Number {
        least: f64,
        most: f64,
    },
    Count {
        least: u64,
        most: u64,
    },
    /// Seconds, written with a unit.
    Time {
        least: u64,
        most: u64,
    },
    Switch,
    /// At most so many characters.
    Text(usize),
    /// One of these, each with its meaning.
    Word(&'static [(&'static str, &'static str)]),
    /// Where a service is asked.
    Address,
    /// A number, or money for a mass of CO2e.
    CarbonPrice,
}

pub const BUDGETS: &str = "resource-budgets.toml";
pub const CARBON: &str = "carbon-config.toml";
pub const ADAPTIVE: &str = "adaptive-config.toml";
pub const STRATEGIES: &str = "strategies.toml";

/// All files, in the order in which they are shown.
pub static FILES: [File; 4] = [
    File {
        name: BUDGETS,
        about: "What this machine may use of each resource, and how its price follows the use.",
        sections: &[
            Section {
                name: "energy",
                times: Times::Once,
                about: "Electricity: a power, or an energy for each day.",
                keys: &budget(&["J/s", "J"], r#""12kWh""#),
            },
            Section {
                name: "time",
                times: Times::Once,
                about: "How long a request may take in the mean.",
                keys: &budget(&["s"], r#""250ms""#),
            },
            Section {
                name: "memory",
                times: Times::Once,
                about: "Memory in use.",
                keys: &budget(&["B"], r#""2GiB""#),
            },
            Section {
                name: "compute",
                times: Times::Once,
                about: "Cores in use.",
                keys: &budget(&["cpu"], r#""4cpu""#),
            },
            Section {
                name: "network",
                times: Times::Once,
                about: "Traffic: a rate, or bytes for each day.",
                keys: &budget(&["B/s", "B"], r#""100Mbit/s""#),
            },
        ],
    },
    File {
        name: CARBON,
        about: "Who is asked what electricity emits, how often, and what a tonne costs.",
        sections: &[
            Section {
                name: "sources",
                times: Times::Once,
                about: "Who is asked. Without a key of a service, or an answer, the next one is.",
                keys: &[
                    Key {
                        name: "primary",
                        kind: Kind::Word(&SOURCES),
                        default: Some(r#""electricitymaps""#),
                        example: r#""electricitymaps""#,
                        about: "who is asked first",
                    },
                    Key {
                        name: "fallback",
                        kind: Kind::Word(&SOURCES),
                        default: Some(r#""wattime""#),
                        example: r#""yearly""#,
                        about: "who is asked when the first one does not answer; then the yearly \
                                averages",
                    },
                ],
            },
            Section {
                name: "electricitymaps",
                times: Times::Once,
                about: "Electricity Maps: average intensity of what is consumed, by zone.",
                keys: &service(r#""https://api.electricitymaps.com/v3""#, r#""15min""#),
            },
            Section {
                name: "wattime",
                times: Times::Once,
                about: "WattTime: marginal intensity, what one more kWh emits, by region.",
                keys: &service(r#""https://api.watttime.org""#, r#""5min""#),
            },
            Section {
                name: "carbon_price",
                times: Times::Once,
                about: "What an emission costs.",
                keys: &[
                    Key {
                        name: "base_price",
                        kind: Kind::CarbonPrice,
                        default: Some("100"),
                        example: r#""85EUR/tCO2e""#,
                        about: "a number, in the currency for a tonne of CO2e; or an amount as \
                                `85EUR/tCO2e`. Set and in USD, it stands for the program's price \
                                in `serve --adapt`",
                    },
                    Key {
                        name: "currency",
                        kind: Kind::Word(&[
                            ("USD", "US dollars"),
                            ("EUR", "euros"),
                            ("GBP", "pounds sterling"),
                        ]),
                        default: Some(r#""USD""#),
                        example: r#""EUR""#,
                        about: "of the price",
                    },
                ],
            },
        ],
    },
    File {
        name: ADAPTIVE,
        about: "How `serve --adapt` chooses variants and replicas while something runs.",
        sections: &[
            Section {
                name: "selection",
                times: Times::Once,
                about: "How `serve --adapt` looks for plans, and how long.",
                keys: &[
                    Key {
                        name: "algorithm",
                        kind: Kind::Word(&[
                            ("auto", "branch and bound where that is possible, else search"),
                            ("branch-and-bound", "proved best; refused where it is too large"),
                            ("search", "good soon, with a bound; for whatever size"),
                        ]),
                        default: Some(r#""auto""#),
                        example: r#""search""#,
                        about: "how a plan is found; [planning](language/planning.md) has both",
                    },
                    Key {
                        name: "max_iterations",
                        kind: Kind::Count { least: 1, most: 1_000_000_000 },
                        default: Some("10000"),
                        example: "50000",
                        about: "at most so many plans are made in one look",
                    },
                    Key {
                        name: "timeout",
                        kind: Kind::Time { least: 0, most: 86_400 },
                        default: Some(r#""30s""#),
                        example: r#""2min""#,
                        about: "at most so long for one look; of the plans made by then the best \
                                is taken",
                    },
                ],
            },
            Section {
                name: "optimization",
                times: Times::Once,
                about: "What is best.",
                keys: &[
                    Key {
                        name: "objective",
                        kind: Kind::Word(&[
                            ("weighted", "the sum that the strategy weighs"),
                            ("cost", "money only"),
                            ("carbon", "emissions only"),
                            ("latency", "waiting only"),
                        ]),
                        default: Some(r#""weighted""#),
                        example: r#""carbon""#,
                        about: "what is minimised",
                    },
                    Key {
                        name: "cost_function",
                        kind: Kind::Word(&[
                            ("steep", "base × multiplier^(u⁴): flat at first, steep at the budget"),
                            ("exponential", "base × multiplier^u"),
                            ("linear", "base × (1 + (multiplier − 1) u)"),
                        ]),
                        default: Some(r#""steep""#),
                        example: r#""exponential""#,
                        about: "how a price follows u, the part of its budget that is used",
                    },
                ],
            },
            Section {
                name: "constraints",
                times: Times::Once,
                about: "What a choice must keep.",
                keys: &[
                    Key {
                        name: "enforce_budget",
                        kind: Kind::Switch,
                        default: Some("true"),
                        example: "false",
                        about: "whether a plan that passes a budget is not taken; else it only \
                                costs more",
                    },
                    Key {
                        name: "allow_graceful_degradation",
                        kind: Kind::Switch,
                        default: Some("true"),
                        example: "false",
                        about: "whether, where nothing keeps the budgets, what passes them least \
                                is taken; else nothing is",
                    },
                ],
            },
        ],
    },
    File {
        name: STRATEGIES,
        about: "Weights by name, for `:strategy (strategy \"NAME\")` in deployments.",
        sections: &[Section {
            name: "strategies",
            times: Times::Named,
            about: "A strategy. Each term is in dollars before it is weighed.",
            keys: &[
                Key {
                    name: "name",
                    kind: Kind::Text(80),
                    default: None,
                    example: r#""Green first""#,
                    about: "a title for people",
                },
                Key {
                    name: "description",
                    kind: Kind::Text(1000),
                    default: None,
                    example: r#""Carbon before money""#,
                    about: "for people",
                },
                weight("priority_weight", "1.0", "of penalties: what a loss of quality counts"),
                weight("latency_weight", "0.0", "of waiting"),
                weight("cost_weight", "0.0", "of money"),
                weight("carbon_weight", "0.0", "of emissions"),
            ],
        }],
    },
];

/// Who can be asked.
const SOURCES: [(&str, &str); 3] = [
    ("electricitymaps", "Electricity Maps"),
    ("wattime", "WattTime"),
    ("yearly", "yearly averages, which need no network"),
];

const fn budget(units: &'static [&'static str], example: &'static str) -> [Key; 3] {
    [
        Key {
            name: "budget",
            kind: Kind::Amount(units),
            default: None,
            example,
            about: "how much may be used; without one the price stays at its base",
        },
        Key {
            name: "shadow_price_base",
            kind: Kind::Number { least: 0.0, most: 1e6 },
            default: Some("1.0"),
            example: "0.5",
            about: "the price while nothing is used; 1 is the usual one",
        },
        Key {
            name: "shadow_price_multiplier",
            kind: Kind::Number { least: 1.0, most: 1e6 },
            default: Some("10.0"),
            example: "4.0",
            about: "by how much the price is higher when the budget is used up",
        },
    ]
}

const fn service(address: &'static str, interval: &'static str) -> [Key; 2] {
    [
        Key {
            name: "api_url",
            kind: Kind::Address,
            default: Some(address),
            example: address,
            about: "where it is asked; https, or http on this machine",
        },
        Key {
            name: "refresh_interval",
            kind: Kind::Time { least: 10, most: 604_800 },
            default: Some(interval),
            example: interval,
            about: "how long an answer is used before it is asked again",
        },
    ]
}

const fn weight(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key {
        name,
        kind: Kind::Number { least: 0.0, most: 1e6 },
        default: Some(default),
        example: "0.7",
        about,
    }
}

/// The file of a name.
pub fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl Section {
    /// `[sources]`, `[strategies.NAME]`
    pub fn heading(&self) -> String {
        match self.times {
            Times::Once => format!("[{}]", self.name),
            Times::Named => format!("[{}.NAME]", self.name),
        }
    }

    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// `a power as "12kWh"`: what to write, without an example.
    pub fn wanted(&self) -> String {
        match self {
            Kind::Amount(units) => format!("an amount in {}", units.join(" or ")),
            Kind::Number { least, most } => format!("a number from {least} to {most}"),
            Kind::Count { least, most } => format!("a whole number from {least} to {most}"),
            Kind::Time { least: 0, most } => format!("a time of at most {}", seconds(*most)),
            Kind::Time { least, most } => {
                format!("a time from {} to {}", seconds(*least), seconds(*most))
            }
            Kind::Switch => "`true` or `false`".to_owned(),
            Kind::Text(most) => format!("a text of at most {most} characters"),
            Kind::Word(words) => {
                let words: Vec<String> =
                    words.iter().map(|(word, _)| format!("`{word}`")).collect();
                match &words[..] {
                    [rest @ .., last] if !rest.is_empty() => {
                        format!("{} or {last}", rest.join(", "))
                    }
                    words => words.join(", "),
                }
            }
            Kind::Address => "an address that begins with https://".to_owned(),
            Kind::CarbonPrice => "a number from 0, or money per mass of CO2e".to_owned(),
        }
    }
}

/// `10s`, `1day`, `7day`
fn seconds(count: u64) -> String {
    match count {
        n if n % 86_400 == 0 => format!("{}day", n / 86_400),
        n if n % 60 == 0 => format!("{}min", n / 60),
        n => format!("{n}s"),
    }
}
