/// An enum whose variants have a number and a name that never change, as tables of `docs/abi.md`.
macro_rules! numbered {
    (
        $(#[$about:meta])* pub enum $table:ident;
        $($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)*
    ) => {
        $(#[$about])*
        pub enum $table {
            $($(#[$doc])* $variant,)*
        }

        impl $table {
            /// Every row, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its number across the ABI.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self { $(Self::$variant => $number,)* }
            }

            /// Its name in documents, answers and headers.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

pub(super) use numbered;
