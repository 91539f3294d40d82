//! Functions of words, one file per family, each with its registration table.

use crate::native::Native;

pub(crate) mod table;
pub(crate) mod tree;

pub(crate) const FAMILIES: &[&[Native]] = &[];
