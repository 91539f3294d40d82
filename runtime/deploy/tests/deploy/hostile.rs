//! Packages made to do harm: each is refused with its code, before it costs much.

use crate::fixtures::{
    Piece, archive, contents, file, ordered, parts, piece, read, refusal, seal, sealed, with,
};
use eclexia_deploy::package::{Kind, Limits, Package};
use serde_json::{Value, json};
use std::io::{Read, Write};
use tar::EntryType;

/// A package with one more entry after its own, which the manifest does not list.
fn with_entry(entry: Piece) -> Vec<u8> {
    let (manifest, mut pieces) = parts(&[]);
    pieces.push(entry);
    file(&manifest, pieces)
}

/// A package whose manifest lists a file of this name.
fn listing(paths: &[&str]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (*path, &b"x"[..])).collect();
    let (manifest, pieces) = parts(&files);
    file(&manifest, pieces)
}

#[test]
fn paths_that_leave_the_package_are_refused() {
    for path in ["../x", "/etc/passwd", "files/../../x", "files/..", "..", "files/a/../b", "//x"] {
        assert_eq!(refusal(&with_entry(piece(path, b"x"))), "package-path-outside", "{path}");
        assert_eq!(refusal(&listing(&[path])), "package-path-outside", "{path}");
        let added = contents().add(path, Kind::Asset, false, vec![]).expect_err("refused");
        assert_eq!(added.code, "package-path-outside", "{path}");
    }
}

#[test]
fn paths_that_are_not_plain_are_refused() {
    for path in ["files/a\\b", "files//b", "files/./b", "files/a\nb", "files/", "files/\u{7f}"] {
        assert_eq!(refusal(&with_entry(piece(path, b"x"))), "package-path", "{path:?}");
    }
    for path in ["files/a\\b", "files//b", "files/a\u{0}b"] {
        assert_eq!(refusal(&listing(&[path])), "package-path", "{path:?}");
    }
    let latin = with(piece("files/a", b"x"), |header| header.as_old_mut().name[6] = 0xe9);
    assert_eq!(refusal(&with_entry(latin)), "package-path");
    let long = "a".repeat(101);
    let deep = "a/".repeat(40) + "a";
    for path in [&long, &deep, &format!("{}b", "abcdefgh/".repeat(31))] {
        let added = contents().add(path, Kind::Asset, false, vec![]).expect_err("refused");
        assert_eq!(added.code, "package-path", "{path}");
    }
}

#[test]
fn links_devices_folders_and_extensions_are_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Directory,
        EntryType::GNULongName,
        EntryType::XHeader,
        EntryType::GNUSparse,
    ] {
        let entry = with(piece("files/x", b"x"), |header| {
            header.set_entry_type(kind);
            header.set_link_name_literal("/etc/passwd").expect("a name");
        });
        assert_eq!(refusal(&with_entry(entry)), "package-link", "{kind:?}");
    }
}

#[test]
fn headers_are_ours_to_the_last_bit() {
    let change: [&dyn Fn(&mut tar::Header); 6] = [
        &|header| header.set_mode(0o4755),
        &|header| header.set_mode(0o666),
        &|header| header.set_uid(1000),
        &|header| header.set_mtime(1),
        &|header| header.set_username("root").expect("a name"),
        &|header| header.as_old_mut().linkname[0] = b'x',
    ];
    for change in change {
        assert_eq!(refusal(&with_entry(with(piece("files/x", b"x"), change))), "package-format");
    }
}

#[test]
fn one_name_is_there_once_on_every_machine() {
    let doubles: [&[&str]; 5] = [
        &["files/A", "files/a"],
        &["files/a", "files/a"],
        &["files/a", "files/a/b"],
        &["files/X/a", "files/x/b"],
        &["files/É", "files/é"],
    ];
    for paths in doubles {
        assert_eq!(refusal(&listing(paths)), "package-duplicate", "{paths:?}");
    }
    let (manifest, mut pieces) = parts(&[("files/a", b"x")]);
    pieces.insert(1, piece("files/a", b"x"));
    assert_eq!(refusal(&file(&manifest, pieces)), "package-duplicate");
}

type Alter = dyn Fn(&mut Value, &mut Vec<Piece>);

#[test]
fn files_are_those_of_the_manifest() {
    assert_eq!(refusal(&with_entry(piece("files/x", b"x"))), "package-contents");
    let altered: [&Alter; 7] = [
        &|_, pieces| pieces[0].bytes[0] = b'z',
        &|_, pieces| drop(pieces.remove(0)),
        &|_, pieces| drop(pieces.pop()),
        &|_, pieces| pieces.swap(0, 1),
        &|manifest, _| manifest["files"][0]["executable"] = json!(true),
        &|manifest, _| manifest["plan"] = json!("0".repeat(64)),
        &|manifest, _| manifest["model"] = json!("0".repeat(64)),
    ];
    for (n, alter) in altered.iter().enumerate() {
        let (mut manifest, mut pieces) = parts(&[("files/a", b"x"), ("files/b", b"y")]);
        alter(&mut manifest, &mut pieces);
        assert_eq!(refusal(&file(&manifest, pieces)), "package-contents", "{n}");
    }
}

