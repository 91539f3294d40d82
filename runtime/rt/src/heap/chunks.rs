//! Memory for cells. Cells of up to 16 words come from a free list for each size; an empty list is
//! filled from a chunk, a page's worth at a time, in order of address. Larger ones are blocks of
//! the system's allocator, linked so that a context can give them all back.
//!
//! ```text
//! a free cell   [ next free cell | .. ]
//! a block       [ previous | next | words ] [ the cell .. ]
//! ```
//!
//! With the feature `malloc` every cell is a block, so that a checker of memory (AddressSanitizer,
//! valgrind) knows of each. Compiled code still puts cells on the free lists: who comes by gives
//! them back.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{Cell, Word};
use super::context::Context;
use std::alloc::Layout;
use std::ptr::null_mut;

/// Sizes with a free list: 0 to 16 words behind the header.
pub const CLASSES: usize = 17;

const ALL_ARE_BLOCKS: bool = cfg!(feature = "malloc");

/// Sizes that are taken from a free list.
const SMALL: usize = if ALL_ARE_BLOCKS { 0 } else { CLASSES };

const FIRST_CHUNK: usize = 64 << 10;
/// As large as the large pages of x86-64 and aarch64.
const LARGEST_CHUNK: usize = 2 << 20;
/// What a free list is filled with at once.
const BATCH: usize = 4 << 10;
/// Below it a block is made whatever the limit: the next safe point sees to that.
const SMALL_BLOCK: usize = 1 << 20;

/// Cells have the alignment of words, so what is before them has it too.
#[repr(C, align(8))]
struct Link {
    previous: *mut Link,
    next: *mut Link,
    words: usize,
}

/// Before the cell of a block.
const PREFIX: usize = size_of::<Link>();

pub struct Heap {
    chunks: Vec<(*mut u8, Layout)>,
    /// What is left of the last chunk.
    at: *mut u8,
    end: *mut u8,
    /// Cells of each size that were ever made.
    carved: [usize; CLASSES],
    blocks: *mut Link,
    block_count: usize,
    /// Bytes of chunks and blocks.
    pub bytes: u64,
    /// The most there ever were.
    pub most_bytes: u64,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap {
            chunks: Vec::new(),
            at: null_mut(),
            end: null_mut(),
            carved: [0; CLASSES],
            blocks: null_mut(),
            block_count: 0,
            bytes: 0,
            most_bytes: 0,
        }
    }
}

/// Bytes of a cell with so many words.
const fn cell_bytes(words: usize) -> usize {
    size_of::<Cell>() + 8 * words
}

fn block_layout(words: usize) -> Layout {
    let bytes = PREFIX.saturating_add(cell_bytes(words));
    match Layout::from_size_align(bytes, 8) {
        Ok(layout) => layout,
        Err(_) => eclexia_base::bug!("a block of {bytes} bytes"),
    }
}

