use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, Tagged as _};

/// One value in DER, in the bytes it was read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'d>(AnyRef<'d>);

impl<'d> Element<'d> {
    /// The one value that these bytes hold.
    pub(super) fn read(bytes: &'d [u8]) -> Option<Self> {
        AnyRef::from_der(bytes).ok().map(Self)
    }

    pub(super) fn tag(&self) -> Tag {
        self.0.tag()
    }

    pub(super) fn value(&self) -> &'d [u8] {
        self.0.value()
    }

    /// Its content, if it is of this type.
    pub(super) fn of(&self, tag: Tag) -> Option<&'d [u8]> {
        (self.tag() == tag).then(|| self.value())
    }

    /// What lies in it, if it is tagged so.
    pub(super) fn tagged(&self, tag: Tag) -> Option<Self> {
        Self::read(self.of(tag)?)
    }

    pub(super) fn oid(&self) -> Option<ObjectIdentifier> {
        self.0.decode_as().ok()
    }

    /// The values in it, if it is constructed.
    pub(super) fn members(&self) -> Option<Vec<Self>> {
        if !self.tag().is_constructed() {
            return None;
        }
        let mut members = Vec::new();
        if self.value().is_empty() {
            return Some(members);
        }
        let mut reader = SliceReader::new(self.value()).ok()?;
        while !reader.is_finished() {
            members.push(Self(reader.decode().ok()?));
        }
        Some(members)
    }

    /// Its bytes.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        self.whole_as(self.tag())
    }

    /// Its bytes, as a value of another type.
    pub(super) fn whole_as(&self, tag: Tag) -> Option<Vec<u8>> {
        let any = AnyRef::new(tag, self.value()).ok()?;
        let length = usize::try_from(any.encoded_len().ok()?).ok()?;
        let mut bytes = vec![0; length];
        any.encode_to_slice(&mut bytes).ok()?;
        Some(bytes)
    }
}
