#include "adapters/postgres/service_file.hpp"

#include <gtest/gtest.h>

#include "ports/sql.hpp"

namespace doorbuster::postgres {
namespace {

TEST(ServiceFile, holds_what_the_conninfo_says) {
    const std::string text =
        service_file_text("postgresql://ann:s%20ecret@db.example:5433/shop?sslmode=require");
    for (const char* line :
         {"[doorbuster]\n",
          "user=ann\n",
          "password=s ecret\n",
          "host=db.example\n",
          "port=5433\n",
          "dbname=shop\n",
          "sslmode=require\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
    EXPECT_NE(service_file_text("host=/run/x dbname=a").find("host=/run/x\n"), std::string::npos);
}

TEST(ServiceFile, a_bad_conninfo_is_refused_without_its_words) {
    try {
        (void)service_file_text("password=hush wrong");
        FAIL();
    } catch (const sql::Error& error) {
        EXPECT_EQ(std::string{error.what()}.find("hush"), std::string::npos);
    }
}

}  // namespace
}  // namespace doorbuster::postgres
