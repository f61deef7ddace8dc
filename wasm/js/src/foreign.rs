//! Reading values that other code made. Getters, proxies and symbols run that code in the middle of
//! a read; an exception it throws must come back as a refusal, because one that flew through this
//! module would leave it half done. So whatever can run foreign code is called here and caught, and
//! what remains for `serde_wasm_bindgen` runs none.
//!
//! Objects and arrays are what `Object.prototype.toString` says they are. A `Map`, `Date`, typed
//! array, function or promise is refused: their members are not where a message's members are, and
//! a forgotten `await` must not become an empty policy.

use std::cell::Cell;
use std::thread::LocalKey;

use interdict_core::common::json::{Value, read as read_json};
use interdict_core::common::schema::{Fault, LIMITS, Path};
use js_sys::{Array, ArrayBuffer, ArrayIntoIter, JsString, Reflect, Uint8Array};
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_wasm_bindgen::{Deserializer, Error as Refused};
use wasm_bindgen::prelude::*;

use crate::exception::{exception, out_of_memory};

/// The bytes of one file; as for the module.
const MAX_FILE: u32 = 512 << 20;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(value: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(js_name = Uint8Array)]
    type Copy;

    #[wasm_bindgen(catch, constructor, js_class = Uint8Array)]
    fn of(bytes: &JsValue) -> Result<Copy, JsValue>;

    type ForeignArray;

    #[wasm_bindgen(catch, method, getter)]
    fn length(this: &ForeignArray) -> Result<JsValue, JsValue>;
}

thread_local! {
    static OBJECT: JsValue = "[object Object]".into();
    static ARRAY: JsValue = "[object Array]".into();
    static BYTES: JsValue = "[object Uint8Array]".into();
}

/// Reads one message. Its size is that of its texts in UTF-16 units, which is at most the size of
/// the same message as JSON, and is counted before a text is copied.
pub(crate) fn read(value: JsValue, max_size: usize) -> Result<Value<'static>, JsValue> {
    let budget = Cell::new(Some(max_size));
    read_json(
        Foreign {
            value,
            budget: &budget,
        },
        LIMITS,
    )
    .map_err(|error| {
        let fault = if budget.get().is_none() {
            Fault::TooLarge
        } else {
            Fault::Json(error)
        };
        exception(&Path::default().error(fault).into())
    })
}

/// Copies a file, if there is one.
pub(crate) fn bytes(value: &JsValue) -> Result<Option<Vec<u8>>, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let refuse = || {
        let file = Path::default().member("file");
        exception(&file.error(Fault::WrongType).into())
    };
    // `instanceof` would refuse the arrays of another frame or test runner.
    if !ArrayBuffer::is_view(value) || !tag(value).is_ok_and(|tag| is(&tag, &BYTES)) {
        return Err(refuse());
    }
    // A detached array, or one whose length was redefined, would throw while it is copied.
    let copy = Copy::of(value)
        .map_err(|_| refuse())?
        .unchecked_into::<Uint8Array>();
    let length = copy.length();
    let mut bytes = Vec::new();
    if length > MAX_FILE || bytes.try_reserve_exact(length as usize).is_err() {
        return Err(out_of_memory());
    }
    bytes.resize(length as usize, 0);
    copy.copy_to(&mut bytes);
    Ok(Some(bytes))
}

/// What is left of a message's size; nothing once it was exceeded.
type Budget = Cell<Option<usize>>;

/// A value of a message.
struct Foreign<'b> {
    value: JsValue,
    budget: &'b Budget,
}

struct Elements<'b> {
    array: ForeignArray,
    next: u32,
    length: u32,
    budget: &'b Budget,
}

struct Members<'b> {
    pairs: ArrayIntoIter,
    value: JsValue,
    budget: &'b Budget,
}

fn refused() -> Refused {
    de::Error::custom("refused")
}

/// Compares without copying either text out of JavaScript.
fn is(tag: &JsValue, expected: &'static LocalKey<JsValue>) -> bool {
    expected.with(|expected| tag == expected)
}

/// Copies a text, once its length is paid for. Half a surrogate pair would be copied as U+FFFD; as
/// in a message of bytes it is refused.
fn text(value: &JsString, budget: &Budget) -> Result<String, Refused> {
    let left = budget
        .get()
        .and_then(|left| left.checked_sub(value.length() as usize));
    budget.set(left);
    left.ok_or_else(refused)?;
    let text = String::from(value);
    if text.contains('\u{fffd}') && !value.is_valid_utf16() {
        return Err(refused());
    }
    Ok(text)
}

impl<'de> de::Deserializer<'de> for Foreign<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Self { value, budget } = self;
        if let Some(string) = value.dyn_ref::<JsString>() {
            return visitor.visit_string(text(string, budget)?);
        }
        if value.is_function() || value.is_symbol() {
            return Err(refused());
        }
        if !value.is_object() {
            return Deserializer::from(value).deserialize_any(visitor);
        }
        let tag = tag(&value)?;
        if is(&tag, &OBJECT) {
            let pairs = entries(&value)?.into_iter();
            visitor.visit_map(Members {
                pairs,
                value: JsValue::UNDEFINED,
                budget,
            })
        } else if is(&tag, &ARRAY) {
            let array: ForeignArray = value.unchecked_into();
            let length = array.length()?.as_f64().ok_or_else(refused)? as u32;
            visitor.visit_seq(Elements {
                array,
                next: 0,
                length,
                budget,
            })
        } else {
            Err(refused())
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refused> {
        if self.next >= self.length {
            return Ok(None);
        }
        let value = Reflect::get_u32(&self.array, self.next)?;
        self.next += 1;
        seed.deserialize(Foreign {
            value,
            budget: self.budget,
        })
        .map(Some)
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        for pair in self.pairs.by_ref() {
            let pair: Array = pair.unchecked_into();
            self.value = pair.get(1);
            // `undefined` is how JavaScript says that a member is missing.
            if !self.value.is_undefined() {
                let name = Foreign {
                    value: pair.get(0),
                    budget: self.budget,
                };
                return seed.deserialize(name).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let value = core::mem::take(&mut self.value);
        seed.deserialize(Foreign {
            value,
            budget: self.budget,
        })
    }
}
