ALTER TABLE `orders` ADD `channel` text DEFAULT 'web' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `products_title_unique` ON `products` (`title`);