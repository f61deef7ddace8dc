use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fault::MessageFault;
use super::walk::Walk;

/// Follows a JSON text. An array stands for its elements, each under the array's name.
pub(super) fn follow(text: &str, walk: &mut Walk) -> Result<(), MessageFault> {
    let fault = Cell::new(None);
    let walked = Walked {
        walk: RefCell::new(walk),
        fault: &fault,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Root(&walked).deserialize(&mut deserializer);
    match (fault.get(), read.and_then(|()| deserializer.end())) {
        (Some(fault), _) => Err(fault),
        (None, Err(_)) => Err(MessageFault::Syntax),
        (None, Ok(())) => Ok(()),
    }
}

struct Walked<'w> {
    walk: RefCell<&'w mut Walk>,
    /// The reason to report: serde only says that it failed.
    fault: &'w Cell<Option<MessageFault>>,
}

impl Walked<'_> {
    fn step<T, E: Error>(
        &self,
        step: impl FnOnce(&mut Walk) -> Result<T, MessageFault>,
    ) -> Result<T, E> {
        let mut walk = self.walk.borrow_mut();
        step(&mut walk).map_err(|fault| {
            self.fault.set(Some(fault));
            E::custom("refused")
        })
    }

    fn members<'de, A: MapAccess<'de>>(&self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            let is_read = self.walk.borrow().reads(&name);
            if is_read {
                members.next_value_seed(Member {
                    walked: self,
                    name: &name,
                })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The whole text, which is one object.
struct Root<'r, 'w>(&'r Walked<'w>);

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        self.0.members(members)
    }
}

/// The value of a member that is on the way.
#[derive(Clone, Copy)]
struct Member<'r, 'w> {
    walked: &'r Walked<'w>,
    name: &'r str,
}

impl Member<'_, '_> {
    /// A value that no field of a message has.
    fn odd<E: Error>(self) -> Result<(), E> {
        self.walked.step(|_| Err(MessageFault::Form))
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field of a message")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.odd()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.odd()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.odd()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.odd()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.walked.step(|walk| {
            walk.open(self.name)?;
            walk.text(text)?;
            walk.close()
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        self.walked.step(|walk| walk.open_group(self.name))?;
        self.walked.members(members)?;
        self.walked.step(Walk::close)
    }
}
