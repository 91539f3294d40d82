//! Words: what the spelling of a name says about it, whatever is in scope: a special form, a
//! literal, a field access, a qualified name. Classified once per name and kept in a dense table.

use eclexia_base::Name;

/// Forms of expressions that are no calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Special {
    Let,
    Fn,
    If,
    Cond,
    When,
    And,
    Or,
    Do,
    Match,
    Loop,
    Recur,
    For,
    Times,
    The,
    Try,
    Return,
    Abort,
    With,
    Borrow,
    WithFields,
    ThreadFirst,
    ThreadLast,
    ThreadAs,
    ThreadSome,
    ThreadCond,
}

/// Forms that define something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Top {
    Module,
    Import,
    Def,
    Defn,
    Sig,
    Deftype,
    Defrecord,
    Defalias,
    Definterface,
    Implement,
    Defmacro,
    Deftest,
    Defdimension,
    Defunit,
    Builtin,
    BuiltinType,
    Extern,
    Defadaptive,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    Plain,
    /// `.x`
    Field,
    /// `list/map`
    Qualified,
    Special(Special),
    Top(Top),
    True,
    False,
    Unit,
    /// `_`
    Wildcard,
    /// `...`
    Ellipsis,
    /// `&`
    Ampersand,
}

/// The table; grows with the names seen.
#[derive(Default)]
pub struct Words {
    known: Vec<Option<Word>>,
}

impl Words {
    pub fn of(&mut self, name: Name) -> Word {
        let at = name.id() as usize;
        if let Some(Some(word)) = self.known.get(at) {
            return *word;
        }
        let word = classify(name.as_str());
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        self.known[at] = Some(word);
        word
    }

    /// A name no definition and no binder may have.
    pub fn is_reserved(&mut self, name: Name) -> bool {
        !matches!(self.of(name), Word::Plain)
    }
}

/// `list` of `std.list`: the qualifier that an import gives.
pub fn last_part(module: &str) -> &str {
    module.rsplit('.').next().unwrap_or(module)
}

/// `list/map` → `list`, `map`; `/` and `//` are plain.
pub fn split_qualified(name: Name) -> Option<(Name, Name)> {
    let text = name.as_str();
    let slash = text.find('/')?;
    let (prefix, rest) = (&text[..slash], &text[slash + 1..]);
    if prefix.is_empty() || rest.is_empty() {
        return None;
    }
    Some((Name::new(prefix), Name::new(rest)))
}

/// Spellings of the special forms, for suggestions and for editors.
pub fn special_names() -> impl Iterator<Item = &'static str> {
    SPECIAL.iter().map(|(name, _)| *name)
}

/// Spellings of the forms that define something.
pub fn top_names() -> impl Iterator<Item = &'static str> {
    TOP.iter().map(|(name, _)| *name)
}

const SPECIAL: &[(&str, Special)] = &[
    ("let", Special::Let),
    ("fn", Special::Fn),
    ("if", Special::If),
    ("cond", Special::Cond),
    ("when", Special::When),
    ("and", Special::And),
    ("or", Special::Or),
    ("do", Special::Do),
    ("match", Special::Match),
    ("loop", Special::Loop),
    ("recur", Special::Recur),
    ("for", Special::For),
    ("times", Special::Times),
    ("the", Special::The),
    ("try", Special::Try),
    ("return", Special::Return),
    ("abort", Special::Abort),
    ("with", Special::With),
    ("borrow", Special::Borrow),
    ("with-fields", Special::WithFields),
    ("->", Special::ThreadFirst),
    ("->>", Special::ThreadLast),
    ("as->", Special::ThreadAs),
    ("some->", Special::ThreadSome),
    ("cond->", Special::ThreadCond),
];

const TOP: &[(&str, Top)] = &[
    ("module", Top::Module),
    ("import", Top::Import),
    ("def", Top::Def),
    ("defn", Top::Defn),
    ("sig", Top::Sig),
    ("deftype", Top::Deftype),
    ("defrecord", Top::Defrecord),
    ("defalias", Top::Defalias),
    ("definterface", Top::Definterface),
    ("implement", Top::Implement),
    ("defmacro", Top::Defmacro),
    ("deftest", Top::Deftest),
    ("defdimension", Top::Defdimension),
    ("defunit", Top::Defunit),
    ("builtin", Top::Builtin),
    ("builtin-type", Top::BuiltinType),
    ("extern", Top::Extern),
    ("defadaptive", Top::Defadaptive),
];

/// What one spelling says.
pub fn classify(text: &str) -> Word {
    match text {
        "true" => return Word::True,
        "false" => return Word::False,
        "unit" => return Word::Unit,
        "_" => return Word::Wildcard,
        "..." => return Word::Ellipsis,
        "&" => return Word::Ampersand,
        _ => {}
    }
    if let Some((_, special)) = SPECIAL.iter().find(|(name, _)| *name == text) {
        return Word::Special(*special);
    }
    if let Some((_, top)) = TOP.iter().find(|(name, _)| *name == text) {
        return Word::Top(*top);
    }
    if text.len() > 1 && text.starts_with('.') && !text.starts_with("..") {
        return Word::Field;
    }
    match text.find('/') {
        Some(at) if at > 0 && at + 1 < text.len() => Word::Qualified,
        _ => Word::Plain,
    }
}
