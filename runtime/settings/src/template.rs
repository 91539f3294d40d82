//! Files to start from: every setting of a file, as a comment with its default, so that an
//! untouched file sets nothing.

use crate::table::{File, Key, Kind, Times};
use std::fmt::Write;

const WIDTH: usize = 90;

pub fn template(file: &File) -> String {
    let mut text = String::new();
    comment(&mut text, file.about);
    comment(
        &mut text,
        "`eclexia config show` says what is in force; docs/configuration.md has all.",
    );
    for section in file.sections {
        let heading = section.heading().replace("NAME", "green");
        text.push('\n');
        comment(&mut text, section.about);
        // A named table without keys would be a strategy of that name.
        let mark = if section.times == Times::Named { "# " } else { "" };
        let _ = writeln!(text, "{mark}{heading}");
        for key in section.keys {
            let unset = if key.default.is_none() { " (not set; an example)" } else { "" };
            comment(&mut text, &format!("{}{unset}", key.about));
            words(&mut text, key);
            let value = key.default.unwrap_or(key.example);
            let _ = writeln!(text, "# {} = {value}", key.name);
        }
    }
    text
}

/// The words of a key, each with its meaning on a line of its own.
fn words(text: &mut String, key: &Key) {
    let Kind::Word(words) = key.kind else { return };
    let width = words.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
    for (word, means) in words {
        let _ = writeln!(text, "#   {word:<width$}  {means}");
    }
}

fn comment(text: &mut String, words: &str) {
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "# {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(text, "# {line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Origin, Settings};
    use crate::table::FILES;
    use eclexia_diag::Sources;

    #[test]
    fn an_untouched_file_sets_nothing() {
        let texts: Vec<(&str, String)> = FILES.iter().map(|f| (f.name, template(f))).collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let (settings, found) = Settings::of_texts(&texts, &mut Sources::new());
        assert!(found.is_empty(), "{found:?}");
        assert!(settings.all.iter().all(|s| s.origin == Origin::Default));
        assert!(settings.strategies().is_empty());
    }

    #[test]
    fn with_its_comments_taken_away_every_line_is_a_setting() {
        for file in &FILES {
            let made = template(file);
            let plain = made.lines().filter_map(|line| {
                let line = line.strip_prefix("# ").unwrap_or(line);
                let is_key =
                    file.sections.iter().flat_map(|s| s.keys).any(|k| {
                        line.strip_prefix(k.name).is_some_and(|rest| rest.starts_with(" = "))
                    });
                (line.starts_with('[') || is_key).then(|| format!("{line}\n"))
            });
            let text: String = plain.collect();
            let (settings, found) = Settings::of_texts(&[(file.name, &text)], &mut Sources::new());
            assert!(found.is_empty(), "{text}\n{found:?}");
            let set = settings.all.iter().filter(|s| s.origin != Origin::Default).count();
            assert_eq!(set, file.sections.iter().map(|s| s.keys.len()).sum::<usize>());
        }
    }
}
