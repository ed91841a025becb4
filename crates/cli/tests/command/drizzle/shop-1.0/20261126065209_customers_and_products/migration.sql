CREATE TABLE `customers` (
	`id` integer PRIMARY KEY AUTOINCREMENT,
	`email` text NOT NULL UNIQUE,
	`type` text DEFAULT 'person' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL
);
--> statement-breakpoint
CREATE TABLE `products` (
	`sku` text PRIMARY KEY,
	`title` text NOT NULL,
	`price` real NOT NULL,
	`stock` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "products_price_check" CHECK("price" >= 0)
);
--> statement-breakpoint
CREATE INDEX `products_title_idx` ON `products` (`title`);