//! All memory that host and module share, and all its unsafe code. A pointer from the
//! host is used only inside a buffer that was handed out and not yet given back.

use alloc::alloc::{alloc_zeroed, dealloc};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

#[cfg(target_arch = "wasm32")]
use dlmalloc::Dlmalloc;

#[cfg(not(target_arch = "wasm32"))]
static SYSTEM: std::alloc::System = std::alloc::System;

#[cfg(target_arch = "wasm32")]
static SYSTEM: Heaps = Heaps {
    small: UnsafeCell::new(Dlmalloc::new()),
    large: UnsafeCell::new(Dlmalloc::new()),
};

/// From so many bytes on, a block is large: a file of a list, or a buffer.
#[cfg(target_arch = "wasm32")]
const LARGE: usize = 64 << 10;

/// The standard library's own allocator for this target, once for small blocks and once for large ones: a
/// small block in the room that a list left would leave no room for the next list, and memory never shrinks.
#[cfg(target_arch = "wasm32")]
struct Heaps {
    small: UnsafeCell<Dlmalloc>,
    large: UnsafeCell<Dlmalloc>,
}

// SAFETY: the target has one thread.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Heaps {}

#[cfg(target_arch = "wasm32")]
impl Heaps {
    /// The heap that a block of this layout comes from and goes back to.
    const fn of(&self, layout: Layout) -> *mut Dlmalloc {
        match layout.size() {
            LARGE.. => self.large.get(),
            _ => self.small.get(),
        }
    }
}

// SAFETY: a block goes back to the heap that it came from, for its layout is the same, and `Dlmalloc` keeps
// the promises. No reference to a heap outlives a call of it.
#[cfg(target_arch = "wasm32")]
unsafe impl GlobalAlloc for Heaps {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: nobody else has a reference to the heap.
        let heap = unsafe { &mut *self.of(layout) };
        // SAFETY: the caller's promises are the ones that the heap asks for.
        unsafe { heap.malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let heap = unsafe { &mut *self.of(layout) };
        // SAFETY: as above.
        unsafe { heap.calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        let heap = unsafe { &mut *self.of(layout) };
        // SAFETY: as above.
        unsafe { heap.free(pointer, layout.size(), layout.align()) }
    }
}

/// The allocator that the standard library has too, except that whatever is given back is zeroed first:
/// no copy of a value that passed through the module, a refused card number least of all, stays in its
/// memory.
struct Zeroing;

#[global_allocator]
static ALLOCATOR: Zeroing = Zeroing;

// SAFETY: every call goes on to `SYSTEM` with the same arguments.
unsafe impl GlobalAlloc for Zeroing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the ones `SYSTEM` asks for.
        unsafe { SYSTEM.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { SYSTEM.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let words = match pointer.cast::<u64>().is_aligned() {
            true => layout.size().wrapping_shr(3),
            false => 0,
        };
        for offset in 0..words {
            // SAFETY: within the allocation that is about to be given back.
            let word = unsafe { pointer.cast::<u64>().add(offset) };
            // SAFETY: as above, and aligned; volatile, so that it is not dropped as a write nobody reads.
            unsafe { word.write_volatile(0) };
        }
        for offset in words.wrapping_shl(3)..layout.size() {
            // SAFETY: within the allocation that is about to be given back.
            let byte = unsafe { pointer.add(offset) };
            // SAFETY: as above.
            unsafe { byte.write_volatile(0) };
        }
        // SAFETY: as above.
        unsafe { SYSTEM.dealloc(pointer, layout) }
    }
}

/// A value that one call at a time uses. A call that traps never gives it back, so that nothing runs on
/// what it left half done.
#[derive(Debug)]
pub(crate) struct Exclusive<T> {
    is_taken: AtomicBool,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: `with` gives out one reference at a time, to whichever thread asks.
unsafe impl<T: Send> Sync for Exclusive<T> {}

impl<T: Default> Exclusive<T> {
    pub(crate) const fn new() -> Self {
        Self {
            is_taken: AtomicBool::new(false),
            value: UnsafeCell::new(None),
        }
    }

    /// Runs a call on the value; `None` if an earlier call has not ended.
    pub(crate) fn with<A>(&self, call: impl FnOnce(&mut T) -> A) -> Option<A> {
        if self.is_taken.swap(true, Ordering::AcqRel) {
            return None;
        }
        // SAFETY: nobody else has the value until the flag is cleared.
        let value = unsafe { &mut *self.value.get() };
        let answer = call(value.get_or_insert_default());
        self.is_taken.store(false, Ordering::Release);
        Some(answer)
    }
}

/// Buffers a host may hold at once: it needs two, an orderly one a few more.
const MAX_BUFFERS: usize = 64;
/// Bytes of one buffer: a batch and its answers.
const MAX_BUFFER: usize = 64 << 20;

#[derive(Debug, Default)]
pub(crate) struct Buffers(Vec<Buffer>);

#[derive(Debug)]
struct Buffer {
    start: *mut u8,
    layout: Layout,
}

// SAFETY: the bytes at its address belong to the buffer alone.
unsafe impl Send for Buffer {}

impl Buffers {
    /// The address of a new zeroed buffer, 0 if it is refused.
    pub(crate) fn allocate(&mut self, length: i32) -> i32 {
        let Ok(length) = usize::try_from(length) else {
            return 0;
        };
        if length == 0 || length > MAX_BUFFER || self.0.len() >= MAX_BUFFERS {
            return 0;
        }
        let Ok(layout) = Layout::from_size_align(length, 8) else {
            return 0;
        };
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            return 0;
        }
        self.0.push(Buffer { start, layout });
        address(start)
    }

    /// Zeroes a buffer and gives it back to the allocator.
    pub(crate) fn free(&mut self, pointer: i32, length: i32) {
        let found = self.0.iter().position(|buffer| {
            address(buffer.start) == pointer && usize::try_from(length) == Ok(buffer.layout.size())
        });
        let Some(index) = found else { return };
        let buffer = self.0.swap_remove(index);
        // SAFETY: the buffer was allocated with this layout, so its bytes may be written.
        unsafe { buffer.start.write_bytes(0, buffer.layout.size()) };
        // SAFETY: it was allocated with this layout and was just taken off the list of live ones.
        unsafe { dealloc(buffer.start, buffer.layout) };
    }

    /// The bytes at a pointer, if a live buffer holds them all. Of nothing, nothing is read.
    pub(crate) fn bytes(&mut self, (pointer, length): (i32, i32)) -> Option<&mut [u8]> {
        let length = usize::try_from(length).ok()?;
        if length == 0 {
            return Some(&mut []);
        }
        let buffer = self.0.iter().find_map(|buffer| {
            let offset = usize::try_from(pointer.checked_sub(address(buffer.start))?).ok()?;
            let end = offset.checked_add(length)?;
            (end <= buffer.layout.size()).then_some((buffer.start, offset))
        });
        let (start, offset) = buffer?;
        // SAFETY: offset + length is within the buffer, as just checked.
        let first = unsafe { start.add(offset) };
        // SAFETY: the bytes are initialised (zeroed when allocated), within one live buffer, and
        // borrowed from `self` for as long as they are used.
        Some(unsafe { core::slice::from_raw_parts_mut(first, length) })
    }
}

/// An address as hosts see it. The module's memory ends below 2^30, so it is positive.
pub(crate) fn address(pointer: *const u8) -> i32 {
    i32::try_from(pointer.addr()).unwrap_or(0)
}
