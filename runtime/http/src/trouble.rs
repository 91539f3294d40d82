//! Why there is no answer, as a clause whose subject is the server.

use std::fmt::{self, Display};
use std::time::Duration;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// No connection, or it broke.
    Connection(String),
    /// The server is not who it says, or speaks no TLS.
    Tls(String),
    TimedOut(Duration),
    /// Larger than so many bytes.
    TooLarge(usize),
    /// It is no answer that could be meant.
    Unclear(String),
    /// It cannot be asked.
    Unaskable(String),
}

impl Trouble {
    pub fn unaskable(why: &str) -> Trouble {
        Trouble::Unaskable(why.to_owned())
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Connection(why) => write!(f, "it cannot be reached ({why})"),
            Trouble::Tls(why) => write!(f, "it is not trusted ({why})"),
            Trouble::TimedOut(time) => write!(f, "it does not answer within {time:?}"),
            Trouble::TooLarge(most) => write!(f, "its answer is larger than {} KiB", most >> 10),
            Trouble::Unclear(why) | Trouble::Unaskable(why) => f.write_str(why),
        }
    }
}
