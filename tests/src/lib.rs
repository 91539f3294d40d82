//! Tests as data: one module per kind of data, each a small reader over a folder, all in the one
//! test binary of this library.
//!
//! `spec/` says what the language is, `stages/` what each stage does, `run/` what programs do,
//! `bounds/` what functions cost, `deploy/` how deployments live, `cli/` what the command says,
//! `repl/` what the prompt answers, `lsp/` what the language server says, `jupyter/` what notebooks
//! are answered, `settings/` what configuration files may say, `corpus/` what once went wrong.
//! `UPDATE_EXPECT=1 cargo test` writes what is (stages, run, deploy, cli, repl, notebooks) into the
//! files instead of comparing: read the
//! difference before committing it. Tests that need a tool of another project are skipped with a
//! printed reason where the tool is missing, and fail instead where `CI` is set.

#[cfg(test)]
mod bless;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod chromium;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod curves;
#[cfg(test)]
mod deploying;
#[cfg(test)]
mod editors;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod jupyter;
#[cfg(test)]
mod library;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lsp;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod native;
#[cfg(test)]
mod nrepl;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pages_in_browser;
#[cfg(test)]
mod passes;
#[cfg(test)]
mod playground;
#[cfg(test)]
mod program;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod promotion;
#[cfg(test)]
mod prompt;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod run;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod spec;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod surfaces;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod tools;
#[cfg(test)]
mod untrusted;
