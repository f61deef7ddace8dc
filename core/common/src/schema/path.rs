use core::fmt;

/// A position in the message schema, such as `identifiers[2].value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Segments beyond the length are never read. They are always the same, so that `Eq` can be derived.
    segments: [Segment; DEPTH],
    length: u8,
}

/// Segments of the deepest path: `coalitions[0].enrolment.keys[0].key`.
const DEPTH: usize = 6;

/// One segment of a [`Path`]: a name from the schema, never one from the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// A member.
    Name(&'static str),
    /// An element of an array, from 0.
    Index(usize),
}

impl Default for Path {
    fn default() -> Self {
        Self {
            segments: [Segment::Index(0); DEPTH],
            length: 0,
        }
    }
}

impl Path {
    /// The path one segment deeper. At the schema's full depth it stays as it is.
    #[must_use]
    pub fn then(mut self, segment: Segment) -> Self {
        if let Some(free) = self.segments.get_mut(usize::from(self.length)) {
            *free = segment;
            self.length = self.length.saturating_add(1);
        }
        self
    }

    /// The path of the member `name` of this object.
    #[must_use]
    pub fn member(self, name: &'static str) -> Self {
        self.then(Segment::Name(name))
    }

    /// The path of the element `index` of this array.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.segments.iter().take(usize::from(self.length));
        for (position, segment) in segments.enumerate() {
            match segment {
                Segment::Name(name) if position == 0 => f.write_str(name)?,
                Segment::Name(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
