//! Countries: the two letters of ISO 3166-1.

use core::cmp::Ordering;

/// ISO 3166-1 alpha-2, as of 2026, and XK, which the European Union and SWIFT use for Kosovo.
#[rustfmt::skip]
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// The country code in capitals, or `None` if no such country exists.
pub(super) fn country(written: &str) -> Option<&'static str> {
    let code = written.trim().to_ascii_uppercase();
    // Each entry is two letters and a space. A linear search would take longer than the rest of parsing.
    let (mut from, mut to) = (0_usize, COUNTRIES.len().div_ceil(3));
    while from < to {
        let middle = from.midpoint(to);
        let start = middle.saturating_mul(3);
        let found = COUNTRIES.get(start..start.saturating_add(2))?;
        match found.cmp(&code) {
            Ordering::Equal => return Some(found),
            Ordering::Less => from = middle.saturating_add(1),
            Ordering::Greater => to = middle,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_of_two_capitals_each() {
        let codes: Vec<_> = COUNTRIES.split(' ').collect();
        assert!(codes.is_sorted());
        assert_eq!(codes.len(), 250, "249 of the standard, and Kosovo");
        for code in codes {
            assert!(code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()));
        }
    }

    #[test]
    fn codes_are_found_in_any_case_and_others_are_none() {
        for code in COUNTRIES.split(' ') {
            assert_eq!(country(code), Some(code));
        }
        assert_eq!(country("se"), Some("SE"));
        assert_eq!(country(" Nl "), Some("NL"));
        for written in ["UK", "EU", "", "S", "SWE", "AD AE", "\u{ff33}E"] {
            assert_eq!(country(written), None, "{written}");
        }
    }
}
