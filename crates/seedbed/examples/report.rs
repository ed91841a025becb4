//! Reports on a shop: groups, windows, named and recursive queries, compounds, JSON, and an UPDATE from a join.
//!
//! `cargo run -p seedbed --example report`
//!
//! Each function is one question, asked in one statement. [`report`] makes the tables, asks all of them and returns the answers
//! as a text, which `main` prints and the test at the end compares. Money is counted in cents, so sums are exact.

use std::fmt::Write as _;

use seedbed::prelude::*;

// ---- The tables -----------------------------------------------------------------------------------------------------

/// A category; it may be part of another one.
#[derive(Debug, Table)]
#[table(name = "categories")]
struct Category {
    #[column(primary_key)]
    id: i64,
    #[column(references = Category::id)]
    parent_id: Option<i64>,
    name: String,
}

#[derive(Debug, Table)]
#[table(name = "products")]
struct Product {
    #[column(primary_key)]
    id: i64,
    #[column(references = Category::id)]
    category_id: i64,
    name: String,
    price: i64,
    #[column(default = 100)]
    stock: i64,
    traits: Option<Json<Traits>>,
}

/// What is known of a product besides.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Traits {
    colour: String,
    months: Vec<u8>,
}

#[derive(Debug, Table)]
#[table(name = "customers")]
struct Customer {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(default = 0)]
    spent: i64,
}

#[derive(Debug, Table)]
#[table(name = "orders")]
struct Order {
    #[column(primary_key)]
    id: i64,
    #[column(references = Customer::id)]
    customer_id: i64,
    /// A day such as `2026-01-31`.
    day: String,
}

#[derive(Debug, Table)]
#[table(name = "lines", primary_key(columns(order_id, product_id)))]
struct Line {
    #[column(references = Order::id)]
    order_id: i64,
    #[column(references = Product::id)]
    product_id: i64,
    quantity: i64,
    price: i64,
}

#[derive(Debug, Table)]
#[table(name = "refunds")]
struct Refund {
    #[column(primary_key)]
    id: i64,
    #[column(references = Order::id)]
    order_id: i64,
    day: String,
    amount: i64,
}

const TABLES: &str = "
    CREATE TABLE categories (
        id INTEGER PRIMARY KEY NOT NULL, parent_id INTEGER REFERENCES categories (id), name TEXT NOT NULL
    );
    CREATE TABLE products (
        id INTEGER PRIMARY KEY NOT NULL, category_id INTEGER NOT NULL REFERENCES categories (id), name TEXT NOT NULL,
        price INTEGER NOT NULL, stock INTEGER NOT NULL DEFAULT 100, traits TEXT
    );
    CREATE TABLE customers (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, spent INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY NOT NULL, customer_id INTEGER NOT NULL REFERENCES customers (id), day TEXT NOT NULL
    );
    CREATE TABLE lines (
        order_id INTEGER NOT NULL REFERENCES orders (id), product_id INTEGER NOT NULL REFERENCES products (id),
        quantity INTEGER NOT NULL, price INTEGER NOT NULL, PRIMARY KEY (order_id, product_id)
    );
    CREATE TABLE refunds (
        id INTEGER PRIMARY KEY NOT NULL, order_id INTEGER NOT NULL REFERENCES orders (id), day TEXT NOT NULL,
        amount INTEGER NOT NULL
    );";

// ---- The questions --------------------------------------------------------------------------------------------------

/// What each category took in each month, without the small ones.
fn revenue_by_month_and_category(db: &Connection) -> Result<Vec<(String, String, i64)>, Error> {
    let month = Order::day.substr(1, 7);
    let revenue = (Line::quantity * Line::price).sum().coalesce(0);
    Select::from::<Line>()
        .join::<Order>()
        .on(Line::order_id.eq(Order::id))
        .join::<Product>()
        .on(Line::product_id.eq(Product::id))
        .join::<Category>()
        .on(Product::category_id.eq(Category::id))
        .group_by((month.clone(), Category::id))
        .having(revenue.clone().gt(1_000))
        .order_by((month.clone(), revenue.clone().desc()))
        .select((month, Category::name, revenue))
        .all(db)
}

/// What a month took: a query with this name, which others read from.
#[derive(Debug, Record)]
#[record(name = "monthly")]
struct Monthly {
    month: String,
    revenue: i64,
}

