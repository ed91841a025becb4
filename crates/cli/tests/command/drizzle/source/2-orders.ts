import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, real, sqliteTable, sqliteView, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const customers = sqliteTable("customers", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  email: text("email").notNull().unique(),
  kind: text("type", { enum: ["person", "company"] }).notNull().default("person"),
  createdAt: integer("created_at", { mode: "timestamp" }).notNull().default(sql`(unixepoch())`),
});

export const products = sqliteTable("products", {
  sku: text("sku").primaryKey(),
  title: text("title").notNull(),
  price: real("price").notNull(),
  stock: integer("stock").notNull().default(0),
}, (t) => [check("products_price_check", sql`${t.price} >= 0`), index("products_title_idx").on(t.title)]);

export const orders = sqliteTable("orders", {
  id: integer("id").primaryKey(),
  customerId: integer("customer_id").notNull().references(() => customers.id, { onDelete: "cascade" }),
  placedAt: text("placed_at").notNull().default(sql`(datetime('now'))`),
  note: text("note"),
}, (t) => [index("orders_open_idx").on(t.customerId).where(sql`note is null`)]);

export const orderLines = sqliteTable("order_lines", {
  orderId: integer("order_id").notNull().references(() => orders.id, { onDelete: "cascade" }),
  sku: text("sku").notNull().references(() => products.sku),
  quantity: integer("quantity").notNull().default(1),
  reversed: text("reversed").generatedAlwaysAs(sql`upper("sku")`, { mode: "virtual" }),
}, (t) => [primaryKey({ columns: [t.orderId, t.sku] })]);

export const openOrders = sqliteView("open_orders").as((qb) => qb.select({ id: orders.id, customerId: orders.customerId }).from(orders));
