//! The numbers of companies and of persons, country by country, where signs between groups say nothing.

use super::check_digits as check;

/// Numbers of one form, and their check.
pub(super) struct Form {
    pattern: &'static str,
    check: fn(&str) -> bool,
}

/// What the numbers of a country look like.
pub(super) struct Register {
    country: &'static str,
    /// Numbers of persons, which are refused: they are looked at first.
    persons: &'static [&'static str],
    companies: &'static [Form],
}

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Company,
    WrongCheckDigit,
    Person,
    Neither,
}

const fn plain(pattern: &'static str) -> Form {
    checked(pattern, |_| true)
}

const fn checked(pattern: &'static str, check: fn(&str) -> bool) -> Form {
    Form { pattern, check }
}

/// In a pattern `#` is a digit, `?` a digit that may be missing at the end, `@` a letter, `*` either, `&` a letter of
/// Mexican names, `[...]` one of these characters, and anything else itself.
#[rustfmt::skip]
const REGISTERS: [Register; 34] = [
    // CUIT: 30 to 34 are companies, 20 to 27 persons.
    Register { country: "AR", persons: &["2##########"], companies: &[checked("3[034]#########", check::argentina)] },
    // ACN, ABN.
    Register { country: "AU", persons: &[], companies: &[checked("#########", check::australia), checked("###########", check::australian_business)] },
    // EIK; the EGN of persons has ten digits.
    Register { country: "BG", persons: &["##########"], companies: &[checked("#########", check::bulgaria)] },
    // CNPJ, with letters from 2026 on; the CPF of persons has eleven digits.
    Register { country: "BR", persons: &["###########"], companies: &[checked("************##", check::brazil)] },
    // UID.
    Register { country: "CH", persons: &[], companies: &[checked("CHE#########", check::switzerland)] },
    // RUT: companies from 50 million on.
    Register { country: "CL", persons: &["[01234]#######*", "#######*"], companies: &[checked("[56789]#######*", check::chile)] },
    // Unified social credit code: 9 is the register of businesses; an identity card begins with 1 to 8.
    Register { country: "CN", persons: &["[12345678]################*"], companies: &[checked("9*****************", check::china)] },
    // ICO; a birth number has nine or ten digits.
    Register { country: "CZ", persons: &["#########?"], companies: &[checked("########", check::czechia)] },
    // Registrikood; the isikukood of persons has eleven digits.
    Register { country: "EE", persons: &["###########"], companies: &[checked("[1789]#######", check::estonia)] },
    // NIF: persons have the letter at the end, or K, L, M, X, Y, Z first.
    Register { country: "ES", persons: &["########@", "[KLMXYZ]#######@"], companies: &[checked("[ABCDEFGHJNPQRSUVW]#######*", check::spain)] },
    // MBS; the OIB is of companies and persons alike.
    Register { country: "HR", persons: &["###########"], companies: &[plain("########?")] },
    // Cegjegyzekszam: courts 01 to 20; the tax number of persons begins with 8.
    Register { country: "HU", persons: &["8#########"], companies: &[plain("[01]#########"), plain("20########")] },
    // Companies begin with 5.
    Register { country: "IL", persons: &["[012346789]########"], companies: &[checked("5########", check::luhn)] },
    // CIN, LLPIN; the fourth letter of a PAN says what it is of.
    Register { country: "IN", persons: &["@@@P@####@"], companies: &[plain("[LU]#####@@####@@@######"), plain("@@@####")] },
    // Kennitala: companies add 40 to the day.
    Register { country: "IS", persons: &["[0123]#########"], companies: &[checked("[4567]#########", check::iceland)] },
    // Codice fiscale: of persons it has sixteen characters.
    Register { country: "IT", persons: &["@@@@@@**********"], companies: &[checked("###########", check::luhn)] },
    // Corporate number; My Number of persons has twelve digits.
    Register { country: "JP", persons: &["############"], companies: &[checked("#############", check::japan)] },
    // Corporate registration number, which begins with a court from 11 to 28 where that of a person has the year of
    // birth; business registration number.
    Register { country: "KR", persons: &["[03456789]############", "10###########", "29###########"], companies: &[plain("1[123456789]###########"), plain("2[012345678]###########"), checked("##########", check::korean_business)] },
    // The code of persons has eleven digits.
    Register { country: "LT", persons: &["###########"], companies: &[plain("#########")] },
    // RCS; the matricule of persons has thirteen digits.
    Register { country: "LU", persons: &["#############"], companies: &[plain("@#?????")] },
    // Companies begin with 4 or 5, persons with the day of birth or 32.
    Register { country: "LV", persons: &["[0123]##########"], companies: &[checked("[456789]##########", check::latvia)] },
    // RFC; CURP.
    Register { country: "MX", persons: &["&&&&######***", "@@@@######@@@@@@**"], companies: &[plain("&&&######***")] },
    // NZBN, company number.
    Register { country: "NZ", persons: &[], companies: &[checked("9429#########", check::gs1), plain("###?????")] },
    // KRS, NIP, REGON; PESEL has eleven digits.
    Register { country: "PL", persons: &["###########"], companies: &[plain("0#########"), checked("[123456789]#########", check::polish_tax), checked("#########", check::polish_statistics)] },
    // NIPC; the NIF of persons begins with 1 to 4.
    Register { country: "PT", persons: &["[1234]########"], companies: &[checked("[56789]########", check::portugal)] },
    // CUI; the CNP of persons has thirteen digits.
    Register { country: "RO", persons: &["#############"], companies: &[checked("[123456789]#????????", check::romania)] },
    // OGRN, INN; of sole traders and persons they have fifteen and twelve digits.
    Register { country: "RU", persons: &["############", "3##############"], companies: &[checked("[15]############", check::russia), checked("##########", check::russian_tax)] },
    // UEN; NRIC and FIN.
    Register { country: "SG", persons: &["[STFGM]#######@"], companies: &[plain("########@"), plain("#########@"), plain("[RST]##@@####@")] },
    // As Czechia.
    Register { country: "SK", persons: &["#########?"], companies: &[checked("########", check::czechia)] },
    // Juristic persons begin with 0.
    Register { country: "TH", persons: &["[123456789]############"], companies: &[checked("0############", check::thailand)] },
    // Vergi kimlik, MERSIS; the identity number of persons has eleven digits.
    Register { country: "TR", persons: &["###########"], companies: &[checked("##########", check::turkey), plain("0###############")] },
    // Unified business number.
    Register { country: "TW", persons: &["@#########"], companies: &[checked("########", check::taiwan)] },
    // EDRPOU; the tax number of persons has ten digits.
    Register { country: "UA", persons: &["##########"], companies: &[checked("########", check::ukraine)] },
    // Year, number, type; the identity number has thirteen digits.
    Register { country: "ZA", persons: &["#############"], companies: &[plain("[12]###########")] },
];

