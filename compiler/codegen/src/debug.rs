//! Line tables for debuggers and profilers (DWARF 5): one unit for the program, with a sequence of
//! lines and an entry for each function.

use crate::places::Sites;
use cranelift_object::ObjectProduct;
use cranelift_object::object::write::{Relocation as ObjectRelocation, SymbolId};
use cranelift_object::object::{
    self, RelocationEncoding, RelocationFlags, RelocationKind, SectionKind,
};
use eclexia_native::image::Place;
use gimli::write::{
    Address, AttributeValue, DwarfUnit, EndianVec, FileId, LineProgram, LineString, Range,
    RangeList, RelocateWriter, Relocation, RelocationTarget, Sections, Writer,
};
use gimli::{Encoding, Format, LineEncoding, RunTimeEndian, SectionId, constants as dw};

/// A function and where its code comes from.
pub(crate) struct Described<'a> {
    pub symbol: SymbolId,
    pub name: &'a str,
    pub sites: &'a Sites,
    /// Place of its definition.
    pub place: &'a Place,
}

const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 5, address_size: 8 };

/// Adds the sections. What cannot be described is left out: a program runs without.
pub(crate) fn describe(
    product: &mut ObjectProduct,
    functions: &[Described<'_>],
    places: &[Place],
    sources: &[(String, String)],
) {
    let mut unit = DwarfUnit::new(ENCODING);
    let lines: Vec<Lines> = sources.iter().map(|(_, text)| Lines::of(text)).collect();
    let files = files(&mut unit, sources);
    let mut ranges = Vec::new();
    for (symbol, function) in functions.iter().enumerate() {
        let begin = Address::Symbol { symbol, addend: 0 };
        ranges.push(Range::StartLength { begin, length: u64::from(function.sites.size) });
        rows(&mut unit.unit.line_program, begin, function, places, &files, &lines);
        entry(&mut unit, begin, function, &files, &lines);
    }
    let ranges = unit.unit.ranges.add(RangeList(ranges));
    let root = unit.unit.root();
    let root = unit.unit.get_mut(root);
    root.set(dw::DW_AT_producer, AttributeValue::String(b"eclexia".to_vec()));
    // No language of DWARF is ours; a debugger's expressions are C's then.
    root.set(dw::DW_AT_language, AttributeValue::Language(dw::DW_LANG_C99));
    root.set(dw::DW_AT_low_pc, AttributeValue::Address(Address::Constant(0)));
    root.set(dw::DW_AT_ranges, AttributeValue::RangeListRef(ranges));
    if let Some((name, _)) = sources.first() {
        root.set(dw::DW_AT_name, AttributeValue::String(name.as_bytes().to_vec()));
    }
    let mut sections = Sections::new(Section::default());
    if unit.write(&mut sections).is_ok() {
        let symbols: Vec<SymbolId> = functions.iter().map(|f| f.symbol).collect();
        add(product, &symbols, sections);
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<u32>);

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect())
    }

    /// Line and column, both from 1.
    fn at(&self, offset: u32) -> (u64, u64) {
        let line = self.0.partition_point(|begin| *begin <= offset);
        (line as u64, u64::from(offset - self.0[line - 1]) + 1)
    }
}

fn files(unit: &mut DwarfUnit, sources: &[(String, String)]) -> Vec<FileId> {
    let first = sources.first().map_or("?", |(name, _)| name);
    let strings = &mut unit.line_strings;
    let here = LineString::new(".", ENCODING, strings);
    let name = LineString::new(first, ENCODING, strings);
    let mut program = LineProgram::new(ENCODING, LineEncoding::default(), here, None, name, None);
    let folder = program.default_directory();
    let all = sources.iter().map(|(name, _)| {
        let name = LineString::new(name.as_str(), ENCODING, &mut unit.line_strings);
        program.add_file(name, folder, None)
    });
    let all = all.collect();
    unit.unit.line_program = program;
    all
}

