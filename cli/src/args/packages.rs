//! Arguments of the verbs around packages and keys.

use super::{Saved, Which};
use clap::{Args, Subcommand, ValueEnum};
use eclexia_deploy::dates::{Date, parse};
use std::path::PathBuf;

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageCompression {
    Zstd,
    Gzip,
}

/// What a package is made of, besides the program.
#[derive(Args, Debug)]
pub struct Ships {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
    /// Ship this file or folder, which lies below the program's folder
    #[arg(long, value_name = "PATH")]
    pub include: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia package examples/document-store.ecl -o store.eclpkg")]
pub struct PackageArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub ships: Ships,
    /// How its archive is compressed; the package is the same
    #[arg(long, value_enum, default_value_t = PackageCompression::Zstd)]
    pub compression: PackageCompression,
    /// Write an OCI image layout into this folder, for tools of container images
    #[arg(long, value_name = "DIR")]
    pub oci: Option<PathBuf>,
    /// Write here; none: NAME-VERSION.eclpkg in this folder, unless --oci is given
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Sign it with this key
    #[arg(long, value_name = "KEY")]
    pub sign: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia sign shop-1.0.0.eclpkg --key ada")]
pub struct SignArgs {
    /// The package's file, which gets the signature
    pub package: PathBuf,
    /// The key's name; none: the only one
    #[arg(long, value_name = "NAME")]
    pub key: Option<String>,
    /// The last day that the signature is good for, as in 2027-01-31
    #[arg(long, value_name = "DATE", value_parser = parse)]
    pub expires: Option<Date>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia verify shop-1.0.0.eclpkg")]
pub struct VerifyArgs {
    /// The package's file, or the folder of its OCI image layout
    pub package: PathBuf,
    /// Ask for so many trusted signers, whatever the trust store asks for
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub signers: Option<u16>,
    /// Show what it needs, and what of it is in this folder; may be given several times
    #[arg(long, value_name = "FOLDER")]
    pub from: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia key new ada, then `eclexia key list`")]
pub struct KeyArgs {
    #[command(subcommand)]
    pub verb: KeyVerb,
}

#[derive(Subcommand, Debug)]
pub enum KeyVerb {
    /// Make a pair of keys: one to sign with, which stays here, and one to give away
    New {
        /// Lower-case letters, digits, `-` and `_`
        name: String,
    },
    /// Show the keys that are here and those that are trusted
    List,
    /// Let the signatures of a public key count
    Trust {
        /// The file of a public key, PEM, or the name of a key that is here
        key: PathBuf,
        /// Who it is; none: the name of the key or of its file
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// The last day of trust, as in 2027-01-31
        #[arg(long, value_name = "DATE", value_parser = parse)]
        until: Option<Date>,
        /// It is a key of this machine's owner: it may do everything and grant it
        #[arg(long)]
        owner: bool,
    },
    /// Say how many trusted signers a package needs
    Require {
        /// 1 or more
        #[arg(value_parser = clap::value_parser!(u16).range(1..))]
        signers: u16,
    },
    /// Take the trust from a key, for good
    Revoke {
        /// The name or the id of a trusted key
        which: String,
        /// Why; it is shown wherever the key is refused
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
}
