//! The expected verdicts on a class of repositories, and the clients that give them.

/// A client that gives verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// The client in our module.
    Ours,
    /// python-tuf, the reference implementation.
    Python,
    /// sigstore-tuf.
    Sigstore,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Python, Self::Sigstore];

    /// The name in commands and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Python => "python-tuf",
            Self::Sigstore => "sigstore-tuf",
        }
    }
}

/// The class of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The target's bytes.
    Accepted,
    /// Everything verified, and no role lists the target.
    Absent,
    /// Something did not verify. This includes a delegated role that cannot be verified, whether the client
    /// reports it or says that the target cannot be found (TUF 1.0.34 §5.6.7 allows both).
    Refused,
}

impl Said {
    /// In reports and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Absent => "absent",
            Self::Refused => "refused",
        }
    }
}

/// One class of repositories.
#[derive(Debug)]
pub struct Defect {
    /// Its name, the same in `tests/python`.
    pub name: &'static str,
    /// The verdict that the specification demands.
    pub wanted: Said,
    /// The section of TUF 1.0.34 that demands it; empty where the specification is silent and we chose.
    pub section: &'static str,
    /// The clients that give another verdict. If one of them agrees after all, the run fails too.
    pub differences: &'static [Difference],
}

/// A client that differs.
#[derive(Debug)]
pub struct Difference(pub Client, pub Said, pub &'static str);

impl Defect {
    pub(super) const fn new(name: &'static str, wanted: Said, section: &'static str) -> Self {
        Self {
            name,
            wanted,
            section,
            differences: &[],
        }
    }

    pub(super) const fn but(self, differences: &'static [Difference]) -> Self {
        Self {
            differences,
            ..self
        }
    }

    fn difference(&self, client: Client) -> Option<&Difference> {
        self.differences
            .iter()
            .find(|difference| difference.0 == client)
    }

    /// The verdict that this client is known to give.
    #[must_use]
    pub fn expected(&self, client: Client) -> Said {
        self.difference(client)
            .map_or(self.wanted, |difference| difference.1)
    }

    /// Why it gives that verdict.
    #[must_use]
    pub fn reason(&self, client: Client) -> String {
        match (self.difference(client), self.section) {
            (Some(difference), _) => format!("known difference: {}", difference.2),
            (None, "") => "our choice".to_owned(),
            (None, section) => format!("specification {section}"),
        }
    }

    /// Its row in the table of `docs/trust.md`, if a client differs.
    #[must_use]
    pub fn row(&self) -> Option<String> {
        let cell = |client| {
            let difference = self.difference(client);
            difference.map_or(String::new(), |Difference(_, said, reason)| {
                format!("{}: {reason}", said.word())
            })
        };
        let cells = Client::ALL.map(cell).join(" | ");
        let section = if self.section.is_empty() {
            "silent".to_owned()
        } else {
            format!("§{}", self.section)
        };
        let wanted = self.wanted.word();
        let differs = !self.differences.is_empty();
        differs.then(|| format!("| {} | {wanted}, {section} | {cells} |", self.name))
    }
}
