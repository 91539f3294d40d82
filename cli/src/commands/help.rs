//! Completions and manual pages, made from the same description that parses the command line.

use super::Ended;
use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use clap::CommandFactory;

pub fn completions(console: &Console, args: &CompletionsArgs) -> Ended {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eclexia", &mut text);
    console.out(&String::from_utf8_lossy(&text));
    Ok(Exit::Done)
}

pub fn man(console: &Console, args: &ManArgs) -> Ended {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.output else {
        console.out(&String::from_utf8_lossy(&page(&command)?));
        return Ok(Exit::Done);
    };
    files::make_folder(folder)?;
    files::write(&folder.join("eclexia.1"), &page(&command)?)?;
    for sub in command.get_subcommands() {
        let name = format!("eclexia-{}", sub.get_name());
        files::write(&folder.join(format!("{name}.1")), &titled_page(sub, &name)?)?;
    }
    Ok(Exit::Done)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, eclexia_diag::Diagnostic> {
    titled_page(command, "eclexia")
}

fn titled_page(command: &clap::Command, title: &str) -> Result<Vec<u8>, eclexia_diag::Diagnostic> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(title.to_uppercase())
        .render(&mut page)
        .map_err(|error| diagnostics::write_failed("the manual page", &error))?;
    Ok(page)
}
