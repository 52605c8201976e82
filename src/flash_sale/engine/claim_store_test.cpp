#include "flash_sale/model/claim_store.hpp"

#include <gtest/gtest.h>

#include "flash_sale/model/sql.hpp"
#include "support/flash_world.hpp"

namespace doorbuster::flash_sale {
namespace {

class Claims : public test::FlashWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Claims);

TEST_P(Claims, of_users_who_are_named_twice_are_read_once) {
    const auto item = open_sale({.units = 5, .per_user_max = 2});
    const Buyer other = add_buyer();
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    ASSERT_TRUE(buy(item, other.user, other.address).has_value());
    const UserId users[] = {other.user, buyer_, other.user, buyer_, UserId{999}};
    const auto found = database().read_blocking([&](sql::Reader& reader) {
        return claims::of_users(reader, item, users);
    });
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found.at(buyer_).slots, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(found.at(buyer_).requests.size(), 2u);
    EXPECT_EQ(found.at(other.user).slots, std::vector<std::int64_t>{1});
}

// Else each batch of a sale would read all that the batches before it have sold.
TEST_P(Claims, of_users_are_looked_up_one_by_one_also_while_there_are_few) {
    if (on_sqlite()) GTEST_SKIP() << "about PostgreSQL's planner";
    const auto item = open_sale({.units = 5});
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    execute("ANALYZE promotion_claims");
    const std::string text = "EXPLAIN " + std::string{model::queries::claims_of_users.postgres};
    const sql::Statement explain{"test", text, text};
    const auto plan = database().write_blocking([&](sql::Transaction& tx) {
        std::string lines;
        tx.query(explain, {item, "[1,2,3]"}, [&](const sql::Row& row) { lines += row.text(0); });
        return lines;
    });
    const std::string key = "Index Cond: ((item_id = '" + item.to_string() +
                            "'::bigint) AND (user_id = (wanted.user_id)::bigint))";
    EXPECT_NE(plan.find(key), std::string::npos) << plan;
}

}  // namespace
}  // namespace doorbuster::flash_sale