#[test]
fn manifests_have_one_spelling() {
    let spelt: [&dyn Fn(&str) -> String; 8] = [
        &|text| text.replace(',', ", "),
        &|text| format!("{text}\n"),
        &|text| text.replace("\"shop\"", "\"\\u0073hop\""),
        &|text| text.replacen('{', "{\"more\":1,", 1),
        &|text| text.replacen('{', "{\"name\":\"shop\",", 1),
        &|text| text.replace("\"1.2.3\"", "\"1.2\""),
        &|text| text.replace("\"requires\":[]", "\"requires\":[\"nothing\"]"),
        &|text| text[..text.len() / 2].to_owned(),
    ];
    let (manifest, _) = parts(&[]);
    let text = String::from_utf8(ordered(&manifest)).expect("text");
    for (n, spell) in spelt.iter().enumerate() {
        let (_, pieces) = parts(&[]);
        let mut all = vec![piece("manifest.json", spell(&text).as_bytes())];
        all.extend(pieces);
        assert_eq!(refusal(&sealed(&archive(&all))), "package-manifest", "{n}");
    }
    let later = text.replace("eclexia-package/1", "eclexia-package/2");
    let later = sealed(&archive(&[piece("manifest.json", later.as_bytes())]));
    assert_eq!(refusal(&later), "package-format");
}

#[test]
fn nesting_is_bounded() {
    for open in ["[", "{\"format\":", "{\"files\":["] {
        let deep = open.repeat(100_000);
        let bytes = sealed(&archive(&[piece("manifest.json", deep.as_bytes())]));
        assert_eq!(refusal(&bytes), "package-manifest", "{open}");
    }
}

#[test]
fn a_manifest_of_ten_gigabytes_is_refused_by_its_header() {
    // ustar has room for 8 GiB less a byte in octal; more is written in another way.
    for size in [10_000_000_000, (8 << 30) - 1, 9 << 20] {
        let entry = with(piece("manifest.json", b""), |header| header.set_size(size));
        let code = refusal(&sealed(&archive(&[entry])));
        assert!(["package-too-large", "package-format"].contains(&code), "{code}");
    }
}

/// 3 GiB of nothing, in some hundred kilobytes.
#[test]
fn what_unpacks_to_more_than_is_allowed_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("a compressor");
    let (manifest, _) = parts(&[]);
    let head = archive(&[piece("manifest.json", &ordered(&manifest))]);
    encoder.write_all(&head[..head.len() - 1024]).expect("written");
    let size: u64 = 3 << 30;
    let bomb = with(piece("files/x", b""), |header| header.set_size(size));
    encoder.write_all(bomb.header.as_bytes()).expect("written");
    let zeros = vec![0; 1 << 20];
    for _ in 0..3 << 10 {
        encoder.write_all(&zeros).expect("written");
    }
    let packed = seal(encoder.finish().expect("finished"));
    assert!(packed.len() < 1 << 20);
    assert_eq!(refusal(&packed), "package-contents");

    // The same behind a manifest that lists it.
    let (mut manifest, _) = parts(&[("files/x", b"")]);
    manifest["files"][0]["size"] = json!(size);
    assert_eq!(refusal(&file(&manifest, vec![])), "package-too-large");
}

#[test]
fn limits_are_those_that_are_given() {
    let (manifest, pieces) = parts(&[("files/a", &[7; 5000])]);
    let bytes = file(&manifest, pieces);
    let refused = |limits: Limits| Package::read(&bytes[..], &limits).expect_err("refused").code;
    let free = Limits::default();
    let codes = [
        refused(Limits { packed: bytes.len() as u64 - 1, ..free }),
        refused(Limits { unpacked: 4999, ..free }),
        refused(Limits { unpacked: 6000, ..free }),
        refused(Limits { manifest: 100, ..free }),
        refused(Limits { files: 2, ..free }),
    ];
    assert_eq!(codes, ["package-too-large"; 5]);
    let exact = Limits { packed: bytes.len() as u64, files: 3, ..free };
    assert!(Package::read(&bytes[..], &exact).is_ok());
}

#[test]
fn a_window_larger_than_is_needed_is_refused() {
    let (manifest, pieces) = parts(&[]);
    let mut all = vec![piece("manifest.json", &ordered(&manifest))];
    all.extend(pieces);
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("a compressor");
    encoder.window_log(27).expect("set");
    encoder.write_all(&archive(&all)).expect("written");
    assert_eq!(refusal(&seal(encoder.finish().expect("finished"))), "package-format");
}

#[test]
fn only_one_archive_is_in_a_file() {
    let (manifest, pieces) = parts(&[]);
    let mut all = vec![piece("manifest.json", &ordered(&manifest))];
    all.extend(pieces);
    let once = archive(&all);
    let packed = zstd::encode_all(&once[..], 3).expect("compressed");
    let more = zstd::encode_all(&b"more"[..], 3).expect("compressed");
    assert!(read(&seal(packed.clone())).is_ok());
    for bytes in [
        seal([packed.clone(), more].concat()),
        seal([&packed[..], b"more"].concat()),
        sealed(&[&once[..], &[0; 512]].concat()),
        sealed(&once[..once.len() - 512]),
        sealed(&[&once[..once.len() - 512], &[1; 512]].concat()),
        sealed(b""),
        seal(vec![0x28, 0xb5, 0x2f, 0xfd]),
    ] {
        assert_eq!(refusal(&bytes), "package-format");
    }
    assert_eq!(refusal(b""), "package-format");
    assert_eq!(refusal(b"PK\x03\x04"), "package-format");
}

/// A file that never ends.
struct Endless;

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        out.fill(0x28);
        if out.len() == 4 {
            out.copy_from_slice(&[0x28, 0xb5, 0x2f, 0xfd]);
        }
        Ok(out.len())
    }
}

#[test]
fn a_file_without_an_end_is_refused() {
    let limits = Limits { packed: 1 << 20, ..Limits::default() };
    let found = Package::read(Endless, &limits).expect_err("refused");
    assert_eq!(found.code, "package-too-large");
}
