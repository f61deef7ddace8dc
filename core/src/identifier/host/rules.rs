use crate::identifier::rule::{Rule, Words};

impl Rule {
    pub(in crate::identifier) const HOST_CHARACTER: Self = Self(&Words::new(
        "host_character",
        "has a character that host names do not have; use letters, digits, hyphen, underscore and dot",
    ));
    pub(in crate::identifier) const HOST_MISSING: Self =
        Self(&Words::new("host_missing", "has no host name"));
    pub(in crate::identifier) const IDNA: Self = Self(&Words::new(
        "idna",
        "a label is not a valid internationalised name (UTS #46)",
    ));
    pub(in crate::identifier) const LABEL_TOO_LONG: Self = Self(&Words::new(
        "label_too_long",
        "a label is longer than 63 bytes",
    ));
    pub(in crate::identifier) const NAME_TOO_LONG: Self = Self(&Words::new(
        "name_too_long",
        "the name is longer than 253 bytes",
    ));
    pub(in crate::identifier) const SINGLE_LABEL: Self = Self(&Words::new(
        "single_label",
        "a name of one label belongs to no merchant",
    ));
    pub(in crate::identifier) const IPV4: Self = Self(&Words::new(
        "ipv4",
        "ends in a number but is not an IPv4 address",
    ));
    pub(in crate::identifier) const IPV6: Self = Self(&Words::new(
        "ipv6",
        "is not an IPv6 address; write it in brackets, without a zone",
    ));
    pub(in crate::identifier) const URL_TOO_LONG: Self = Self(&Words::new(
        "url_too_long",
        "the web address is longer than 8192 bytes",
    ));
    pub(in crate::identifier) const URL_SCHEME: Self = Self(&Words::new(
        "url_scheme",
        "the web address has a scheme other than http or https",
    ));
    pub(in crate::identifier) const URL_PORT: Self = Self(&Words::new(
        "url_port",
        "the port of the web address is not a number",
    ));
}
