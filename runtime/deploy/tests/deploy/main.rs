//! Packages and keys from outside: what is written and read back, and what is refused, with
//! archives made by other tools than ours.

mod damage;
mod fixtures;
mod form;
mod hostile;
mod images;
mod keys;
mod signatures;
