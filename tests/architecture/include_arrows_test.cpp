#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

// The arrows of ARCHITECTURE.md. A folder may include itself and what is listed here, nothing else;
// `app` alone may include everything.
namespace doorbuster {
namespace {

using Names = std::set<std::string>;

const std::map<std::string, Names> kMayInclude = {
    {"core", {}},
    {"ports", {"core"}},
    {"http", {"core", "ports"}},
    {"cache", {"core", "ports"}},
    {"events", {"core", "ports"}},
    {"runtime", {"core", "ports"}},
    {"adapters", {"core", "ports"}},
    {"audit", {"core", "ports"}},
    {"idempotency", {"core", "ports", "http"}},
    {"inventory", {"core", "ports", "http", "cache", "events", "idempotency"}},
    {"accounts", {"core", "ports", "http", "cache", "events", "idempotency"}},
    {"shipping", {"core", "ports", "http", "cache", "events", "idempotency"}},
    {"webhooks", {"core", "ports", "http", "cache", "events", "idempotency"}},
    {"bookkeeping", {"core", "ports", "http"}},
    {"payments", {"core", "ports", "http", "cache", "events", "idempotency", "bookkeeping"}},
    {"refunds",
     {"core", "ports", "http", "cache", "events", "idempotency", "bookkeeping", "payments"}},
    {"pay_api",
     {"core", "ports", "http", "events", "idempotency", "payments", "refunds", "webhooks"}},
    {"reconciliation", {"core", "ports", "http", "events", "bookkeeping", "payments", "refunds"}},
    {"catalog", {"core", "ports", "http", "cache", "events", "idempotency", "inventory"}},
    {"cart", {"core", "ports", "http", "cache", "events", "idempotency", "inventory", "catalog"}},
    {"orders",
     {"core",
      "ports",
      "http",
      "cache",
      "events",
      "idempotency",
      "inventory",
      "catalog",
      "shipping",
      "payments",
      "refunds",
      "cart"}},
    {"flash_sale",
     {"core",
      "ports",
      "http",
      "cache",
      "events",
      "idempotency",
      "inventory",
      "accounts",
      "catalog",
      "shipping",
      "payments",
      "cart",
      "orders"}},
    {"sandbox", {"core", "ports", "http"}},
    {"rehearsal", {"core"}},
};

// Folders inside a folder, and what of their neighbours they may include. Adapters include none,
// but for what both payment providers are built on.
const std::map<std::string, Names> kRooms = {
    {"adapters/wechat_pay", {"adapters/pay_wire"}},
    {"adapters/alipay", {"adapters/pay_wire"}},
    {"catalog/model", {}},
    {"catalog/media", {"catalog/model"}},
    {"catalog/store", {"catalog/model", "catalog/media"}},
    {"catalog/pages", {"catalog/model", "catalog/media", "catalog/store"}},
    {"catalog/exchange", {"catalog/model", "catalog/media", "catalog/store"}},
    {"catalog",
     {"catalog/model", "catalog/media", "catalog/store", "catalog/pages", "catalog/exchange"}},
    {"flash_sale/model", {}},
    {"flash_sale/waitlist", {"flash_sale/model"}},
    {"flash_sale/engine", {"flash_sale/model", "flash_sale/waitlist"}},
    {"flash_sale/staff", {"flash_sale/model", "flash_sale/waitlist", "flash_sale/engine"}},
    {"flash_sale/edge", {"flash_sale/model", "flash_sale/waitlist", "flash_sale/engine"}},
    {"sandbox/common", {}},
    {"sandbox/wechat_pay", {"sandbox/common"}},
    {"sandbox/alipay", {"sandbox/common"}},
    {"sandbox", {"sandbox/common", "sandbox/wechat_pay", "sandbox/alipay"}},
    // joins the parts
    {"flash_sale",
     {"flash_sale/model",
      "flash_sale/waitlist",
      "flash_sale/engine",
      "flash_sale/staff",
      "flash_sale/edge"}},
};

// Headers of these libraries may be included by these folders only.
const std::map<std::string, Names> kDriversStayInside = {
    {"sqlite3.h", {"adapters/sqlite"}},
    {"libpq-fe.h", {"adapters/postgres"}},
    {"curl/curl.h", {"adapters/curl", "app"}},
    {"gd.h", {"adapters/gd"}},
    {"boost/beast", {"http"}},
    {"spdlog", {"runtime"}},
    {"toml++", {"runtime"}},
    {"prometheus", {"runtime"}},
};

struct Include {
    std::string file;    // relative to src
    std::string target;  // as written
};

std::vector<Include> all_includes() {
    const std::filesystem::path root = std::string{DOORBUSTER_SOURCE_DIR} + "/src";
    const std::regex pattern{R"re(^\s*#include\s+["<]([^">]+)[">])re"};
    std::vector<Include> includes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root}) {
        const auto extension = entry.path().extension();
        const std::string name = entry.path().filename().string();
        if ((extension != ".cpp" && extension != ".hpp") || name.ends_with("_test.cpp")) continue;
        std::ifstream in{entry.path()};
        for (std::string line; std::getline(in, line);) {
            std::smatch match;
            if (std::regex_search(line, match, pattern)) {
                includes.push_back(
                    {std::filesystem::relative(entry.path(), root).string(), match[1]}
                );
            }
        }
    }
    return includes;
}