#[derive(Debug, Record)]
struct Course {
    month: String,
    revenue: i64,
    so_far: i64,
    change: Option<i64>,
    mean_of_three: f64,
    place: i64,
}

/// The course of the year: a running total, the change since the month before, a moving average, and the best months.
fn course(db: &Connection) -> Result<Vec<Course>, Error> {
    let month = Order::day.substr(1, 7);
    let monthly = Select::from::<Line>()
        .join::<Order>()
        .on(Line::order_id.eq(Order::id))
        .group_by(month.clone())
        .select(MonthlySelect { month, revenue: (Line::quantity * Line::price).sum().coalesce(0) });

    let by_month = Window::new().order_by(Monthly::month);
    let last_three = Window::new().order_by(Monthly::month).frame("ROWS BETWEEN 2 PRECEDING AND CURRENT ROW");
    let by_revenue = Window::new().order_by(Monthly::revenue.desc());
    Select::from::<Monthly>()
        .with::<Monthly>(monthly)
        .order_by(Monthly::month)
        .select(CourseSelect {
            month: Monthly::month,
            revenue: Monthly::revenue,
            so_far: Monthly::revenue.sum().over(by_month.clone()).coalesce(0),
            change: Monthly::revenue - Monthly::revenue.lag(1).over(by_month),
            mean_of_three: Monthly::revenue.avg().over(last_three).coalesce(0.0),
            place: rank().over(by_revenue),
        })
        .all(db)
}

/// A category, and one that is inside of it, however deep; each is inside of itself.
#[derive(Debug, Record)]
#[record(name = "inside")]
struct Inside {
    category_id: i64,
    inside_id: i64,
}

/// What each category took together with all that are inside of it.
fn revenue_by_tree(db: &Connection) -> Result<Vec<(String, i64)>, Error> {
    let start = Select::from::<Category>()
        .select(InsideSelect { category_id: Category::id, inside_id: Category::id });
    let step = Select::from::<Category>()
        .join::<Inside>()
        .on(Category::parent_id.eq(Inside::inside_id))
        .select(InsideSelect { category_id: Inside::category_id, inside_id: Category::id });
    Select::from::<Category>()
        .with_recursive::<Inside>(start.union_all(step))
        .join::<Inside>()
        .on(Inside::category_id.eq(Category::id))
        .left_join::<Product>()
        .on(Product::category_id.eq(Inside::inside_id))
        .left_join::<Line>()
        .on(Line::product_id.eq(Product::id))
        .group_by(Category::id)
        .order_by(Category::id)
        .select((Category::name, (Line::quantity * Line::price).sum().coalesce(0)))
        .all(db)
}

/// A product with its place among those of its category.
#[derive(Debug, Record)]
#[record(name = "placed")]
struct Placed {
    category: String,
    product: String,
    revenue: i64,
    place: i64,
}

/// The two best products of each category.
fn best_products(db: &Connection) -> Result<Vec<Placed>, Error> {
    let revenue = (Line::quantity * Line::price).sum().coalesce(0);
    let in_category = Window::new().partition_by(Category::id).order_by(revenue.clone().desc());
    let placed = Select::from::<Product>()
        .join::<Category>()
        .on(Product::category_id.eq(Category::id))
        .join::<Line>()
        .on(Line::product_id.eq(Product::id))
        .group_by(Product::id)
        .select(PlacedSelect {
            category: Category::name,
            product: Product::name,
            revenue,
            place: row_number().over(in_category),
        });
    Select::from::<Placed>()
        .with::<Placed>(placed)
        .filter(Placed::place.le(2))
        .order_by((Placed::category, Placed::place))
        .all(db)
}

/// Who never ordered.
fn customers_without_an_order(db: &Connection) -> Result<Vec<String>, Error> {
    Select::from::<Customer>()
        .left_join::<Order>()
        .on(Order::customer_id.eq(Customer::id))
        .filter(Order::id.is_null())
        .order_by(Customer::name)
        .select(Customer::name)
        .all(db)
}

/// How many customers spend little, some, or much.
fn customers_by_spending(db: &Connection) -> Result<Vec<(String, i64)>, Error> {
    let size =
        case(Customer::spent.eq(0), "nothing").when(Customer::spent.lt(3_000), "some").otherwise("much");
    Select::from::<Customer>()
        .group_by(size.clone())
        .order_by(size.clone())
        .select((size, count_all()))
        .all(db)
}

