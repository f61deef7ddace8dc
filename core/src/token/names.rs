use core::cell::OnceCell;
use core::fmt;

use crate::identifier::{Identifier, LookUp};

use super::digest::NameDigest;
use super::key::{ListKey, Tag};

/// The most names that an identifier is looked up under: a domain, its five parents and two labels.
/// The tag of a further one would be right, and digested anew for each list.
const KEPT: usize = 8;

/// An identifier with the digests of its names, for asking any number of lists. Each is computed when
/// the first list that covers the name is asked.
pub struct Names<'i> {
    identifier: &'i Identifier,
    digests: [OnceCell<NameDigest>; KEPT],
}

/// One name of an identifier: itself, a parent domain or a label.
pub struct Name<'n> {
    /// What a list is asked.
    pub look_up: LookUp<'n>,
    digest: Option<&'n OnceCell<NameDigest>>,
}

impl<'i> Names<'i> {
    /// Takes an identifier; nothing is computed yet.
    #[must_use]
    pub const fn new(identifier: &'i Identifier) -> Self {
        Self {
            identifier,
            digests: [const { OnceCell::new() }; KEPT],
        }
    }

    /// The identifier that was given.
    #[must_use]
    pub const fn identifier(&self) -> &'i Identifier {
        self.identifier
    }

    /// The names in the order of [`Identifier::look_ups`].
    pub fn iter(&self) -> impl Iterator<Item = Name<'_>> {
        let kept = self.digests.iter().map(Some);
        let digests = kept.chain(core::iter::repeat(None));
        let names = self.identifier.look_ups().zip(digests);
        names.map(|(look_up, digest)| Name { look_up, digest })
    }
}

impl Name<'_> {
    /// The tag of the name under a key.
    #[must_use]
    pub fn tag(&self, key: &ListKey) -> Tag {
        let digest = || NameDigest::new(self.look_up.kind, self.look_up.canonical);
        match self.digest {
            Some(kept) => key.tag_of(kept.get_or_init(digest)),
            None => key.tag_of(&digest()),
        }
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names(unkeyed)")
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(unkeyed)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::Kind;

    fn domain(name: &str) -> Identifier {
        Identifier::parse(Kind::Domain, name).expect("a domain")
    }

    #[test]
    fn a_name_has_the_same_tag_whether_its_digest_is_kept_or_not() {
        let deep = domain("a.b.c.d.e.f.shop.example");
        let names = Names::new(&deep);
        let keys = [ListKey::new([1; 32]), ListKey::new([2; 32])];
        for key in keys.iter().chain(&keys) {
            for name in names.iter() {
                let LookUp {
                    kind, canonical, ..
                } = name.look_up;
                let alone = Name {
                    digest: None,
                    ..name
                };
                assert_eq!(name.tag(key), key.tag(kind, canonical));
                assert_eq!(alone.tag(key), key.tag(kind, canonical));
            }
        }
    }

    #[test]
    fn a_digest_is_kept_for_the_next_key_and_only_made_when_needed() {
        let shop = domain("pay.shop.example");
        let names = Names::new(&shop);
        let made = || names.digests.iter().filter(|one| one.get().is_some());
        assert_eq!(made().count(), 0);
        let first = names.iter().next().expect("a name");
        let _ = first.tag(&ListKey::new([1; 32]));
        let digest = names.digests[0].get().expect("a digest").bytes().as_ptr();
        let _ = first.tag(&ListKey::new([2; 32]));
        let kept = names.digests[0].get().expect("a digest").bytes().as_ptr();
        assert_eq!((made().count(), kept), (1, digest));
    }

    #[test]
    fn every_name_is_kept_and_none_is_lost() {
        let deepest = domain("a.b.c.d.e.f.g.h.shop.example");
        let names = Names::new(&deepest);
        assert!(names.iter().map(|name| name.look_up).eq(deepest.look_ups()));
        assert!(names.iter().all(|name| name.digest.is_some()));
    }

    #[test]
    fn digests_are_not_printed() {
        let shop = domain("shop.example");
        let names = Names::new(&shop);
        let tags = names.iter().map(|name| name.tag(&ListKey::new([1; 32])));
        assert_eq!(tags.count(), 2);
        let name = names.iter().next();
        assert_eq!(
            format!("{names:?} {name:?}"),
            "Names(unkeyed) Some(Name(unkeyed))"
        );
    }
}
