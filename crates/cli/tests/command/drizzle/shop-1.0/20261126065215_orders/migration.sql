CREATE TABLE `order_lines` (
	`order_id` integer NOT NULL,
	`sku` text NOT NULL,
	`quantity` integer DEFAULT 1 NOT NULL,
	`reversed` text GENERATED ALWAYS AS (upper("sku")) VIRTUAL,
	CONSTRAINT `order_lines_pk` PRIMARY KEY(`order_id`, `sku`),
	CONSTRAINT `fk_order_lines_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE CASCADE,
	CONSTRAINT `fk_order_lines_sku_products_sku_fk` FOREIGN KEY (`sku`) REFERENCES `products`(`sku`)
);
--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY,
	`customer_id` integer NOT NULL,
	`placed_at` text DEFAULT (datetime('now')) NOT NULL,
	`note` text,
	CONSTRAINT `fk_orders_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX `orders_open_idx` ON `orders` (`customer_id`) WHERE note is null;--> statement-breakpoint
CREATE VIEW `open_orders` AS select "id", "customer_id" from "orders";