impl Register {
    /// The register of a country that has a row here.
    pub(super) fn of(country: &str) -> Option<&'static Self> {
        let place = REGISTERS.binary_search_by(|register| register.country.cmp(country));
        REGISTERS.get(place.ok()?)
    }

    /// Reads a number in capitals, without signs between groups.
    pub(super) fn read(&self, number: &str) -> Reading {
        if self.persons.iter().any(|pattern| fits(pattern, number)) {
            return Reading::Person;
        }
        let mut companies = self.companies.iter();
        match companies.find(|form| fits(form.pattern, number)) {
            Some(form) if (form.check)(number) => Reading::Company,
            Some(_) => Reading::WrongCheckDigit,
            None => Reading::Neither,
        }
    }
}

/// Whether a number has the form of a pattern.
fn fits(pattern: &str, number: &str) -> bool {
    let mut number = number.chars();
    let mut pattern = pattern.chars();
    while let Some(sort) = pattern.next() {
        let c = number.next();
        let set = pattern.as_str().split(']').next().unwrap_or_default();
        let right = match sort {
            '?' => c.is_none_or(|c| c.is_ascii_digit()),
            '#' => c.is_some_and(|c| c.is_ascii_digit()),
            '@' => c.is_some_and(|c| c.is_ascii_uppercase()),
            '*' => c.is_some_and(|c| c.is_ascii_digit() || c.is_ascii_uppercase()),
            '&' => c.is_some_and(|c| c.is_ascii_uppercase() || matches!(c, '&' | 'Ñ')),
            '[' => {
                pattern = pattern
                    .as_str()
                    .get(set.len()..)
                    .unwrap_or_default()
                    .chars();
                pattern.next();
                c.is_some_and(|c| set.contains(c))
            }
            itself => c == Some(itself),
        };
        if !right {
            return false;
        }
    }
    number.next().is_none()
}

#[cfg(test)]
pub(super) fn countries() -> impl Iterator<Item = &'static str> {
    REGISTERS.iter().map(|register| register.country)
}
