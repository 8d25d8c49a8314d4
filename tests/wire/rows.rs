//! Rows: a table of what is asked and answered goes in, and for each target one test per row comes out, beside the theme that the
//! page of the guide prints.

/// Rows of one theme of the list.
pub(crate) struct Theme {
    pub(crate) title: &'static str,
    pub(crate) rows: &'static [Row],
}

/// One row.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// How many runs it is: one, or one for each answer to whether addresses must be verified.
    pub(crate) runs: usize,
    pub(crate) asked: &'static str,
    pub(crate) answered: &'static str,
    /// What FastAPI Users answers where it is something else, and why we do not.
    pub(crate) differs: Option<&'static str>,
}

impl Row {
    /// `r1` of `r1_an_empty_body`.
    pub(crate) fn id(&self) -> &'static str {
        self.name.split('_').next().unwrap_or_default()
    }
}

/// The rows of a theme. `both` rows run twice, on a server that demands verified addresses and on one that does not.
macro_rules! rows {
    ($title:literal, |$world:ident|
     $($mode:ident $row:ident($asked:literal => $answered:literal $(; $differs:literal)?) $body:block)*) => {
        pub(crate) const THEME: crate::rows::Theme = crate::rows::Theme {
            title: $title,
            rows: &[$(crate::rows::Row {
                name: stringify!($row),
                runs: runs!($mode),
                asked: $asked,
                answered: $answered,
                differs: differs!($($differs)?),
            },)*],
        };

        $(async fn $row($world: &crate::world::World) $body)*

        on_targets! { $($mode $row)* }
    };
}

macro_rules! runs {
    (once) => {
        1
    };
    (both) => {
        2
    };
}

macro_rules! differs {
    () => {
        None
    };
    ($differs:literal) => {
        Some($differs)
    };
}

/// Runs rows and tests on every target: a line for each.
macro_rules! on_targets {
    ($($rows:tt)*) => {
        on_target! { sqlite SQLITE $($rows)* }
        on_target! { actix ACTIX $($rows)* }
        on_target! { postgres POSTGRES $($rows)* }
        on_target! { mariadb MARIADB $($rows)* }
        on_target! { redis REDIS $($rows)* }
        on_target! { postgres_redis POSTGRES_REDIS $($rows)* }
        on_target! { cache CACHE $($rows)* }
        on_target! { beside BESIDE $($rows)* }
        on_target! { postgres_beside POSTGRES_BESIDE $($rows)* }
        on_target! { mariadb_beside MARIADB_BESIDE $($rows)* }
    };
}

/// Runs tests in which neither the database nor the place of the sessions matters, on both frameworks.
macro_rules! on_frameworks {
    ($($rows:tt)*) => {
        on_target! { sqlite SQLITE $($rows)* }
        on_target! { actix ACTIX $($rows)* }
    };
}

macro_rules! on_target {
    ($module:ident $target:ident $($mode:ident $row:ident)*) => {
        mod $module {
            $(test! { $mode $row $target })*
        }
    };
}

macro_rules! test {
    (once $row:ident $target:ident) => {
        #[test]
        fn $row() {
            crate::world::run(usermgr_tests::Target::$target, false, |world| Box::pin(super::$row(world)));
        }
    };
    (both $row:ident $target:ident) => {
        mod $row {
            #[test]
            fn unverified_allowed() {
                crate::world::run(usermgr_tests::Target::$target, false, |world| Box::pin(super::super::$row(world)));
            }

            #[test]
            fn verified_demanded() {
                crate::world::run(usermgr_tests::Target::$target, true, |world| Box::pin(super::super::$row(world)));
            }
        }
    };
}
