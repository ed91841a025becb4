INSERT INTO products (sku, title, price) VALUES ('A1', 'Apples; red', 2.5);
INSERT INTO products (sku, title, price) VALUES ('B2', 'Bread', 3);
CREATE TRIGGER lines_stock AFTER INSERT ON order_lines BEGIN UPDATE products SET stock = stock - new.quantity WHERE sku = new.sku; END;
