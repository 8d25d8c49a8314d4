//! The working memory of a hashing thread: a number of blocks goes in, that many blocks come out, most often the ones of the last job.

use std::collections::TryReserveError;

use argon2::Block;
use zeroize::Zeroize;

/// The least capacity, in blocks. glibc's allocator maps blocks of more than 32 MiB apart and unmaps them when they are freed; smaller
/// ones it keeps for itself after the first time, and the memory of a thread would never go back to the system. What is not touched
/// takes no memory.
const MAPPED: usize = if cfg!(all(target_os = "linux", target_env = "gnu")) { 33 * 1024 } else { 0 };

/// The working memory of one thread, in blocks of 1 KiB. It is wiped before it is freed.
#[derive(Default)]
pub(super) struct HashMemory(Vec<Block>);

impl HashMemory {
    /// `count` blocks with whatever the last job left in them.
    ///
    /// # Errors
    /// The allocator's refusal.
    pub(super) fn blocks(&mut self, count: usize) -> Result<&mut [Block], TryReserveError> {
        if self.0.len() < count {
            // Not grown in place: that could leave an unwiped copy behind.
            self.wipe();
            self.0.try_reserve_exact(count.max(MAPPED))?;
            self.0.resize(count, Block::new());
        }
        Ok(&mut self.0[..count])
    }

    /// Gives everything back when it is more than `count` blocks.
    pub(super) fn keep_at_most(&mut self, count: usize) {
        if self.0.len() > count {
            self.wipe();
        }
    }

    /// How many blocks there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Wipes it and gives it back.
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
    fn it_grows_when_it_must_and_shrinks_when_told() {
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
