//! Text in a compose file, where `$NAME` is replaced by whoever reads it.

use crate::yaml::Yaml;

/// The program's own text: every `$` is doubled, so that it arrives as written.
pub fn text(value: &str) -> Yaml {
    Yaml::Str(escaped(value))
}

pub fn escaped(value: &str) -> String {
    value.replace('$', "$$")
}

/// A value that the one who starts the file must have in the environment or in `.env`.
pub fn required_variable(name: &str, secret: &str, key: &str) -> Yaml {
    // The message ends at the first `}`, and `$` in it would be replaced.
    let plain = |text: &str| text.replace(['$', '{', '}'], "?");
    Yaml::Str(format!("${{{name}:?set it to key {} of secret {}}}", plain(key), plain(secret)))
}

/// One word for `sh`, whatever it holds.
pub fn shell_word(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':');
    if !word.is_empty() && word.chars().all(bare) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_arrives_as_written() {
        assert_eq!(escaped("a$b${C}"), "a$$b$${C}");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("/health"), "/health");
    }
}
