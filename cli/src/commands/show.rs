//! `show FILE`: a saved plan, verified and printed as `plan` prints it.

use super::Ended;
use super::plan::read_plans;
use crate::args::ShowArgs;
use crate::console::{Console, Exit};
use eclexia_model::display;

pub fn show(console: &Console, args: &ShowArgs) -> Ended {
    for plan in read_plans(&args.file)? {
        if console.global.json {
            console.json(&serde_json::to_value(&plan).unwrap_or_default());
        } else {
            console.out(&display::plan(&plan));
        }
    }
    Ok(Exit::Done)
}
