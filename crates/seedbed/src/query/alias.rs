//! A second name for a table, so that a query can read from it twice.

/// Makes a source of its own of a table or view: `alias!(Parent = Node)`.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Table)]
/// #[table(name = "nodes")]
/// pub struct Node {
///     #[column(primary_key)]
///     pub id: i64,
///     pub parent_id: Option<i64>,
///     pub title: String,
/// }
///
/// alias!(Parent = Node);
///
/// let titles = Select::from::<Node>()
///     .join::<Parent>()
///     .on(Node::parent_id.eq(Parent::of(Node::id)))
///     .select((Node::title, Parent::of(Node::title)));
/// assert_eq!(
///     titles.to_sql(),
///     r#"SELECT "nodes"."title", "Parent"."title" FROM "nodes" JOIN "nodes" AS "Parent" ON ("nodes"."parent_id" = "Parent"."id")"#,
/// );
/// ```
#[macro_export]
macro_rules! alias {
    ($(#[$meta:meta])* $visibility:vis $name:ident = $table:ty) => {
        $(#[$meta])*
        #[doc = ::core::concat!("The table `", ::core::stringify!($table), "` under another name.")]
        #[derive(Debug)]
        $visibility enum $name {}

        const _: () = ::core::assert!(
            !$crate::query::is_same_name(
                <$name as $crate::query::Source>::ALIAS,
                <$table as $crate::query::Source>::ALIAS,
            ),
            "an alias has another name than its table, whatever the case of the letters"
        );

        impl $name {
            /// Returns the column of this source.
            $visibility const fn of<V, N, C, L: ::core::marker::Copy>(
                column: $crate::query::Col<$table, V, N, C, L>,
            ) -> $crate::query::Col<$name, V, N, C, L> {
                column.of_alias()
            }
        }

        impl $crate::query::Source for $name {
            type Row = <$table as $crate::query::Source>::Row;
            const ALIAS: &'static str = ::core::concat!("\"", ::core::stringify!($name), "\"");
            const FROM: &'static str = <$table as $crate::query::Source>::FROM;
            const AS: &'static str = ::core::concat!(" AS \"", ::core::stringify!($name), "\"");
            const START: &'static str = "";
            const LIST: &'static str = "";
            const QUOTED: &'static [&'static str] = <$table as $crate::query::Source>::QUOTED;
            const PRESENT: ::core::option::Option<usize> = <$table as $crate::query::Source>::PRESENT;

            fn read(row: &$crate::Row<'_>, start: usize) -> ::core::result::Result<Self::Row, $crate::Error> {
                <$table as $crate::query::Source>::read(row, start)
            }
        }
    };
}
