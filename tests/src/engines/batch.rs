//! A file of programs in each engine: compiled once in this process, and built once as an
//! executable, then run with one argument after the other.

use super::STEPS;
use crate::program::{Compiled, Form, Ran, compile_bytes};
use crate::tools;
use eclexia_codegen::jit::Jit;
use eclexia_interp::{Engine, Halted};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;
use std::collections::BTreeMap;
use std::process::Command;

/// Code in memory.
struct Native(Jit);

impl Engine for Native {
    fn call(
        &mut self,
        program: &Program,
        ctx: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted> {
        self.0.add(program, ctx);
        let ended = self.0.call(ctx, program, func, args);
        ended.map_err(|stopped| Halted { stop: stopped.stop, calls: stopped.trace })
    }
}

pub struct Batch {
    text: String,
    compiled: Compiled,
    native: Native,
}

const FILE: &str = "case.ecl";

impl Batch {
    pub fn new(text: &str) -> Batch {
        let compiled = compile_bytes(FILE, text.as_bytes(), BTreeMap::new(), Form::File);
        assert!(!compiled.has_errors(), "{}\n{text}", compiled.told());
        let native = Native(Jit::new().expect("there is code for this machine"));
        Batch { text: text.to_owned(), compiled, native }
    }

    pub fn interpreted(&mut self, arg: &str) -> Ran {
        self.compiled.ran(None, &[arg.to_owned()], STEPS)
    }

    pub fn compiled(&mut self, arg: &str) -> Ran {
        self.compiled.ran(Some(&mut self.native), &[arg.to_owned()], STEPS)
    }

    pub fn executable(&self) -> Executable {
        Executable::build(&self.text, &[])
    }
}

pub struct Executable {
    folder: tempfile::TempDir,
}

impl Executable {
    pub fn build(text: &str, flags: &[&str]) -> Executable {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join(FILE), text).expect("a file can be written");
        let arguments = [&["build", FILE, "-o", "case"], flags].concat();
        let built = tools::run(&mut tools::command(folder.path(), &arguments));
        assert_eq!(built.code, Some(0), "{}", built.told());
        Executable { folder }
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(self.folder.path().join("case"));
        command.args(args).env("ECLEXIA_REPORT", "1");
        Ran::of_command(&tools::run(&mut command))
    }
}
