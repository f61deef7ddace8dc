use alloc::vec;
use alloc::vec::Vec;

/// A region of a bitmap has as many bits as an offset of 16 bits can name.
const REGION_BITS: u32 = 16;
/// Its bytes.
const REGION: usize = 8 << 10;

/// Bits that wait for one region, which is then read into the nearest cache once for all of them.
const WAITING: usize = 1024;

/// Places of one region. A power of two would put the places that are written into the same few lines of a cache.
const PLACES: usize = WAITING + 32;

/// Tests many bits of a bitmap that is too large for a processor's caches. Bits of the same region are tested
/// together: one after the other, each would be waited for.
pub(super) struct Probes<'b> {
    bitmap: &'b [u8],
    /// Offsets of bits in their regions, [`PLACES`] for each region.
    offsets: Vec<u16>,
    /// How many of them wait, for each region.
    waiting: Vec<usize>,
    /// Lowest bit: whether a bit is not set.
    unset: u8,
}

impl<'b> Probes<'b> {
    pub(super) fn of(bitmap: &'b [u8]) -> Self {
        let regions = bitmap.len().div_ceil(REGION);
        Self {
            bitmap,
            offsets: vec![0; regions.saturating_mul(PLACES)],
            waiting: vec![0; regions],
            unset: 0,
        }
    }

    /// Adds a bit. Outside the bitmap it counts as set, as for one tag alone.
    pub(super) fn add(&mut self, position: u64) {
        let region = usize::try_from(position.wrapping_shr(REGION_BITS)).unwrap_or(usize::MAX);
        let Some(waiting) = self.waiting.get_mut(region) else {
            return;
        };
        let place = region.wrapping_mul(PLACES).wrapping_add(*waiting);
        if let Some(offset) = self.offsets.get_mut(place) {
            *offset = u16::try_from(position & 0xffff).unwrap_or_default();
        }
        *waiting = waiting.wrapping_add(1);
        if *waiting == WAITING {
            *waiting = 0;
            self.test(region, WAITING);
        }
    }

    /// Whether all bits are set.
    pub(super) fn all_set(mut self) -> bool {
        for (region, waiting) in core::mem::take(&mut self.waiting).into_iter().enumerate() {
            self.test(region, waiting);
        }
        self.unset & 1 == 0
    }

    fn test(&mut self, region: usize, waiting: usize) {
        let bits = self.bitmap.get(region.wrapping_mul(REGION)..);
        let bits = bits.unwrap_or_default();
        let offsets = self.offsets.get(region.wrapping_mul(PLACES)..);
        // Without a branch for each, so that the processor fetches many at a time.
        for offset in offsets.unwrap_or_default().iter().take(waiting) {
            let byte = bits.get(usize::from(offset.wrapping_shr(3)));
            let byte = byte.copied().unwrap_or(u8::MAX);
            self.unset |= !byte.wrapping_shr(u32::from(offset & 7));
        }
    }
}