fn rows(
    program: &mut LineProgram,
    begin: Address,
    function: &Described<'_>,
    places: &[Place],
    files: &[FileId],
    lines: &[Lines],
) {
    program.begin_sequence(Some(begin));
    let entry = (0, function.place);
    let places = function.sites.places.iter().map(|(at, loc)| (*at, &places[loc.0 as usize]));
    let mut last = None;
    for (at, place) in std::iter::once(entry).chain(places) {
        let (line, column) = lines[place.file as usize].at(place.start);
        // A debugger stops at the rows of a line: one is enough for neighbours.
        if last.replace((place.file, line, column)) == Some((place.file, line, column)) {
            continue;
        }
        let row = program.row();
        row.address_offset = u64::from(at);
        row.file = files[place.file as usize];
        row.line = line;
        row.column = column;
        program.generate_row();
    }
    program.end_sequence(u64::from(function.sites.size));
}

fn entry(
    unit: &mut DwarfUnit,
    begin: Address,
    function: &Described<'_>,
    files: &[FileId],
    lines: &[Lines],
) {
    let root = unit.unit.root();
    let id = unit.unit.add(root, dw::DW_TAG_subprogram);
    let place = function.place;
    let entry = unit.unit.get_mut(id);
    let (line, _) = lines[place.file as usize].at(place.start);
    entry.set(dw::DW_AT_name, AttributeValue::String(function.name.as_bytes().to_vec()));
    entry.set(dw::DW_AT_low_pc, AttributeValue::Address(begin));
    entry.set(dw::DW_AT_high_pc, AttributeValue::Udata(u64::from(function.sites.size)));
    let file = AttributeValue::FileIndex(Some(files[place.file as usize]));
    entry.set(dw::DW_AT_decl_file, file);
    entry.set(dw::DW_AT_decl_line, AttributeValue::Udata(line));
}

/// A section as gimli writes it.
#[derive(Clone)]
struct Section {
    data: EndianVec<RunTimeEndian>,
    relocations: Vec<Relocation>,
}

impl Default for Section {
    fn default() -> Section {
        Section { data: EndianVec::new(RunTimeEndian::Little), relocations: Vec::new() }
    }
}

impl RelocateWriter for Section {
    type Writer = EndianVec<RunTimeEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.data
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.data
    }

    fn relocate(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}

fn add(product: &mut ObjectProduct, symbols: &[SymbolId], mut sections: Sections<Section>) {
    let mut made: Vec<(SectionId, object::write::SectionId, Vec<Relocation>)> = Vec::new();
    let object = &mut product.object;
    let _ = sections.for_each_mut(|id, section| -> gimli::write::Result<()> {
        if section.data.len() > 0 {
            let kind = match id {
                SectionId::DebugStr | SectionId::DebugLineStr => SectionKind::DebugString,
                _ => SectionKind::Debug,
            };
            let name = id.name().as_bytes().to_vec();
            let new = object.add_section(Vec::new(), name, kind);
            object.set_section_data(new, section.data.take(), 1);
            made.push((id, new, std::mem::take(&mut section.relocations)));
        }
        Ok(())
    });
    let section_symbols: Vec<(SectionId, SymbolId)> =
        made.iter().map(|(id, new, _)| (*id, object.section_symbol(*new))).collect();
    for (_, section, relocations) in made {
        for relocation in relocations {
            let symbol = match relocation.target {
                RelocationTarget::Symbol(symbol) => Some(symbols[symbol]),
                RelocationTarget::Section(id) => {
                    section_symbols.iter().find(|(known, _)| *known == id).map(|(_, s)| *s)
                }
            };
            let Some(symbol) = symbol else { continue };
            let flags = RelocationFlags::Generic {
                kind: RelocationKind::Absolute,
                encoding: RelocationEncoding::Generic,
                size: relocation.size * 8,
            };
            let offset = relocation.offset as u64;
            let relocation = ObjectRelocation { offset, symbol, addend: relocation.addend, flags };
            // A relocation that the format does not have leaves a hole in what a debugger sees.
            let _ = object.add_relocation(section, relocation);
        }
    }
}