std::string first_folder(const std::string& path) { return path.substr(0, path.find('/')); }

// The folder a file lies in: "adapters/sqlite", "flash_sale", "flash_sale/engine", "orders".
std::string room(const std::string& path) { return path.substr(0, path.rfind('/')); }

using Arrows = std::map<std::string, Names>;

bool is_listed(const Arrows& arrows, const std::string& from, const std::string& to) {
    const auto found = arrows.find(from);
    return found != arrows.end() && found->second.contains(to);
}

bool is_right(const std::string& file, const std::string& target) {
    if (room(file) == room(target)) return true;
    const std::string from = first_folder(file);
    const std::string to = first_folder(target);
    if (from == to) return is_listed(kRooms, room(file), room(target));
    return is_listed(kMayInclude, from, to);
}

std::vector<std::string> wrong_arrows(const std::vector<Include>& includes) {
    std::vector<std::string> wrong;
    for (const auto& [file, target] : includes) {
        const std::string to = first_folder(target);
        if (first_folder(file) == "app") continue;
        const bool is_ours = to == "app" || kMayInclude.contains(to);
        if (is_ours && !is_right(file, target)) wrong.push_back(file + " -> " + target);
    }
    return wrong;
}

TEST(IncludeArrows, point_the_way_the_architecture_says) {
    const auto includes = all_includes();
    ASSERT_GT(includes.size(), 100u) << "the sources were not found";
    for (const std::string& arrow : wrong_arrows(includes)) ADD_FAILURE() << arrow;
}

TEST(IncludeArrows, every_folder_is_on_a_floor) {
    for (const Include& include : all_includes()) {
        const std::string folder = first_folder(include.file);
        EXPECT_TRUE(folder == "app" || kMayInclude.contains(folder)) << folder;
        const std::string inner = room(include.file);
        const bool placed = inner == folder || folder == "adapters" || kRooms.contains(inner);
        EXPECT_TRUE(placed) << inner;
    }
}

TEST(IncludeArrows, drivers_stay_in_their_adapters) {
    for (const auto& [file, target] : all_includes()) {
        for (const auto& [library, rooms] : kDriversStayInside) {
            if (target.rfind(library, 0) == 0) {
                EXPECT_TRUE(rooms.contains(room(file))) << file << " -> " << target;
            }
        }
    }
}

TEST(IncludeArrows, a_wrong_arrow_is_found) {
    EXPECT_EQ(wrong_arrows({{"core/money.cpp", "ports/sql.hpp"}}).size(), 1u);
    EXPECT_EQ(wrong_arrows({{"adapters/sqlite/a.cpp", "adapters/postgres/b.hpp"}}).size(), 1u);
    EXPECT_EQ(wrong_arrows({{"adapters/curl/a.cpp", "adapters/pay_wire/rsa.hpp"}}).size(), 1u);
    EXPECT_EQ(wrong_arrows({{"orders/a.cpp", "app/wiring.hpp"}}).size(), 1u);
    EXPECT_TRUE(wrong_arrows({{"orders/a.cpp", "cart/cart_service.hpp"}}).empty());
    EXPECT_EQ(wrong_arrows({{"flash_sale/engine/a.cpp", "flash_sale/edge/b.hpp"}}).size(), 1u);
    EXPECT_EQ(wrong_arrows({{"flash_sale/edge/a.cpp", "flash_sale/staff/b.hpp"}}).size(), 1u);
    EXPECT_EQ(wrong_arrows({{"flash_sale/edge/a.cpp", "flash_sale/flash_sale.hpp"}}).size(), 1u);
    EXPECT_TRUE(wrong_arrows({{"flash_sale/edge/a.cpp", "flash_sale/model/b.hpp"}}).empty());
}

}  // namespace
}  // namespace doorbuster
