use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;

use super::failure::told;

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until its name is resolved, and again until the connection is established.
    pub connect: Duration,
    /// Until the answer begins.
    pub response: Duration,
    /// From the request to the last byte of a file.
    pub file: Duration,
    /// For all files of one refresh of a coalition.
    pub refresh: Duration,
}

/// Whether a file is asked for or the gzip copy of one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Plain,
    Gzip,
}

/// What a repository answered when it was asked for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// The file.
    Bytes(Vec<u8>),
    /// The repository has no such file. It said so; it was not merely unreachable.
    NotFound,
    /// Anything else: why there is no answer.
    Failed(String),
}

impl Default for Patience {
    /// A minute is enough for 40 MB over 6 Mbit/s. All of it ends well before the next hourly refresh.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(10),
            file: Duration::from_secs(60),
            refresh: Duration::from_secs(600),
        }
    }
}

fn read_bounded(source: impl Read, max_size: u32) -> Brought {
    let mut bytes = Vec::new();
    match source
        .take(u64::from(max_size).saturating_add(1))
        .read_to_end(&mut bytes)
    {
        Ok(_) if u32::try_from(bytes.len()).is_ok_and(|length| length <= max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => too_large(),
        Err(error) => Brought::Failed(told(&error)),
    }
}

impl Form {
    /// The bytes of the file, at most `max_size`. A copy is unpacked while it is read and never beyond
    /// that, however much it would hold.
    pub(crate) fn read(self, source: impl Read, max_size: u32) -> Brought {
        match self {
            Self::Plain => read_bounded(source, max_size),
            Self::Gzip => {
                let source = source.take(self.most(max_size));
                read_bounded(GzDecoder::new(source), max_size)
            }
        }
    }

    /// The most bytes that carry a file of `max_size`. Deflate stores what it cannot compress with five
    /// bytes in front of each block, of at least 8 KiB in any packer (RFC 1951, 3.2.4); the rest is for the
    /// header.
    pub(crate) fn most(self, max_size: u32) -> u64 {
        let plain = u64::from(max_size);
        match self {
            Self::Plain => plain,
            Self::Gzip => plain
                .saturating_add(u64::from(max_size >> 10))
                .saturating_add(1024),
        }
    }
}

pub(crate) fn too_large() -> Brought {
    Brought::Failed("the file is larger than it can be".to_owned())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::{self, Read, repeat};

    use flate2::{Compression, read::GzEncoder};

    use super::*;

    fn packed(content: impl Read) -> Vec<u8> {
        let mut packed = Vec::new();
        GzEncoder::new(content, Compression::best())
            .read_to_end(&mut packed)
            .unwrap();
        packed
    }

    struct Counted<'a>(&'a [u8], &'a Cell<usize>);

    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(buffer)?;
            self.1.set(self.1.get() + count);
            Ok(count)
        }
    }

    #[test]
    fn a_decompression_bomb_is_unpacked_no_further_than_the_signed_length() {
        let bomb = packed(repeat(0).take(1 << 28));
        let max_size = 1 << 20;
        assert!(
            bomb.len() > 1 << 17 && bomb.len() < 1 << 20,
            "{}",
            bomb.len()
        );
        let read = Cell::new(0);
        let brought = Form::Gzip.read(Counted(&bomb, &read), max_size);
        assert_eq!(brought, too_large());
        assert!(read.get() <= 1 << 16, "{} bytes were read", read.get());
    }

    #[test]
    fn a_copy_of_exactly_the_signed_length_is_taken() {
        let content = vec![7; 1000];
        let copy = packed(&content[..]);
        assert_eq!(Form::Gzip.read(&copy[..], 1000), Brought::Bytes(content));
        assert_eq!(Form::Gzip.read(&copy[..], 999), too_large());
    }

    #[test]
    fn noise_stored_in_small_blocks_is_no_longer_than_a_copy_may_be() {
        let noise: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).rotate_left(7).to_le_bytes())
            .collect();
        let copy = packed(&noise[..]);
        assert!(copy.len() > noise.len() / 2, "noise must not compress well");
        let length = u32::try_from(noise.len()).unwrap();
        assert_eq!(Form::Gzip.read(&copy[..], length), Brought::Bytes(noise));
    }

    #[test]
    fn a_copy_with_a_flipped_bit_or_cut_anywhere_never_gives_other_bytes() {
        let content = b"merchants of a list, and some more merchants of a list".to_vec();
        let copy = packed(&content[..]);
        for at in 0..copy.len() {
            assert!(
                matches!(Form::Gzip.read(&copy[..at], 1000), Brought::Failed(_)),
                "{at}"
            );
            for bit in 0..8 {
                let mut flipped = copy.clone();
                flipped[at] ^= 1 << bit;
                let brought = Form::Gzip.read(&flipped[..], 1000);
                let same = Brought::Bytes(content.clone());
                // The time in the header says nothing about the content.
                assert!(
                    brought == same || matches!(brought, Brought::Failed(_)),
                    "{at} {bit}"
                );
            }
        }
    }
}
