#!/bin/sh
# Makes a folder of the shop anew: ./make.sh <version of drizzle-kit> <folder>. Needs Node and npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
case $1 in
0.*) npm install --silent "drizzle-kit@$1" drizzle-orm better-sqlite3 ;;
*) npm install --silent "drizzle-kit@$1" "drizzle-orm@$1" better-sqlite3 ;;
esac
echo 'export default { dialect: "sqlite", schema: "./schema.ts", out: "drizzle" };' >drizzle.config.ts

# Folders of 1.0 are named by the second.
generate() {
    cp "$here/source/$1" schema.ts
    shift
    node_modules/.bin/drizzle-kit generate --config drizzle.config.ts "$@"
    sleep 1
}
generate 1-customers-and-products.ts --name customers_and_products
generate 2-orders.ts --name orders
generate 2-orders.ts --name first_products --custom
file=$(ls -d drizzle/*first_products*)
[ ! -d "$file" ] || file=$file/migration.sql
cat >"$file" <<'SQL'
INSERT INTO products (sku, title, price) VALUES ('A1', 'Apples; red', 2.5);
INSERT INTO products (sku, title, price) VALUES ('B2', 'Bread', 3);
CREATE TRIGGER lines_stock AFTER INSERT ON order_lines BEGIN UPDATE products SET stock = stock - new.quantity WHERE sku = new.sku; END;
SQL
generate 3-channels.ts --name channels
rm -rf "${here:?}/$2"
cp -r drizzle "$here/$2"
