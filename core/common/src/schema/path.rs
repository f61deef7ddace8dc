use core::fmt;

/// Where in the message schema something stands, such as `identifiers[2].value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Those beyond the length are never read, and always the same.
    segments: [Segment; DEPTH],
    length: u8,
}

/// Steps of the deepest path, `policy.coalitions[0].coverage_by_kind.domain`.
const DEPTH: usize = 5;

/// One step of a [`Path`]: a name of the schema, never one that was sent.
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
    /// One step further down; beyond the schema's depth the path stays where it is.
    #[must_use]
    pub fn then(mut self, segment: Segment) -> Self {
        if let Some(free) = self.segments.get_mut(usize::from(self.length)) {
            *free = segment;
            self.length = self.length.saturating_add(1);
        }
        self
    }

    /// The member `name` of what stands here.
    #[must_use]
    pub fn member(self, name: &'static str) -> Self {
        self.then(Segment::Name(name))
    }

    /// The element `index` of what stands here.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// The place that `inner` names below this one.
    #[must_use]
    pub fn join(self, inner: Self) -> Self {
        let steps = inner.segments.into_iter().take(usize::from(inner.length));
        steps.fold(self, Self::then)
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
