import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, real, sqliteTable, sqliteView, text, uniqueIndex } from "drizzle-orm/sqlite-core";

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