/// The colours that are sold, with the number of months in which each can be sown.
fn colours(db: &Connection) -> Result<Vec<(String, i64)>, Error> {
    let colour = Product::traits.json_get::<String>("$.colour");
    Select::from::<Product>()
        .filter(colour.clone().is_not_null())
        .group_by(colour.clone())
        .order_by(colour.clone())
        .select((colour.coalesce(""), Product::traits.json_array_length("$.months").sum().coalesce(0)))
        .all(db)
}

/// Sales and refunds in one list, as a bank would show it.
fn ledger(db: &Connection) -> Result<Vec<(String, String, i64)>, Error> {
    let sales = Select::from::<Order>()
        .join::<Line>()
        .on(Line::order_id.eq(Order::id))
        .group_by(Order::id)
        .select((Order::day, value("sale"), (Line::quantity * Line::price).sum().coalesce(0)));
    let refunds = Select::from::<Refund>().select((Refund::day, value("refund"), Refund::amount * -1));
    sales.union_all(refunds).order_by_position(1, Direction::Ascending).limit(5).all(db)
}

/// Takes what an order needs out of the stock.
fn ship(db: &Connection, order: i64) -> Result<usize, Error> {
    Update::table::<Product>()
        .from::<Line>()
        .set(Product::stock, Product::stock - Line::quantity)
        .filter(Line::product_id.eq(Product::id))
        .filter(Line::order_id.eq(order))
        .run(db)
}

/// What a customer spent.
#[derive(Debug, Record)]
#[record(name = "spending")]
struct Spending {
    customer_id: i64,
    amount: i64,
}

/// Writes into each customer what was spent.
fn settle(db: &Connection) -> Result<usize, Error> {
    let spending = Select::from::<Order>()
        .join::<Line>()
        .on(Line::order_id.eq(Order::id))
        .group_by(Order::customer_id)
        .select(SpendingSelect {
            customer_id: Order::customer_id,
            amount: (Line::quantity * Line::price).sum().coalesce(0),
        });
    Update::table::<Customer>()
        .with::<Spending>(spending)
        .from::<Spending>()
        .set(Customer::spent, Spending::amount)
        .filter(Spending::customer_id.eq(Customer::id))
        .run(db)
}

// ---- The shop -------------------------------------------------------------------------------------------------------

/// Fills the tables with half a year of a small shop for gardeners.
fn fill(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute_batch(TABLES)?;
    let categories = [
        (None, "garden"),
        (Some(1), "seeds"),
        (Some(2), "flowers"),
        (Some(2), "vegetables"),
        (Some(1), "tools"),
    ];
    for (parent, name) in categories {
        Insert::row(&NewCategory { name: name.to_owned() }).set(Category::parent_id, parent).run(tx)?;
    }
    let products = [
        (3, "sunflower", 250, Some(("yellow", vec![4, 5]))),
        (3, "poppy", 300, Some(("red", vec![3, 4, 5]))),
        (3, "cornflower", 280, Some(("blue", vec![3, 4]))),
        (4, "beet", 220, Some(("red", vec![4, 5, 6]))),
        (4, "bean", 200, None),
        (5, "spade", 3_500, None),
        (5, "watering can", 1_800, None),
    ];
    for (category_id, name, price, traits) in products {
        let traits = traits.map(|(colour, months)| Json(Traits { colour: colour.to_owned(), months }));
        Insert::row(&NewProduct { category_id, name: name.to_owned(), price })
            .set(Product::traits, traits)
            .run(tx)?;
    }
    Insert::rows(&["ada", "bob", "cy", "dan"].map(|name| NewCustomer { name: name.to_owned() })).run(tx)?;

    // The customer, the day, and how many of which product. A line keeps the price of its day.
    let orders = [
        (1, "2026-01-20", vec![(6, 1), (7, 1)]),
        (2, "2026-02-03", vec![(1, 10), (2, 4)]),
        (1, "2026-02-17", vec![(5, 3)]),
        (1, "2026-03-02", vec![(2, 10), (3, 5), (4, 8)]),
        (3, "2026-04-11", vec![(7, 1), (1, 2)]),
        (2, "2026-05-05", vec![(4, 5), (5, 20)]),
        (1, "2026-06-21", vec![(6, 2)]),
    ];
    for (customer_id, day, lines) in orders {
        let order_id =
            Insert::row(&NewOrder { customer_id, day: day.to_owned() }).returning(Order::id).one(tx)?;
        for (product_id, quantity) in lines {
            let price = Select::from::<Product>()
                .filter(Product::id.eq(product_id))
                .select(Product::price)
                .one(tx)?;
            Insert::row(&Line { order_id, product_id, quantity, price }).run(tx)?;
        }
    }
    Insert::row(&NewRefund { order_id: 1, day: "2026-02-01".to_owned(), amount: 1_800 }).run(tx)?;
    Ok(())
}

