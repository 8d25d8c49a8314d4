//! A heap that forgets nothing: while keeping is on, what is freed is set aside with its content, and can be searched at the
//! end. All of its memory begins as zeros, so that every byte may be read.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr::null_mut,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst},
};

/// How many blocks can be kept.
const ROOM: usize = 1 << 18;

#[expect(clippy::declare_interior_mutable_const, reason = "it fills an array")]
const EMPTY: Slot = Slot { start: AtomicPtr::new(null_mut()), size: AtomicUsize::new(0) };

struct Slot {
    start: AtomicPtr<u8>,
    size: AtomicUsize,
}

static KEEPING: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicUsize = AtomicUsize::new(0);
static SLOTS: [Slot; ROOM] = [EMPTY; ROOM];

pub(crate) struct Heap;

// SAFETY: everything is left to the system's allocator except the end of a block, which may be delayed indefinitely: only the search touches a
// block that its owner has freed. Growing goes through the default of the trait, which allocates, copies and frees.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if KEEPING.load(SeqCst) {
            let at = NEXT.fetch_add(1, SeqCst);
            assert!(at < ROOM, "more is freed than can be kept");
            SLOTS[at].size.store(layout.size(), SeqCst);
            SLOTS[at].start.store(start, SeqCst);
        } else {
            // SAFETY: as above.
            unsafe { System.dealloc(start, layout) }
        }
    }
}

/// What was freed meanwhile, by any code.
pub(crate) fn freed_by<T>(act: impl FnOnce() -> T) -> (T, Vec<&'static [u8]>) {
    NEXT.store(0, SeqCst);
    KEEPING.store(true, SeqCst);
    let value = act();
    KEEPING.store(false, SeqCst);
    let kept = SLOTS[..NEXT.load(SeqCst)].iter().map(|slot| {
        // Another thread may have its number and not yet have said which block it is.
        while slot.start.load(SeqCst).is_null() {
            std::thread::yield_now();
        }
        let (start, size) = (slot.start.swap(null_mut(), SeqCst), slot.size.load(SeqCst));
        // SAFETY: the block was freed by its owner and is never given back; it was zeroed when it was made.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts(start, size)
        }
    });
    (value, kept.collect())
}
