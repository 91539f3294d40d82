//! `lsp`: the language server, on standard input and output.

use super::Ended;
use crate::console::Exit;
use crate::diagnostics;
use eclexia_lsp::Ended as Conversation;

pub fn lsp() -> Ended {
    let ended = eclexia_lsp::serve(std::io::stdin(), std::io::stdout(), crate::STACK_BYTES);
    match ended.map_err(|error| diagnostics::no_thread(&error))? {
        Conversation::Orderly => Ok(Exit::Done),
        Conversation::Abrupt => Ok(Exit::Error),
    }
}
