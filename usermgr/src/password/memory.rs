//! The working memory of a hashing thread. It is reused from job to job.

use std::collections::TryReserveError;

use argon2::Block;
use zeroize::Zeroize;

/// The smallest capacity, in blocks. glibc's allocator maps allocations of more than 32 MiB separately and unmaps them
/// when they are freed. It keeps smaller ones after the first time, so the memory of a thread would never be returned
/// to the system. Untouched memory takes no space.
const MAPPED: usize = if cfg!(all(target_os = "linux", target_env = "gnu")) { 33 * 1024 } else { 0 };

/// The working memory of one thread, in blocks of 1 KiB. It is wiped before it is freed.
#[derive(Default)]
pub(super) struct HashMemory(Vec<Block>);

impl HashMemory {
    /// Returns `count` blocks. They contain data of the last job.
    ///
    /// # Errors
    /// The allocation error.
    pub(super) fn blocks(&mut self, count: usize) -> Result<&mut [Block], TryReserveError> {
        if self.0.len() < count {
            // A reallocation could leave an unwiped copy behind.
            self.wipe();
            self.0.try_reserve_exact(count.max(MAPPED))?;
            self.0.resize(count, Block::new());
        }
        Ok(&mut self.0[..count])
    }

    /// Frees everything if it is more than `count` blocks.
    pub(super) fn keep_at_most(&mut self, count: usize) {
        if self.0.len() > count {
            self.wipe();
        }
    }

    /// Returns the number of blocks.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Wipes and frees the memory.
    pub(super) fn wipe(&mut self) {
        self.0.iter_mut().zeroize();
        self.0 = Vec::new();
    }
}

impl Drop for HashMemory {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_cannot_be_had_is_an_error_and_no_abort() {
        let mut memory = HashMemory::default();
        memory.blocks(1).unwrap();
        assert!(memory.blocks(usize::MAX / 2).is_err());
        assert_eq!(memory.blocks(1).unwrap().len(), 1);
    }

    #[test]
    fn it_grows_when_it_must_and_shrinks_on_request() {
        let mut memory = HashMemory::default();
        for (count, held) in [(64, 64), (16, 64), (65, 65), (0, 65)] {
            assert_eq!(memory.blocks(count).unwrap().len(), count);
            assert_eq!(memory.len(), held);
        }
        memory.keep_at_most(65);
        assert_eq!(memory.len(), 65);
        memory.keep_at_most(64);
        assert_eq!(memory.len(), 0);
    }
}
