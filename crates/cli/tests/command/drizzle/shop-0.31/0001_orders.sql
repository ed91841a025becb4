CREATE TABLE `order_lines` (
	`order_id` integer NOT NULL,
	`sku` text NOT NULL,
	`quantity` integer DEFAULT 1 NOT NULL,
	`reversed` text GENERATED ALWAYS AS (upper("sku")) VIRTUAL,
	PRIMARY KEY(`order_id`, `sku`),
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`sku`) REFERENCES `products`(`sku`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`customer_id` integer NOT NULL,
	`placed_at` text DEFAULT (datetime('now')) NOT NULL,
	`note` text,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `orders_open_idx` ON `orders` (`customer_id`) WHERE note is null;--> statement-breakpoint
CREATE VIEW `open_orders` AS select "id", "customer_id" from "orders";