/// Cents as a price.
fn euros(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn report() -> Result<String, Box<dyn std::error::Error>> {
    let mut db = Connection::open_in_memory()?;
    db.transaction(fill)?;
    let mut text = String::new();

    writeln!(text, "months and categories that took more than 10.00")?;
    for (month, category, revenue) in revenue_by_month_and_category(&db)? {
        writeln!(text, "  {month}  {category:<12}{:>8}", euros(revenue))?;
    }
    writeln!(text, "\nmonth     took  so far  change  mean of 3  place")?;
    for it in course(&db)? {
        let change = it.change.map(euros).unwrap_or_default();
        let mean = it.mean_of_three / 100.0;
        writeln!(
            text,
            "{}{:>7}{:>8}{change:>8}{mean:>11.2}{:>7}",
            it.month,
            euros(it.revenue),
            euros(it.so_far),
            it.place
        )?;
    }
    writeln!(text, "\neach category with all that are inside of it")?;
    for (category, revenue) in revenue_by_tree(&db)? {
        writeln!(text, "  {category:<12}{:>8}", euros(revenue))?;
    }
    writeln!(text, "\nthe two best of each category")?;
    for it in best_products(&db)? {
        writeln!(text, "  {:<12}{}. {:<12}{:>8}", it.category, it.place, it.product, euros(it.revenue))?;
    }
    writeln!(text, "\nnever ordered: {}", customers_without_an_order(&db)?.join(", "))?;

    let settled = settle(&db)?;
    writeln!(text, "\n{settled} customers settled; how much they spend")?;
    for (size, customers) in customers_by_spending(&db)? {
        writeln!(text, "  {size:<9}{customers}")?;
    }
    writeln!(text, "\nmonths to sow by colour")?;
    for (colour, months) in colours(&db)? {
        writeln!(text, "  {colour:<8}{months}")?;
    }
    writeln!(text, "\nthe ledger begins")?;
    for (day, kind, amount) in ledger(&db)? {
        writeln!(text, "  {day}  {kind:<8}{:>8}", euros(amount))?;
    }
    let shipped = ship(&db, 4)?;
    let left = Select::from::<Product>()
        .order_by(Product::stock)
        .select((Product::name, Product::stock))
        .first(&db)?;
    writeln!(text, "\n{shipped} products shipped, the scarcest now is {left:?}")?;
    Ok(text)
}

#[expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", report()?);
    Ok(())
}

#[test]
fn the_report_is_as_it_is_written_here() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(report()?, REPORT);
    Ok(())
}

#[cfg(test)]
const REPORT: &str = "\
months and categories that took more than 10.00
  2026-01  tools          53.00
  2026-02  flowers        37.00
  2026-03  flowers        44.00
  2026-03  vegetables     17.60
  2026-04  tools          18.00
  2026-05  vegetables     51.00
  2026-06  tools          70.00

month     took  so far  change  mean of 3  place
2026-01  53.00   53.00              53.00      3
2026-02  43.00   96.00  -10.00      48.00      5
2026-03  61.60  157.60   18.60      52.53      2
2026-04  23.00  180.60  -38.60      42.53      6
2026-05  51.00  231.60   28.00      45.20      4
2026-06  70.00  301.60   19.00      48.00      1

each category with all that are inside of it
  garden        301.60
  seeds         160.60
  flowers        86.00
  vegetables     74.60
  tools         141.00

the two best of each category
  flowers     1. poppy          42.00
  flowers     2. sunflower      30.00
  tools       1. spade         105.00
  tools       2. watering can   36.00
  vegetables  1. bean           46.00
  vegetables  2. beet           28.60

never ordered: dan

3 customers settled; how much they spend
  much     2
  nothing  1
  some     1

months to sow by colour
  blue    2
  red     6
  yellow  2

the ledger begins
  2026-01-20  sale       53.00
  2026-02-01  refund    -18.00
  2026-02-03  sale       37.00
  2026-02-17  sale        6.00
  2026-03-02  sale       61.60

3 products shipped, the scarcest now is Some((\"poppy\", 90))
";
