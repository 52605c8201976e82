#include <gtest/gtest.h>

#include "ports/sql.hpp"
#include "support/test_database.hpp"

namespace doorbuster {
namespace {

class SqlContract : public test::DatabaseTest {};
DOORBUSTER_ON_BOTH_ENGINES(SqlContract);

TEST_P(SqlContract, starts_with_the_schema_of_the_program) {
    EXPECT_EQ(integer("SELECT COUNT(*) FROM users"), 0);
}

}  // namespace
}  // namespace doorbuster
