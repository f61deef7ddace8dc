//! The hotlines that take reports of child sexual abuse material, by country: the members of INHOPE and, for
//! Canada and Switzerland, the national hotline. A country is here if its hotline's address was read on the
//! hotline's own pages or in INHOPE's directory of members (inhope.org/EN/our-members).

/// The hotline's web address by country (ISO 3166-1), in the order of the codes.
const HOTLINES: [(&str, &str); 33] = [
    ("AT", "stopline.at"),
    ("AU", "esafety.gov.au/report"),
    ("BE", "childfocus.be"),
    ("BR", "new.safernet.org.br/denuncie"),
    ("CA", "cybertip.ca"),
    ("CH", "clickandstop.ch"),
    ("CZ", "stoponline.cz"),
    ("DE", "internet-beschwerdestelle.de"),
    ("DK", "redbarnet.dk/anmelddet"),
    ("EE", "vihjeliin.ee"),
    ("ES", "incibe.es/menores/hotline"),
    ("FI", "nettivihje.fi"),
    ("FR", "pointdecontact.net"),
    ("GB", "report.iwf.org.uk"),
    ("GR", "safeline.gr"),
    ("HU", "internethotline.hu"),
    ("IE", "hotline.ie"),
    ("IN", "report.iwf.org.uk/in"),
    ("IT", "stop-it.savethechildren.it"),
    ("JP", "internethotline.jp"),
    ("MX", "teprotejomexico.org"),
    ("NG", "acsaing.org"),
    ("NL", "meldpunt.offlimits.nl"),
    ("NZ", "report.netsafe.org.nz"),
    ("PH", "ecpat.org.ph/report"),
    ("PL", "dyzurnet.pl"),
    ("PT", "internetsegura.pt"),
    ("RS", "netpatrola.rs"),
    ("SE", "ecpat.se/hotline"),
    ("SI", "spletno-oko.si"),
    ("SK", "stopline.sk"),
    ("US", "report.cybertip.org"),
    ("ZA", "fpb.org.za"),
];

/// The hotline of a country, two capital letters; `None` if the table has none.
#[must_use]
pub fn hotline(country: &str) -> Option<&'static str> {
    let mut hotlines = HOTLINES.iter();
    let found = hotlines.find(|(code, _)| *code == country);
    found.map(|(_, address)| *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_named_once_and_every_address_can_be_shown() {
        assert!(HOTLINES.is_sorted_by(|(one, _), (other, _)| one < other));
        for (code, address) in HOTLINES {
            assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            let host = address.split('/').next().unwrap();
            assert!(host.contains('.') && address.is_ascii(), "{address}");
            assert!(!address.contains(' ') && address.len() < 60, "{address}");
        }
    }

    /// Codes that ISO 3166-1 reserves for tests and for private use are no country's.
    #[test]
    fn a_country_without_a_hotline_and_a_reserved_code_have_none() {
        assert_eq!(hotline("SE"), Some("ecpat.se/hotline"));
        for code in ["AA", "QM", "XA", "XX", "ZZ", "se", "SWE", ""] {
            assert_eq!(hotline(code), None, "{code}");
        }
    }
}
