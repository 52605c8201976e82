#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/database.hpp"

namespace doorbuster::test {

// One text for both engines.
constexpr sql::Statement both(std::string_view text) { return {"test.statement", text, text}; }

// Rows that tests of carts, stock and orders stand on, written as plain SQL so that no service is
// needed to test another.
class ShopData {
public:
    explicit ShopData(sql::Database& database) : database_{database} {}

    UserId add_user(const std::string& name) {
        static constexpr sql::Statement kInsert = both(
            "INSERT INTO users (username, username_key, password_hash, created_at, updated_at) "
            "VALUES ($1, $1, '', 0, 0) RETURNING id"
        );
        return UserId{insert(kInsert, {name})};
    }

    // A product with one SKU and no stock.
    SkuId add_sku(Money price, const std::string& title = "Teapot", bool on_sale = true) {
        static constexpr sql::Statement kProduct = both(
            "INSERT INTO products (handle, title, status, created_at, updated_at) "
            "VALUES ($1, $2, $3, 0, 0) RETURNING id"
        );
        const std::string handle = "product-" + std::to_string(++products_);
        const auto product = insert(kProduct, {handle, title, on_sale ? "active" : "draft"});
        static constexpr sql::Statement kSku = both(
            "INSERT INTO skus (product_id, sku, price, created_at, updated_at) "
            "VALUES ($1, $2, $3, 0, 0) RETURNING id"
        );
        return SkuId{insert(kSku, {product, "SKU-" + handle, price})};
    }

    // The same with units of stock and the ledger row that explains them.
    SkuId add_stocked_sku(Money price, std::int64_t units, const std::string& title = "Teapot") {
        const SkuId sku = add_sku(price, title);
        static constexpr sql::Statement kStock =
            both("INSERT INTO stock (sku_id, available) VALUES ($1, $2) RETURNING sku_id");
        static constexpr sql::Statement kGrant = both(
            "INSERT INTO stock_ledger (sku_id, kind, quantity, at) VALUES ($1, 'GRANT', $2, 0) "
            "RETURNING id"
        );
        insert(kStock, {sku, units});
        insert(kGrant, {sku, units});
        return sku;
    }

    void set_price(SkuId sku, Money price) {
        static constexpr sql::Statement kUpdate =
            both("UPDATE skus SET price = $2 WHERE id = $1 RETURNING id");
        insert(kUpdate, {sku, price});
    }
    void take_off_sale(SkuId sku) {
        static constexpr sql::Statement kUpdate =
            both("UPDATE skus SET removed = 1 WHERE id = $1 RETURNING id");
        insert(kUpdate, {sku});
    }

    AddressId add_address(UserId user, const std::string& recipient = "Li Lei") {
        static constexpr sql::Statement kInsert = both(
            "INSERT INTO addresses (user_id, recipient, phone, province, city, district, detail, "
            "created_at, updated_at) VALUES ($1, $2, '13800000000', 'Zhejiang', 'Hangzhou', "
            "'Xihu', '1 Lake Road', 0, 0) RETURNING id"
        );
        return AddressId{insert(kInsert, {user, recipient})};
    }

private:
    std::int64_t insert(const sql::Statement& statement, sql::Params params) {
        const auto run = [&](sql::Transaction& tx) {
            return tx.find(statement, params, [](const sql::Row& row) { return row.integer(0); });
        };
        return database_.write_blocking(run).value();
    }

    sql::Database& database_;
    int products_ = 0;
};

// Rows that break "the columns of a SKU equal the sums of its ledger rows"; none is right.
inline std::vector<std::int64_t> skus_that_disagree_with_the_ledger(sql::Database& database) {
    static constexpr std::string_view kText = R"(
        SELECT s.sku_id FROM stock s LEFT JOIN stock_ledger l ON l.sku_id = s.sku_id
        GROUP BY s.sku_id, s.available, s.reserved, s.sold
        HAVING s.available <> COALESCE(SUM(CASE
                   WHEN l.kind IN ('GRANT', 'ADJUST', 'TRANSFER', 'RELEASE', 'RETURN') THEN l.quantity
                   WHEN l.kind = 'RESERVE' THEN -l.quantity ELSE 0 END), 0)
            OR s.reserved <> COALESCE(SUM(CASE WHEN l.kind = 'RESERVE' THEN l.quantity
                   WHEN l.kind IN ('CONFIRM', 'RELEASE') THEN -l.quantity ELSE 0 END), 0)
            OR s.sold <> COALESCE(SUM(CASE WHEN l.kind = 'CONFIRM' THEN l.quantity
                   WHEN l.kind = 'RETURN' THEN -l.quantity ELSE 0 END), 0))";
    static constexpr sql::Statement kStatement{"test.ledger", kText, kText};
    return database.read_blocking([](sql::Reader& reader) {
        return reader.all(kStatement, {}, [](const sql::Row& row) { return row.integer(0); });
    });
}

}  // namespace doorbuster::test
