//! JSON text without spaces, as `serde_json` writes it, in as few instructions as possible: what depends on
//! a type is one call for each member.

use alloc::vec::Vec;
use core::fmt;

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};

/// A 64-bit number has at most this many digits.
const DIGITS: usize = 20;

/// A byte repeated in a word.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte of a word.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The value is none that a message has: it holds a float, bytes or a variant with several fields, or its own
/// `Serialize` failed. No type of this project does any of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwritable;

/// Writes one value.
pub(super) struct Writer<'o>(pub(super) &'o mut Vec<u8>);

/// An array or object under way.
pub(super) struct Members<'w, 'o> {
    writer: &'w mut Writer<'o>,
    /// Nothing was written yet.
    is_empty: bool,
    close: u8,
}

impl<'o> Writer<'o> {
    #[inline(never)]
    fn signed(&mut self, number: i64) {
        if number < 0 {
            self.0.push(b'-');
        }
        self.unsigned(number.unsigned_abs());
    }

    #[inline(never)]
    fn unsigned(&mut self, mut number: u64) {
        let mut digits = [0; DIGITS];
        let mut length = 0_usize;
        for digit in digits.iter_mut().rev() {
            let [last, ..] = number.wrapping_rem(10).to_le_bytes();
            *digit = last.wrapping_add(b'0');
            number = number.wrapping_div(10);
            length = length.wrapping_add(1);
            if number == 0 {
                break;
            }
        }
        let begin = DIGITS.saturating_sub(length);
        self.0
            .extend_from_slice(digits.get(begin..).unwrap_or_default());
    }

    /// A string, with the escapes that JSON requires and no others.
    #[inline(never)]
    fn text(&mut self, text: &str) {
        let out = &mut *self.0;
        out.push(b'"');
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            if needs_escape(u64::from_le_bytes(*word)) {
                word.iter().for_each(|byte| escaped(*byte, out));
            } else {
                out.extend_from_slice(word);
            }
        }
        rest.iter().for_each(|byte| escaped(*byte, out));
        out.push(b'"');
    }

    fn open<'w>(&'w mut self, open: u8, close: u8) -> Members<'w, 'o> {
        self.0.push(open);
        Members {
            writer: self,
            is_empty: true,
            close,
        }
    }
}

impl Members<'_, '_> {
    /// Writes what stands before an item.
    #[inline(never)]
    fn next(&mut self) {
        if !self.is_empty {
            self.writer.0.push(b',');
        }
        self.is_empty = false;
    }

    /// Writes the name of a member, of letters that need no escape.
    #[inline(never)]
    fn name(&mut self, name: &'static str) {
        self.next();
        let out = &mut *self.writer.0;
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    }

    fn close(self) {
        self.writer.0.push(self.close);
    }
}

/// Whether any of the eight bytes is a quotation mark, a backslash or a control character.
const fn needs_escape(word: u64) -> bool {
    let quote = word ^ EACH.wrapping_mul(0x22);
    let backslash = word ^ EACH.wrapping_mul(0x5c);
    // A byte below the number borrows from its highest bit, which must not have been set before.
    let found = (quote.wrapping_sub(EACH) & !quote)
        | (backslash.wrapping_sub(EACH) & !backslash)
        | (word.wrapping_sub(EACH.wrapping_mul(0x20)) & !word);
    found & HIGH != 0
}

fn escaped(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        ..0x20 => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&crate::hex::digits(byte));
            return;
        }
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

impl<'w, 'o> Serializer for &'w mut Writer<'o> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Members<'w, 'o>;
    type SerializeTuple = Members<'w, 'o>;
    type SerializeTupleStruct = Members<'w, 'o>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Members<'w, 'o>;
    type SerializeStruct = Members<'w, 'o>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.0.extend_from_slice(text);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unwritable> {
        self.signed(value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        self.unsigned(value);
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let mut members = self.open(b'{', b'}');
        members.name(variant);
        value.serialize(&mut *members.writer)?;
        members.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'w, 'o>, Unwritable> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'w, 'o>, Unwritable> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Members<'w, 'o>, Unwritable> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'w, 'o>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'w, 'o>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(Unwritable)
    }
}

/// The traits of what JSON writes as an array, each with its name for an item.
macro_rules! arrays {
    ($($array:ident::$item:ident,)*) => {
        $(
            impl $array for Members<'_, '_> {
                type Ok = ();
                type Error = Unwritable;

                fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                    self.next();
                    value.serialize(&mut *self.writer)
                }

                fn end(self) -> Result<(), Unwritable> {
                    self.close();
                    Ok(())
                }
            }
        )*
    };
}

arrays! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
}

impl SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.next();
        let begin = self.writer.0.len();
        key.serialize(&mut *self.writer)?;
        // Only a string names a member.
        if self.writer.0.get(begin) != Some(&b'"') {
            return Err(Unwritable);
        }
        self.writer.0.push(b':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Members<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.name(name);
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be written as JSON")
    }
}

impl core::error::Error for Unwritable {}

impl serde::ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
