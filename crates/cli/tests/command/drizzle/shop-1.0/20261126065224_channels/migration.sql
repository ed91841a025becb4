ALTER TABLE `orders` ADD `channel` text DEFAULT 'web' NOT NULL;--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_products` (
	`sku` text PRIMARY KEY,
	`title` text NOT NULL UNIQUE,
	`price` real NOT NULL,
	`stock` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "products_price_check" CHECK("price" >= 0)
);
--> statement-breakpoint
INSERT INTO `__new_products`(`sku`, `title`, `price`, `stock`) SELECT `sku`, `title`, `price`, `stock` FROM `products`;--> statement-breakpoint
DROP TABLE `products`;--> statement-breakpoint
ALTER TABLE `__new_products` RENAME TO `products`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `products_title_idx` ON `products` (`title`);