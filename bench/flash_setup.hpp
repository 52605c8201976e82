#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"
#include "ports/database.hpp"

// What a flash sale needs before it begins, written by the product's own statements; not measured.
namespace doorbuster::setup {

inline constexpr std::int64_t kUsers = 200'000;
inline constexpr std::int64_t kUnits = 10'000'000;

constexpr sql::Statement both(std::string_view text) { return {"bench", text, text}; }

// Users 1 to kUsers, each with the address of the same number.
inline void make_users(sql::Database& database) {
    static constexpr auto kInteger = sql::ColumnType::integer;
    static constexpr auto kText = sql::ColumnType::text;
    static constexpr sql::BulkInsert::Column kUser[] = {
        {"id", kInteger},
        {"username", kText},
        {"username_key", kText},
        {"password_hash", kText},
        {"created_at", kInteger},
        {"updated_at", kInteger}};
    static constexpr sql::BulkInsert kInsertUsers{"bench.users", "users", kUser};
    static constexpr sql::BulkInsert::Column kAddress[] = {
        {"id", kInteger},
        {"user_id", kInteger},
        {"recipient", kText},
        {"phone", kText},
        {"province", kText},
        {"city", kText},
        {"district", kText},
        {"detail", kText},
        {"created_at", kInteger},
        {"updated_at", kInteger}};
    static constexpr sql::BulkInsert kInsertAddresses{"bench.addresses", "addresses", kAddress};
    constexpr std::int64_t kAtOnce = 5'000;
    for (std::int64_t first = 1; first <= kUsers; first += kAtOnce) {
        database.write_blocking([&](sql::Transaction& tx) {
            std::vector<std::string> names;
            names.reserve(kAtOnce);
            std::vector<sql::Param> users;
            std::vector<sql::Param> addresses;
            for (std::int64_t id = first; id < first + kAtOnce; ++id) {
                const std::string& name = names.emplace_back("u" + std::to_string(id));
                users.insert(users.end(), {id, name, name, "x", 0, 0});
                const std::initializer_list<sql::Param> address{
                    id,
                    id,
                    "王小明",
                    "13800138000",
                    "浙江省",
                    "杭州市",
                    "西湖区",
                    "文三路 1 号",
                    0,
                    0};
                addresses.insert(addresses.end(), address);
            }
            tx.insert_many(kInsertUsers, users);
            tx.insert_many(kInsertAddresses, addresses);
        });
    }
}

// Item 1 of promotion 1, which sells SKU 1 until `end`; its stock is the caller's to make.
inline void make_promotion(sql::Transaction& tx, Time end) {
    tx.execute(
        both("INSERT INTO products (id, handle, title, status, created_at, updated_at) "
             "VALUES (1, 'kettle', '手冲咖啡壶 Pour-over kettle', 'active', 0, 0)"),
        {}
    );
    tx.execute(
        both("INSERT INTO skus (id, product_id, sku, option1, price, created_at, updated_at) "
             "VALUES (1, 1, 'K-1', '黑色 Black', 9900, 0, 0)"),
        {}
    );
    tx.execute(
        both("INSERT INTO promotions (id, name, state, starts_at, ends_at, epoch, created_at, "
             "published_at) VALUES (1, 'Sale', 'published', 0, $1, 1, 0, 0)"),
        {end}
    );
    tx.execute(
        both("INSERT INTO promotion_items (id, promotion_id, sku_id, product_id, price, allotment, "
             "per_user_max, per_order_max) VALUES (1, 1, 1, 1, 100, $1, 100, 1)"),
        {kUnits}
    );
}

}  // namespace doorbuster::setup
