//! A program in each engine: compiled once in this process, and built once as an executable, then
//! run with different arguments.

use super::files::Modules;
use crate::program::{Compiled, Form, Ran, compile_bytes};
use crate::tools;
use eclexia_codegen::jit::Jit;
use eclexia_interp::{Engine, Halted};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;
use std::process::Command;

/// Code in memory.
pub struct Native(Jit);

impl Native {
    pub fn new() -> Native {
        Native(Jit::new().expect("there is code for this machine"))
    }
}

impl Engine for Native {
    fn prepare(&mut self, program: &Program, ctx: &mut Context) -> bool {
        self.0.add(program, ctx);
        true
    }

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
    modules: Modules,
    compiled: Compiled,
    native: Native,
}

const FILE: &str = "case.ecl";

fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

impl Batch {
    pub fn new(text: &str) -> Batch {
        Batch::with_modules(text, Modules::new())
    }

    pub fn with_modules(text: &str, modules: Modules) -> Batch {
        let compiled = compile_bytes(FILE, text.as_bytes(), modules.clone(), Form::File);
        assert!(!compiled.has_errors(), "{}", compiled.told());
        let native = Native::new();
        Batch { text: text.to_owned(), modules, compiled, native }
    }

    pub fn interpreted(&mut self, args: &[&str], max_steps: u64) -> Ran {
        self.compiled.ran(None, &owned(args), max_steps)
    }

    pub fn compiled(&mut self, args: &[&str], max_steps: u64) -> Ran {
        self.compiled.ran(Some(&mut self.native), &owned(args), max_steps)
    }

    pub fn executable(&self) -> Executable {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file can be written");
        };
        write(FILE, &self.text);
        self.modules.iter().for_each(|(name, text)| write(&format!("{name}.ecl"), text));
        let build = ["build", FILE, "-o", "case"];
        // The first build makes the run time as well, which takes as long as it takes.
        let built = tools::command(folder.path(), &build).output().expect("the command runs");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Executable { folder }
    }
}

pub struct Executable {
    folder: tempfile::TempDir,
}

impl Executable {
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(self.folder.path().join("case"));
        command.args(args).env("ECLEXIA_REPORT", "1");
        Ran::of_command(&tools::run(&mut command))
    }
}
