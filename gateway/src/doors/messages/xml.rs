use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, Event};

use super::fault::MessageFault;
use super::walk::Walk;

/// Elements in each other. Messages of ISO 20022 have fewer than 20.
const DEEPEST: usize = 64;

/// Follows a document of XML from its beginning to its end.
///
/// Nothing is fetched and nothing expanded: a document type is refused, and of references only those to the five
/// characters of XML and to characters by number are read.
pub(super) fn follow(text: &str, walk: &mut Walk) -> Result<(), MessageFault> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut place = Position::default();
    loop {
        let event = reader.read_event().map_err(|_| MessageFault::Syntax)?;
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                place.enter()?;
                walk.open(start.local_name().into_inner())?;
            }
            Event::End(_) => {
                place.leave()?;
                walk.close()?;
            }
            Event::Empty(_) => return Err(MessageFault::Syntax),
            Event::Text(text) => place.text(walk, &text.into_inner())?,
            Event::CData(text) => place.text(walk, &text.into_inner())?,
            Event::GeneralRef(reference) => place.text(walk, &character(&reference)?)?,
            Event::Decl(declaration) => place.declaration(&declaration)?,
            Event::DocType(_) => return Err(MessageFault::DocumentType),
            Event::Comment(_) | Event::PI(_) => {}
        }
        place.is_begun = true;
    }
    place.end()
}

/// Where in the document the reader is.
#[derive(Default)]
struct Position {
    depth: usize,
    is_begun: bool,
    has_root: bool,
}

impl Position {
    fn enter(&mut self) -> Result<(), MessageFault> {
        if self.depth == 0 && self.has_root {
            return Err(MessageFault::Syntax);
        }
        if self.depth == DEEPEST {
            return Err(MessageFault::TooDeep);
        }
        self.has_root = true;
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), MessageFault> {
        self.depth = self.depth.checked_sub(1).ok_or(MessageFault::Syntax)?;
        Ok(())
    }

    fn text(&self, walk: &mut Walk, text: &str) -> Result<(), MessageFault> {
        match self.depth {
            0 if !text.trim_ascii().is_empty() => Err(MessageFault::Syntax),
            0 => Ok(()),
            _ => walk.text(text),
        }
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), MessageFault> {
        if self.is_begun {
            return Err(MessageFault::Syntax);
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("us-ascii") => Ok(()),
            Some(Ok(_)) => Err(MessageFault::Encoding),
            Some(Err(_)) => Err(MessageFault::Syntax),
        }
    }

    fn end(&self) -> Result<(), MessageFault> {
        match self.depth == 0 && self.has_root {
            true => Ok(()),
            false => Err(MessageFault::Syntax),
        }
    }
}

/// The character that a reference means.
fn character(reference: &BytesRef<'_>) -> Result<String, MessageFault> {
    let by_number = reference.resolve_char_ref();
    match by_number.map_err(|_| MessageFault::Entity)? {
        Some(character) => Ok(character.to_string()),
        None => {
            let named = resolve_xml_entity(reference);
            named.map(str::to_owned).ok_or(MessageFault::Entity)
        }
    }
}
