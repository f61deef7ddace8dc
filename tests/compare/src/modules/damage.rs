//! What can go wrong with a file on its way.

/// One fault at one step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    FlipFirst,
    FlipMiddle,
    FlipLast,
    Cut,
    Longer,
    /// Another file of the same repository.
    OtherFile,
    NotFound,
    Failed,
    /// The right bytes under another name.
    OtherName,
    /// The outcome says bytes, but no file was written.
    NoFile,
}

impl Damage {
    pub(super) const ALL: [Self; 10] = [
        Self::FlipFirst,
        Self::FlipMiddle,
        Self::FlipLast,
        Self::Cut,
        Self::Longer,
        Self::OtherFile,
        Self::NotFound,
        Self::Failed,
        Self::OtherName,
        Self::NoFile,
    ];

    /// One of each sort.
    pub(super) const FEW: [Self; 5] = [
        Self::FlipMiddle,
        Self::Cut,
        Self::OtherFile,
        Self::NotFound,
        Self::Failed,
    ];

    /// The outcome to report, and the bytes to supply with it. `other` is another file.
    pub(super) fn apply(
        self,
        file: Option<Vec<u8>>,
        other: &[u8],
    ) -> (&'static str, Option<Vec<u8>>) {
        match (self, file) {
            (Self::NotFound, _) | (Self::OtherName, None) => ("not_found", None),
            (Self::Failed, _) => ("failed", None),
            (Self::NoFile, _) => ("bytes", None),
            (Self::OtherFile, _) | (_, None) => ("bytes", Some(other.to_vec())),
            (Self::OtherName, Some(file)) => ("bytes", Some(file)),
            (Self::FlipFirst, Some(file)) => ("bytes", Some(flipped(file, 0))),
            (Self::FlipMiddle, Some(file)) => {
                let middle = file.len() / 2;
                ("bytes", Some(flipped(file, middle)))
            }
            (Self::FlipLast, Some(file)) => {
                let last = file.len().saturating_sub(1);
                ("bytes", Some(flipped(file, last)))
            }
            (Self::Cut, Some(mut file)) => {
                // No region can be opened for an empty file.
                file.truncate((file.len() / 2).max(1));
                ("bytes", Some(file))
            }
            (Self::Longer, Some(mut file)) => {
                file.push(b' ');
                ("bytes", Some(file))
            }
        }
    }
}

fn flipped(mut file: Vec<u8>, place: usize) -> Vec<u8> {
    if let Some(byte) = file.get_mut(place) {
        *byte ^= 1;
    }
    file
}
