//! Files, through the capability `Files`: the world's, or one that a program attenuated to a folder
//! or to reading. What an attenuated one forbids is refused here; that a path does not leave its
//! folder by `..` or a link, only who opens it can see to (`Effects::file`).

use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, arg};
use crate::effects::{FileAction, FileAnswer};
use crate::value::{Attenuated, Value};
use eclexia_base::Dim;

type Answer = Result<Value, Fault>;

/// Attenuating again and again ends here.
const MOST_FOLDERS: usize = 64;

pub(super) const TABLE: &[Builtin] = &[
    // The prelude's own, which `std.files` has under better names.
    entry("read-file", 2, |ctx, a| act(ctx, a, FileAction::Read)),
    entry("write-file", 3, |ctx, a| act(ctx, a, FileAction::Write(arg!(a, 2, as_str)))),
    entry("files/read", 2, |ctx, a| act(ctx, a, FileAction::Read)),
    entry("files/write", 3, |ctx, a| act(ctx, a, FileAction::Write(arg!(a, 2, as_str)))),
    entry("files/append", 3, |ctx, a| act(ctx, a, FileAction::Append(arg!(a, 2, as_str)))),
    entry("files/list", 2, |ctx, a| act(ctx, a, FileAction::List)),
    entry("files/look", 2, |ctx, a| act(ctx, a, FileAction::Look)),
    entry("files/make-folder", 2, |ctx, a| act(ctx, a, FileAction::MakeFolder)),
    entry("files/remove", 2, |ctx, a| act(ctx, a, FileAction::Remove)),
    entry("files/move", 3, |ctx, a| act(ctx, a, FileAction::Move(arg!(a, 2, as_str)))),
    entry("files/within", 2, |_, a| {
        let (mut within, is_read_only) = granted(&a[0]);
        within.push(arg!(a, 1, as_str).to_owned());
        if within.len() > MOST_FOLDERS {
            return Err(Fault::Abort(format!("files within {MOST_FOLDERS} folders, one more")));
        }
        Ok(Value::attenuated(Attenuated::Files { within, is_read_only }))
    }),
    entry("files/read-only", 1, |_, a| {
        let (within, _) = granted(&a[0]);
        Ok(Value::attenuated(Attenuated::Files { within, is_read_only: true }))
    }),
    entry("files/read-only?", 1, |_, a| Ok(Value::Bool(granted(&a[0]).1))),
];

/// The folders that files are within, and whether they may only be read.
fn granted(files: &Value) -> (Vec<String>, bool) {
    match files {
        Value::Attenuated(own) => match &**own {
            Attenuated::Files { within, is_read_only } => (within.clone(), *is_read_only),
            other => eclexia_base::bug!("files are {other:?}"),
        },
        _ => (Vec::new(), false),
    }
}

fn act(ctx: &mut Ctx<'_>, args: &[Value], action: FileAction<'_>) -> Answer {
    let (within, is_read_only) = granted(&args[0]);
    let path = arg!(args, 1, as_str);
    let reads = matches!(action, FileAction::Read | FileAction::List | FileAction::Look);
    let answer = if is_read_only && !reads {
        Err(format!("{path}: these files may only be read"))
    } else if path.contains('\0') {
        Err(format!("{path:?}: a path has no NUL in it"))
    } else {
        ctx.effects.file(&within, path, action)
    };
    let value = answer.map(|answer| match answer {
        FileAnswer::Done => Value::Unit,
        FileAnswer::Text(text) => Value::str(text),
        FileAnswer::Names(names) => Value::vector(names.into_iter().map(Value::str)),
        FileAnswer::Found(found) => ctx.ctors.option(found.map(|kind| {
            let changed = Value::Quantity(kind.changed, Dim::base("s"));
            let bytes = Value::Quantity(kind.bytes as f64, Dim::base("B"));
            ctx.ctors.pair(Value::Bool(kind.is_folder), ctx.ctors.pair(bytes, changed))
        })),
    });
    Ok(ctx.ctors.result(value.map_err(Value::str)))
}