/// Of a chunk that is in use to its end. Before that its rest would be taken from the system too.
fn use_large_pages(start: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: whole pages of memory that is ours; the advice changes nothing in them.
    unsafe {
        if libc::madvise(start.cast(), size, libc::MADV_COLLAPSE) != 0 {
            libc::madvise(start.cast(), size, libc::MADV_HUGEPAGE);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, size);
}

impl Heap {
    fn count_bytes(&mut self, more: usize) {
        self.bytes += more as u64;
        self.most_bytes = self.most_bytes.max(self.bytes);
    }

    #[cold]
    fn add_chunk(&mut self) {
        let last = self.chunks.last().map_or(FIRST_CHUNK / 2, |(_, layout)| layout.size());
        let size = (last * 2).min(LARGEST_CHUNK);
        let align = if size == LARGEST_CHUNK { size } else { 4096 };
        let Ok(layout) = Layout::from_size_align(size, align) else {
            eclexia_base::bug!("a chunk of {size} bytes")
        };
        // SAFETY: the size is not zero.
        let start = unsafe { std::alloc::alloc(layout) };
        if start.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        if let Some((full, layout)) = self.chunks.last()
            && layout.size() == LARGEST_CHUNK
        {
            use_large_pages(*full, LARGEST_CHUNK);
        }
        self.chunks.push((start, layout));
        self.count_bytes(size);
        self.at = start;
        // SAFETY: the end of what was allocated.
        self.end = unsafe { start.add(size) };
    }

    /// Cells of a size, linked through their first 8 bytes.
    fn carve(&mut self, words: usize) -> *mut Cell {
        let size = cell_bytes(words);
        let left = self.end as usize - self.at as usize;
        if left < size {
            self.add_chunk();
        }
        let left = self.end as usize - self.at as usize;
        let count = (left / size).min((BATCH / size).max(1));
        let first = self.at;
        // SAFETY: `count` cells fit between `at` and `end`.
        unsafe {
            for i in 0..count {
                let cell = first.add(i * size);
                let next = if i + 1 < count { cell.add(size) } else { null_mut() };
                *(cell as *mut *mut u8) = next;
            }
            self.at = first.add(count * size);
        }
        self.carved[words] += count;
        first as *mut Cell
    }

    /// A cell that no free list is for; null where the system has no memory.
    fn new_block(&mut self, words: usize) -> *mut Cell {
        let layout = block_layout(words);
        // SAFETY: the size is not zero.
        let link = unsafe { std::alloc::alloc(layout) } as *mut Link;
        if link.is_null() {
            return null_mut();
        }
        // SAFETY: just made, with room for the prefix.
        unsafe { (*link).words = words }
        self.link(link);
        self.block_count += 1;
        self.count_bytes(layout.size());
        // SAFETY: the cell begins behind the prefix.
        unsafe { (link as *mut u8).add(PREFIX) as *mut Cell }
    }

    /// The same block with more room, perhaps elsewhere; null where the system has no memory.
    fn grow_block(&mut self, cell: *mut Cell, words: usize) -> *mut Cell {
        // SAFETY: the cell is of a block, whose prefix is before it.
        unsafe {
            let link = (cell as *mut u8).sub(PREFIX) as *mut Link;
            let old = block_layout((*link).words);
            let new = block_layout(words);
            self.unlink(link);
            let moved = std::alloc::realloc(link as *mut u8, old, new.size()) as *mut Link;
            if moved.is_null() {
                self.link(link);
                return null_mut();
            }
            (*moved).words = words;
            self.link(moved);
            self.bytes -= old.size() as u64;
            self.count_bytes(new.size());
            (moved as *mut u8).add(PREFIX) as *mut Cell
        }
    }

    fn free_block(&mut self, cell: *mut Cell) {
        // SAFETY: the cell is of a block, whose prefix is before it; nobody uses it.
        unsafe {
            let link = (cell as *mut u8).sub(PREFIX) as *mut Link;
            let layout = block_layout((*link).words);
            self.unlink(link);
            std::alloc::dealloc(link as *mut u8, layout);
            self.block_count -= 1;
            self.bytes -= layout.size() as u64;
        }
    }

    fn link(&mut self, link: *mut Link) {
        // SAFETY: a block that was just made or moved; its neighbours are blocks or null.
        unsafe {
            (*link).previous = null_mut();
            (*link).next = self.blocks;
            if !self.blocks.is_null() {
                (*self.blocks).previous = link;
            }
        }
        self.blocks = link;
    }

    fn unlink(&mut self, link: *mut Link) {
        // SAFETY: a block of this heap; its neighbours are blocks or null.
        unsafe {
            let (previous, next) = ((*link).previous, (*link).next);
            if previous.is_null() {
                self.blocks = next;
            } else {
                (*previous).next = next;
            }
            if !next.is_null() {
                (*next).previous = previous;
            }
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        while !self.blocks.is_null() {
            let link = self.blocks;
            self.unlink(link);
            // SAFETY: allocated with this layout by `new_block`.
            unsafe { std::alloc::dealloc(link as *mut u8, block_layout((*link).words)) }
        }
        for (start, layout) in self.chunks.drain(..) {
            // SAFETY: allocated with this layout in `add_chunk`.
            unsafe { std::alloc::dealloc(start, layout) }
        }
    }
}

impl Context {
    /// Memory for a cell with so many words, its header written, its words not.
    #[inline]
    pub fn alloc(&mut self, words: usize, info: u32) -> Word {
        self.allocations += 1;
        let cell = if words < SMALL && !self.free[words].is_null() {
            let cell = self.free[words];
            // SAFETY: a free cell holds the next one first.
            self.free[words] = unsafe { *(cell as *mut *mut Cell) };
            cell
        } else {
            self.more_memory(words)
        };
        // SAFETY: memory of the size asked for, used by nobody else.
        unsafe { *cell = Cell { count: 1, info } };
        cell as Word
    }

    #[cold]
    fn more_memory(&mut self, words: usize) -> *mut Cell {
        if words >= SMALL {
            if ALL_ARE_BLOCKS {
                self.empty_free_lists();
            }
            let cell = self.host.heap.new_block(words);
            if cell.is_null() {
                std::alloc::handle_alloc_error(block_layout(words));
            }
            self.look_at_memory();
            return cell;
        }
        let first = self.host.heap.carve(words);
        // SAFETY: a free cell holds the next one first.
        self.free[words] = unsafe { *(first as *mut *mut Cell) };
        self.look_at_memory();
        first
    }

    /// Gives back what compiled code has put there.
    fn empty_free_lists(&mut self) {
        for words in 0..CLASSES {
            while !self.free[words].is_null() {
                let cell = self.free[words];
                // SAFETY: a free cell holds the next one first.
                self.free[words] = unsafe { *(cell as *mut *mut Cell) };
                self.host.heap.free_block(cell);
            }
        }
    }

    /// Gives memory back; `words` as it was made with.
    #[inline]
    pub fn free_memory(&mut self, word: Word, words: usize) {
        let cell = word as *mut Cell;
        if words < SMALL {
            // SAFETY: nobody uses the cell any more; its first 8 bytes hold the next free one.
            unsafe { *(cell as *mut *mut Cell) = self.free[words] };
            self.free[words] = cell;
        } else {
            self.host.places.forget(word);
            self.host.heap.free_block(cell);
        }
    }

    /// The same cell with room for more words; it may move.
    pub fn grow_memory(&mut self, word: Word, old: usize, new: usize) -> Word {
        if old >= SMALL {
            self.host.places.forget(word);
            let moved = self.host.heap.grow_block(word as *mut Cell, new);
            if moved.is_null() {
                std::alloc::handle_alloc_error(block_layout(new));
            }
            self.look_at_memory();
            return moved as Word;
        }
        let made = self.alloc(new, 0);
        self.allocations -= 1;
        // SAFETY: both are cells of at least `old` words.
        unsafe {
            std::ptr::copy_nonoverlapping(word as *const u8, made as *mut u8, cell_bytes(old));
        }
        self.free_memory(word, old);
        made
    }

    /// Whether a block of so many words may be made; else the run ends with the limit of memory.
    pub fn may_make(&mut self, words: usize) -> bool {
        let bytes = words.saturating_mul(8);
        if bytes < SMALL_BLOCK {
            return true;
        }
        let limit = self.host.limits.max_memory;
        let after = self.host.heap.bytes.saturating_add(bytes as u64);
        if after <= limit && bytes <= isize::MAX as usize / 2 {
            return true;
        }
        self.stop(crate::stop::Stop::MemoryLimit(limit));
        false
    }

    /// Where the limit is passed, the next step is a safe point that sees it.
    fn look_at_memory(&mut self) {
        if self.host.heap.bytes > self.host.limits.max_memory {
            self.look_soon();
        }
    }

    /// Cells that are in use: those that were made less those that are free.
    pub fn live(&self) -> usize {
        let mut free = 0;
        for first in self.free {
            let mut cell = first;
            while !cell.is_null() {
                free += 1;
                // SAFETY: a free cell holds the next one first.
                cell = unsafe { *(cell as *mut *mut Cell) };
            }
        }
        let carved: usize = self.host.heap.carved.iter().sum();
        carved + self.host.heap.block_count - free
    }
}
