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
    {"payments", {"core", "ports", "http", "cache", "events", "idempotency"}},
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

// "adapters/sqlite" for adapters, else the first folder.
std::string room(const std::string& path) {
    const std::string first = first_folder(path);
    if (first != "adapters") return first;
    return path.substr(0, path.find('/', first.size() + 1));
}

// The one folder of adapters that other adapters use: both payment providers are built on it.
bool is_shared_by_payment_adapters(const std::string& file, const std::string& target) {
    static const Names kUsers{"adapters/wechat_pay", "adapters/alipay"};
    return room(target) == "adapters/pay_wire" && kUsers.contains(room(file));
}

std::vector<std::string> wrong_arrows(const std::vector<Include>& includes) {
    std::vector<std::string> wrong;
    for (const auto& [file, target] : includes) {
        const std::string from = first_folder(file);
        const std::string to = first_folder(target);
        if (from == "app") continue;
        if (to == "app") wrong.push_back(file + " -> " + target);
        if (!kMayInclude.contains(to)) continue;  // not a folder of ours
        const bool same_room =
            room(file) == room(target) || is_shared_by_payment_adapters(file, target);
        const auto allowed = kMayInclude.find(from);
        if (!same_room && (allowed == kMayInclude.end() || !allowed->second.contains(to))) {
            wrong.push_back(file + " -> " + target);
        }
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
}

}  // namespace
}  // namespace doorbuster
