use super::CHAINS;
use crate::identifier::{Identifier, IdentifierError, Kind, Relation, Rule};

/// Each line is one account in all its spellings, its text form first.
const ACCOUNTS: &[&[&str]] = &[
    &["bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo"],
    &["bitcoin:36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm"],
    &[
        "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        " bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n",
    ],
    &["bitcoin:bc1qgc9ljrvdf2e0zg9rmmq86xklqwfys7r6wptjlacdgrcdc7sa6ggqu4rrxf"],
    &["bitcoin:bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"],
    &["litecoin:LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA"],
    // The same script as of 3CMNF... on Bitcoin.
    &[
        "litecoin:MJZWZqmykQ32rvH8vUnW9jEPbyGg7agWQZ",
        "litecoin:3CMNFxN1oHBc4R1EpboAL5yzHGgE611Xou",
    ],
    &["bitcoin:3CMNFxN1oHBc4R1EpboAL5yzHGgE611Xou"],
    &["dogecoin:DD4KSSuBJqcjuTcvUg1CgUKeurPUFeEZkE"],
    &["dogecoin:A7HRQk3GFCW2QasvdZxXuYj8kkQK5QrYLs"],
    &["dash:XqZHYpoksmbEPtWstAEki3o8pJ8ZsPfXpK"],
    &[
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "bitcoincash:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
        "bitcoincash:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A",
        "bitcoincash:bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "bitcoincash:BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A",
        "bitcoincash:zpm2qsznhks23z7629mms6s4cwef74vcwvrqekrq9w",
    ],
    &[
        "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
        "bitcoincash:3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC",
    ],
    &["bitcoin:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"],
    &[
        "zcash:t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC",
        "zcash:tex1s2rt77ggv6q989lr49rkgzmh5slsksa9khdgte",
        "zcash:TEX1S2RT77GGV6Q989LR49RKGZMH5SLSKSA9KHDGTE",
    ],
    &["zcash:t3JZcvsuaXE6ygokL4XUiZSTrQBUoPYFnXJ"],
    &[
        "tron:TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC",
        "tron:417e5f4552091a69125d5dfcb7b8c2659029395bdf",
        "tron:0x417E5F4552091A69125D5DFCB7B8C2659029395BDF",
        "tron:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
        "tron:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    ],
    &[
        "evm:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        "evm:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
        "evm:7E5F4552091A69125D5DFCB7B8C2659029395BDF",
        "evm:0X7E5F4552091A69125D5DFCB7B8C2659029395BDF",
    ],
    // ERC-1191, chain 30
    &[
        "evm:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "evm:0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD",
    ],
    &[
        "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc/5876b8b72996ff97",
        "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc/5876B8B72996FF97",
        "monero:4Byr22j9M2878Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3LHzo1Nbv3d8J6VhvCV",
    ],
    &[
        "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc",
    ],
    &[
        "monero:8AW7SotwFrqfAKnibspuuhfowW4g3asvpQvdrTmPcpNr2GmXPtBBSxUPZQATAt8Vw2hiX9GDyxB4tMNgHjwt8qYsCeFDVvn",
    ],
    &[
        "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59/11747",
        "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59/0011747",
        "xrp:X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A",
    ],
    &[
        "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59",
        "xrp:X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ",
    ],
    // A tag of zero is a tag.
    &[
        "xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf/0",
        "xrp:XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc",
    ],
    &[
        "xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf/4294967295",
        "xrp:XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi",
    ],
    &["xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"],
    &["solana:mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN"],
    &["solana:11111111111111111111111111111111"],
];

fn parse(value: &str) -> Result<Identifier, IdentifierError> {
    Identifier::parse(Kind::Wallet, value)
}

fn rule(value: &str) -> Rule {
    parse(value).expect_err(value).rule()
}

#[test]
fn an_account_is_one_in_all_its_spellings_and_no_other() {
    let mut before = Vec::new();
    for spellings in ACCOUNTS {
        let account = parse(spellings[0]).expect("a text form");
        for spelling in *spellings {
            let read = parse(spelling).expect(spelling);
            assert_eq!(read.text(), spellings[0]);
            assert_eq!(read.canonical(), account.canonical(), "{spelling}");
            assert_eq!(read, account, "{spelling}");
        }
        let chain = spellings[0].split(':').next().expect("a chain");
        assert!(CHAINS.contains(&chain), "{chain}");
        let canonical = account.canonical().to_vec();
        assert!(!before.contains(&canonical), "{}", spellings[0]);
        before.push(canonical);
    }
}

#[test]
fn canonical_bytes_are_chain_account_and_tag() {
    let hex = |value: &str| crate::common::hex::text(parse(value).expect(value).canonical());
    assert_eq!(
        hex("xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf/276"),
        "0300787270".to_owned() + "1400aa066c988c712815cc37af71472b7cbbbd4e2a0a" + "040014010000"
    );
    assert_eq!(
        hex("bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
        "0700626974636f696e".to_owned() + "16000014751e76e8199196d454941c45d1b3a323f1433bd6"
    );
    assert_eq!(
        hex("evm:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        "030065766d".to_owned() + "14005aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    );
}

#[test]
fn a_tagged_account_is_asked_for_with_its_bare_account_and_not_the_other_way() {
    for (tagged, bare) in [
        (
            "xrp:X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A",
            "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59",
        ),
        (
            "monero:4Byr22j9M2878Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3LHzo1Nbv3d8J6VhvCV",
            "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc",
        ),
    ] {
        let (tagged, bare) = (parse(tagged).expect(tagged), parse(bare).expect(bare));
        let asked: Vec<_> = tagged.look_ups().collect();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].relation, Relation::Itself);
        assert_eq!(asked[0].canonical, tagged.canonical());
        assert_eq!(asked[1].relation, Relation::Parent);
        assert_eq!(asked[1].canonical, bare.canonical());
        assert_eq!(bare.look_ups().count(), 1);
    }
}

#[test]
fn what_is_no_wallet_is_refused_by_rule() {
    for (value, expected) in [
        (" ", Rule::EMPTY),
        ("1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", Rule::CHAIN_MISSING),
        (":1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", Rule::CHAIN_MISSING),
        (
            "btc:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
            Rule::CHAIN_UNKNOWN,
        ),
        ("lightning:lnbc20u1pvjluezhp58yj", Rule::WALLET_UNSUPPORTED),
        (
            "bitcoin:?lightning=lnbc20u1pvjluezhp58yj",
            Rule::WALLET_FORM,
        ),
        (
            "ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/approve?address=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            Rule::WALLET_UNSUPPORTED,
        ),
        (
            "ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/transfer",
            Rule::WALLET_FORM,
        ),
        ("ethereum:shop.eth", Rule::WALLET_FORM),
        (
            "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59/8?dt=7",
            Rule::WALLET_TAG_TWICE,
        ),
        (
            "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59?dt=x",
            Rule::WALLET_TAG,
        ),
        ("bitcoin:", Rule::WALLET_FORM),
        (
            "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2m0",
            Rule::WALLET_FORM,
        ),
        (
            "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mp",
            Rule::WALLET_CHECKSUM,
        ),
        (
            "bitcoin:lnbc20u1pvjluezhp58yjmdan79s6qqdhdzgynm4zwqd5d7xmw5fk98klysy043l2ahrqspp5qqqsyqcyq5rqwzqfqypqfppqw508d6qejxtdg4y5r3zarvary0c5xw7kxqrrsssp5m6kmam774klwlh4dhmhaatd7al02m0h0m6kmam774klwlh4dhmhs9qypqqqcqpf3cwux5979a8j28d4ydwahx00saa68wq3az7v9jdgzkghtxnkf3z5t7q5suyq2dl9tqwsap8j0wptc82cpyvey9gf6zyylzrm60qtcqsq7egtsq",
            Rule::WALLET_UNSUPPORTED,
        ),
        (
            "bitcoin:sp1qqgste7k9hx0qftg6qmwlkqtwuy6cycyavzmzj85c6qdfhjdpdjtdgqjuexzk6murw56suy3e0rd2cgqvycxttddwsvgxe2usfpxumr70xc9pkqwv",
            Rule::WALLET_UNSUPPORTED,
        ),
        (
            "litecoin:ltcmweb1qqt9hwznnlzkfxegqm2gcyhk6xuckyhvrwfajyqms8zjsm98mqepejqm",
            Rule::WALLET_UNSUPPORTED,
        ),
        (
            "zcash:u1qpatys4zruk99pg59gcscrt7y6akvl9vrhcfyhm9yxvxz7h87q6n8cgrzzpe9zru68uq39uhmlpp5uefxu0su5uqyqfe5zp3tycn0ecl",
            Rule::WALLET_UNSUPPORTED,
        ),
        // Another chain's address, and a test network's.
        (
            "dogecoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
            Rule::WALLET_VERSION,
        ),
        (
            "bitcoin:LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA",
            Rule::WALLET_VERSION,
        ),
        (
            "bitcoin:mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
            Rule::WALLET_NETWORK,
        ),
        (
            "litecoin:mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
            Rule::WALLET_NETWORK,
        ),
        (
            "bitcoincash:mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
            Rule::WALLET_NETWORK,
        ),
        (
            "bitcoincash:bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",
            Rule::WALLET_NETWORK,
        ),
        (
            "bitcoincash:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",
            Rule::WALLET_NETWORK,
        ),
        (
            "bitcoincash:bitcoincash:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",
            Rule::WALLET_CHECKSUM,
        ),
        (
            "bitcoincash:pref:pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5",
            Rule::WALLET_VERSION,
        ),
        (
            "bitcoincash:Bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            Rule::WALLET_FORM,
        ),
        // A public key's hash of 32 bytes.
        (
            "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake",
            Rule::WALLET_VERSION,
        ),
        (
            "zcash:textest1qyqszqgpqyqszqgpqyqszqgpqyqszqgpfcjgfy",
            Rule::WALLET_NETWORK,
        ),
        (
            "evm:0x5aAeb6053F3e94c9b9A09F33669435E7EF1BEaEd",
            Rule::WALLET_NETWORK,
        ),
        (
            "evm:0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            Rule::WALLET_CHECKSUM,
        ),
        (
            "evm:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            Rule::WALLET_FORM,
        ),
        (
            "evm:0x0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            Rule::WALLET_FORM,
        ),
        (
            "tron:7e5f4552091a69125d5dfcb7b8c2659029395bdf",
            Rule::WALLET_FORM,
        ),
        (
            "tron:427e5f4552091a69125d5dfcb7b8c2659029395bdf",
            Rule::WALLET_VERSION,
        ),
        (
            "tron:a07e5f4552091a69125d5dfcb7b8c2659029395bdf",
            Rule::WALLET_NETWORK,
        ),
        (
            "tron:0x7e5F4552091A69125d5DfCb7b8C2659029395Bdf",
            Rule::WALLET_CHECKSUM,
        ),
        (
            "xrp:T719a5UwUCnEs54UsxG9CJYYDhwmFCvbJNZbi37gBGkRkbE",
            Rule::WALLET_NETWORK,
        ),
        // A tag of 64 bits.
        (
            "xrp:XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8zeUygYrCgrPh",
            Rule::WALLET_VERSION,
        ),
        (
            "solana:mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2k",
            Rule::WALLET_FORM,
        ),
        (
            "solana:1mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN",
            Rule::WALLET_FORM,
        ),
        ("solana:1111111111111111111111111111111", Rule::WALLET_FORM),
        (
            "solana:111111111111111111111111111111111",
            Rule::WALLET_FORM,
        ),
    ] {
        assert_eq!(rule(value), expected, "{value}");
    }
}

#[test]
fn a_tag_is_its_chains_and_said_once() {
    const MONERO: &str = "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc";
    const INTEGRATED: &str = "monero:4Byr22j9M2878Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3LHzo1Nbv3d8J6VhvCV";
    const XRP: &str = "xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";
    for (address, tag, expected) in [
        (
            "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
            "1",
            Rule::WALLET_TAG_UNUSED,
        ),
        (
            "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
            "",
            Rule::WALLET_TAG_UNUSED,
        ),
        (
            "evm:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "1",
            Rule::WALLET_TAG_UNUSED,
        ),
        (
            "monero:8AW7SotwFrqfAKnibspuuhfowW4g3asvpQvdrTmPcpNr2GmXPtBBSxUPZQATAt8Vw2hiX9GDyxB4tMNgHjwt8qYsCeFDVvn",
            "5876b8b72996ff97",
            Rule::WALLET_TAG_UNUSED,
        ),
        (INTEGRATED, "5876b8b72996ff97", Rule::WALLET_TAG_TWICE),
        (
            "xrp:XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb",
            "1",
            Rule::WALLET_TAG_TWICE,
        ),
        (XRP, "", Rule::WALLET_TAG),
        (XRP, "4294967296", Rule::WALLET_TAG),
        (XRP, "+1", Rule::WALLET_TAG),
        (XRP, "-1", Rule::WALLET_TAG),
        (XRP, "1/1", Rule::WALLET_TAG),
        (XRP, "\u{661}", Rule::WALLET_TAG),
        (MONERO, "0000000000000000", Rule::WALLET_TAG),
        (MONERO, "5876b8b72996ff9", Rule::WALLET_TAG),
        (MONERO, "5876b8b72996ff9g", Rule::WALLET_TAG),
        (
            MONERO,
            "5876b8b72996ff975876b8b72996ff975876b8b72996ff975876b8b72996ff97",
            Rule::WALLET_TAG,
        ),
    ] {
        assert_eq!(
            rule(&format!("{address}/{tag}")),
            expected,
            "{address}/{tag}"
        );
    }
}

/// Every printable character in every place. ERC-55 is weaker, and has a test of its own.
#[test]
fn a_mistyped_character_is_refused() {
    let mut tried = 0;
    for spelling in ACCOUNTS.iter().flat_map(|spellings| *spellings) {
        let spelling = spelling.trim();
        let (chain, address) = spelling.split_once(':').expect("a chain");
        let address = address.split('/').next().expect("an address");
        // Solana has no checksum, and hexadecimal digits none or a weak one.
        if chain == "solana"
            || address
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || b"xX".contains(&b))
        {
            continue;
        }
        for place in 0..address.len() {
            for typed in b'!'..=b'~' {
                let mut typo = address.as_bytes().to_vec();
                typo[place] = typed;
                let typo = String::from_utf8(typo).expect("ASCII");
                if typo != address {
                    let value = format!("{chain}:{typo}");
                    let other = parse(&value).is_ok_and(|read| Ok(read) != parse(spelling));
                    assert!(!other, "{value}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100_000, "only {tried}");
}

#[test]
fn text_parses_back_and_garbage_never_panics() {
    let mut state = 1_u64;
    let mut next = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let spellings: Vec<&str> = ACCOUNTS.iter().flat_map(|all| *all).copied().collect();
    let mut accepted = 0;
    for _ in 0..200_000 {
        let mut value: Vec<char> = spellings[next(spellings.len())].chars().collect();
        for _ in 0..next(4) {
            let place = next(value.len().max(1));
            match next(5) {
                _ if value.is_empty() => {}
                0 => value[place] = char::from(u8::try_from(next(128)).expect("ASCII")),
                1 => value.insert(place, ['/', ':', '1', 'q', '0', '\u{e9}', ' '][next(7)]),
                2 => drop(value.remove(place)),
                3 => value.truncate(place + 1),
                _ => value.extend_from_within(place..),
            }
        }
        let value: String = value.into_iter().collect();
        if let Ok(wallet) = parse(&value) {
            assert_eq!(parse(wallet.text()).as_ref(), Ok(&wallet), "{value}");
            accepted += 1;
        }
    }
    assert!(accepted > 40_000, "only {accepted}");
}

#[test]
fn a_long_value_is_refused_by_its_length() {
    for chain in CHAINS {
        for digit in ["1", "z", "q", "a", "é"] {
            let value = format!("{chain}:{}", digit.repeat(100_000));
            assert_eq!(rule(&value), Rule::WALLET_FORM, "{chain}");
        }
    }
}

/// A tag is one of its chain, whatever its digits look like.
#[test]
fn a_payment_id_of_sixteen_digits_is_a_payment_id() {
    let monero = "monero:42HB1Duejkc78Mtyb3fEPcBNwBZf5EXqn1Yi6VzR46618SFBrYysab2Cs1474CVDbsh94AJq7vuV3Z2DRq4zLcY3Dyxa3Jc";
    assert!(parse(&format!("{monero}/4111111111111111")).is_ok());
}

#[test]
fn a_payment_link_is_the_wallet_that_it_pays() {
    let bitcoin = "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo";
    let evm = "evm:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let xrp = "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59";
    for (link, wallet) in [
        (format!("{bitcoin}?amount=1&label=shop"), bitcoin.to_owned()),
        (
            format!("{bitcoin}?amount=1&lightning=lnbc1"),
            bitcoin.to_owned(),
        ),
        (
            bitcoin.replace("bitcoin:", "BITCOIN://"),
            bitcoin.to_owned(),
        ),
        (format!("{bitcoin}#x"), bitcoin.to_owned()),
        (format!("ethereum:{address}"), evm.to_owned()),
        (format!("ethereum:{address}@137?value=1e18"), evm.to_owned()),
        (format!("ethereum:pay-{address}@1"), evm.to_owned()),
        (
            format!(
                "ethereum:0xdAC17F958D2ee523a2206206994597C13D831ec7@1/transfer?address={address}&uint256=1"
            ),
            evm.to_owned(),
        ),
        (format!("{xrp}?amount=1&dt=7"), format!("{xrp}/7")),
        (format!("{xrp}/7?dt=7"), format!("{xrp}/7")),
        (xrp.replace("xrp:", "ripple:"), xrp.to_owned()),
        (xrp.replace("xrp:", "xrpl://"), xrp.to_owned()),
    ] {
        let read = parse(&link).map(|wallet| wallet.text().to_owned());
        assert_eq!(read.as_ref(), Ok(&wallet), "{link}");
        let url = Identifier::from_url(&link);
        assert_eq!(
            url.map(|wallet| wallet.text().to_owned()),
            Ok(wallet),
            "{link}"
        );
    }
    let refused = Identifier::from_url("lightning:lnbc20u1pvjluezhp58yj");
    let refused = refused.map_err(|error| (error.kind(), error.rule()));
    assert_eq!(refused, Err((Kind::Wallet, Rule::WALLET_UNSUPPORTED)));
}
