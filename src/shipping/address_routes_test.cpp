#include "shipping/address_routes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/test_database.hpp"

namespace doorbuster::shipping {
namespace {

using test::Reply;
using test::RouteClient;

// A bearer token is a user's id, so that these tests need no accounts.
class TokenIsUser final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request& request, bool)
        override {
        const std::string_view header = request.header("Authorization");
        if (header.empty()) co_return std::optional<Principal>{};
        const auto user = std::stoll(std::string{header.substr(header.find(' ') + 1)});
        co_return std::optional{Principal{UserId{user}, SessionId{1}, Rights{}}};
    }
};

using FieldMap = std::map<std::string, std::string>;

// A good address with some of its fields, given as JSON, in another way.
std::string address(const FieldMap& changes = {}) {
    FieldMap fields{
        {"recipient", "\"张三\""},
        {"phone", "\"13800138000\""},
        {"province", "\"广东省\""},
        {"city", "\"深圳市\""},
        {"district", "\"南山区\""},
        {"detail", "\"科技园 1 栋\""},
        {"postcode", "\"518000\""}};
    for (const auto& [name, value] : changes) {
        if (value.empty()) {
            fields.erase(name);
        } else {
            fields[name] = value;
        }
    }
    std::string body;
    for (const auto& [name, value] : fields) {
        body += (body.empty() ? "{\"" : ",\"") + name + "\":" + value;
    }
    return body + '}';
}

class Addresses : public test::DatabaseTest {
protected:
    Addresses() {
        execute(
            "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
            "VALUES (7, 'alice', 'alice', '', 0, 0), (8, 'bob', 'bob', '', 0, 0)"
        );
        router_.add(address_routes(deps_));
    }
    static constexpr const char* kBook = "/api/v1/addresses";
    static std::string entry(const std::string& id) { return std::string{kBook} + '/' + id; }

    std::string create(const RouteClient& client, const FieldMap& changes = {}) {
        return client.post(kBook, address(changes)).text("/data/id");
    }
    std::string default_of(const RouteClient& client, const std::string& none = "none") {
        const Reply list = client.get(kBook);
        if (list.size("/data/list") == 0) return none;
        return list.text("/data/list/0/is_default") == "true" ? list.text("/data/list/0/id") : none;
    }
    std::int64_t defaults(std::int64_t user) {
        return integer(
            "SELECT COUNT(*) FROM addresses WHERE is_default = 1 AND user_id = $1", {user}
        );
    }

    test::ManualClock clock_;
    AddressService addresses_{clock_};
    AddressDeps deps_{database(), clock_, addresses_};
    TokenIsUser who_;
    http::Router router_{who_};
    RouteClient guest_{router_};
    RouteClient alice_ = guest_.as("7");
    RouteClient bob_ = guest_.as("8");
};
DOORBUSTER_ON_BOTH_ENGINES(Addresses);

TEST_P(Addresses, are_kept_as_they_were_given) {
    const Reply made = alice_.post(kBook, address());
    EXPECT_EQ(made.status, 201);
    const Reply shown = alice_.get(entry(made.text("/data/id")));
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(shown.text("/data"), made.text("/data"));
    EXPECT_EQ(shown.text("/data/recipient"), "张三");
    EXPECT_EQ(shown.text("/data/detail"), "科技园 1 栋");
    EXPECT_EQ(shown.text("/data/postcode"), "518000");
    const Reply list = alice_.get(kBook);
    EXPECT_EQ(list.integer("/data/total"), 1);
    EXPECT_EQ(list.text("/data/list/0"), shown.text("/data"));
    EXPECT_EQ(bob_.get(kBook).integer("/data/total"), 0);
}

TEST_P(Addresses, may_lack_a_district_and_a_postcode) {
    const Reply made = alice_.post(kBook, address({{"district", ""}, {"postcode", ""}}));
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.text("/data/district"), "");
    EXPECT_EQ(made.text("/data/postcode"), "");
    EXPECT_EQ(alice_.post(kBook, address({{"postcode", "\"\""}})).status, 201);
}

TEST_P(Addresses, are_refused_field_by_field) {
    const std::string x51 = '"' + std::string(51, 'x') + '"';
    const std::vector<std::pair<std::string, std::string>> bad{
        {"recipient", ""},
        {"recipient", "\"  \""},
        {"recipient", x51},
        {"recipient", "\"a\\u0000b\""},
        {"recipient", "7"},
        {"phone", ""},
        {"phone", "\"call me\""},
        {"phone", "\"1234\""},
        {"phone", "13800138000"},
        {"province", "null"},
        {"city", x51},
        {"district", x51},
        {"detail", '"' + std::string(201, 'x') + '"'},
        {"postcode", "\"12345\""},
        {"postcode", "\"1234567\""},
        {"postcode", "\"abcdef\""},
        {"is_default", "\"yes\""}};
    for (const auto& [name, value] : bad) {
        const std::string body = address({{name, value}});
        const Reply refused = alice_.post(kBook, body);
        EXPECT_EQ(refused.status, 422) << body;
        EXPECT_EQ(refused.error(), "validation_failed") << body;
        EXPECT_TRUE(refused.blames(name)) << body << refused.body;
        EXPECT_EQ(refused.size("/details"), 1u) << refused.body;
    }
    const Reply all = alice_.post(kBook, "{}");
    EXPECT_EQ(all.size("/details"), 5u) << all.body;
    EXPECT_EQ(alice_.post(kBook, address({{"recipient", "\"\xff\""}})).status / 100, 4);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM addresses"), 0);
}

TEST_P(Addresses, hold_sql_and_html_as_text) {
    const std::string nasty = "Robert'); DROP TABLE addresses;--<script>";
    const Reply made = alice_.post(kBook, address({{"detail", '"' + nasty + '"'}}));
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(alice_.get(entry(made.text("/data/id"))).text("/data/detail"), nasty);
}

TEST_P(Addresses, of_others_do_not_exist) {
    const std::string id = create(alice_);
    EXPECT_EQ(bob_.get(entry(id)).error(), "address_not_found");
    EXPECT_EQ(bob_.put(entry(id), address()).status, 404);
    EXPECT_EQ(bob_.del(entry(id)).status, 404);
    EXPECT_EQ(bob_.put(entry(id) + "/default", "").status, 404);
    EXPECT_EQ(alice_.get(entry(id)).status, 200);
    for (const char* none : {"0", "-1", "abc", "99999999999999999999", "999"}) {
        EXPECT_EQ(alice_.get(entry(none)).status, 404) << none;
        EXPECT_EQ(alice_.del(entry(none)).status, 404) << none;
        EXPECT_EQ(alice_.put(entry(none), address()).status, 404) << none;
    }
}

TEST_P(Addresses, need_a_session) {
    EXPECT_EQ(guest_.get(kBook).status, 401);
    EXPECT_EQ(guest_.post(kBook, address()).status, 401);
    EXPECT_EQ(guest_.get(entry("1")).status, 401);
    EXPECT_EQ(guest_.put(entry("1"), address()).status, 401);
    EXPECT_EQ(guest_.del(entry("1")).status, 401);
    EXPECT_EQ(guest_.put(entry("1") + "/default", "").status, 401);
}

TEST_P(Addresses, are_replaced) {
    const std::string id = create(alice_);
    clock_.advance(Milliseconds{5});
    const Reply changed =
        alice_.put(entry(id), address({{"city", "\"广州市\""}, {"postcode", ""}}));
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.text("/data/city"), "广州市");
    EXPECT_EQ(changed.text("/data/postcode"), "");
    EXPECT_EQ(changed.text("/data/is_default"), "true");
    EXPECT_NE(changed.text("/data/updated_at"), changed.text("/data/created_at"));
    EXPECT_EQ(alice_.put(entry(id), address({{"phone", "\"x\""}})).status, 422);
    EXPECT_EQ(alice_.get(entry(id)).text("/data"), changed.text("/data"));
}

TEST_P(Addresses, have_the_first_as_default_until_another_is_chosen) {
    const std::string first = create(alice_);
    const std::string second = create(alice_);
    const std::string of_bob = create(bob_);
    EXPECT_EQ(default_of(alice_), first);
    EXPECT_EQ(alice_.put(entry(second) + "/default", "").text("/data/is_default"), "true");
    EXPECT_EQ(default_of(alice_), second);
    const std::string third = create(alice_, {{"is_default", "true"}});
    EXPECT_EQ(default_of(alice_), third);
    alice_.put(entry(first), address({{"is_default", "true"}}));
    EXPECT_EQ(default_of(alice_), first);
    // There is always one: it is not given up, only handed over.
    alice_.put(entry(first), address({{"is_default", "false"}}));
    EXPECT_EQ(default_of(alice_), first);
    EXPECT_EQ(defaults(7), 1);
    EXPECT_EQ(default_of(bob_), of_bob);
}

TEST_P(Addresses, hand_the_default_to_the_newest_when_it_is_removed) {
    const std::string first = create(alice_);
    const std::string second = create(alice_);
    const std::string third = create(alice_);
    EXPECT_EQ(alice_.del(entry(first)).status, 200);
    EXPECT_EQ(default_of(alice_), third);
    EXPECT_EQ(alice_.del(entry(second)).status, 200);
    EXPECT_EQ(default_of(alice_), third);
    EXPECT_EQ(alice_.del(entry(third)).status, 200);
    EXPECT_EQ(default_of(alice_), "none");
    EXPECT_EQ(alice_.del(entry(third)).status, 404);
}

TEST_P(Addresses, are_created_once_per_idempotency_key) {
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = alice_.post(kBook, address(), key);
    const Reply again = alice_.post(kBook, address(), key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(alice_.post(kBook, address({{"city", "\"X\""}}), key).status, 422);
    EXPECT_EQ(bob_.post(kBook, address(), key).header("Idempotent-Replayed"), "");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM addresses"), 2);
}

TEST_P(Addresses, are_at_most_fifty) {
    for (std::int64_t i = 0; i < AddressService::kAddressesMax; ++i) create(alice_);
    const Reply full = alice_.post(kBook, address());
    EXPECT_EQ(full.status, 409);
    EXPECT_EQ(full.error(), "too_many_addresses");
    EXPECT_EQ(bob_.post(kBook, address()).status, 201);
    EXPECT_EQ(alice_.get(kBook).size("/data/list"), 50u);
}

// Every thread does one thing to alice's book and counts answers that are not 2xx or 404.
template <class Act>
int failures_of(int threads, Act act) {
    std::atomic<int> failures = 0;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&, i] {
            const int status = act(i).status;
            if (status / 100 != 2 && status != 404) ++failures;
        });
    }
    for (std::thread& thread : running) thread.join();
    return failures;
}

TEST_P(Addresses, have_one_default_when_the_first_ones_come_at_once) {
    const auto create_one = [&](int) { return alice_.post(kBook, address()); };
    EXPECT_EQ(failures_of(8, create_one), 0);
    EXPECT_EQ(defaults(7), 1);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM addresses"), 8);
}

TEST_P(Addresses, do_not_exceed_their_number_when_many_come_at_once) {
    for (std::int64_t i = 0; i < AddressService::kAddressesMax - 3; ++i) create(alice_);
    const auto create_one = [&](int) { return alice_.post(kBook, address()); };
    EXPECT_EQ(failures_of(8, create_one), 5);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM addresses"), AddressService::kAddressesMax);
}

TEST_P(Addresses, keep_one_default_while_it_is_chosen_moved_and_removed_at_once) {
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(create(alice_));
    for (int round = 0; round < 3; ++round) {
        const auto act = [&](int i) {
            const std::string& id = ids[static_cast<std::size_t>(i) % ids.size()];
            if (i % 4 == 3) return alice_.del(entry(id));
            if (i % 4 == 2) return alice_.post(kBook, address({{"is_default", "true"}}));
            return alice_.put(entry(id) + "/default", "");
        };
        EXPECT_EQ(failures_of(8, act), 0);
        EXPECT_EQ(defaults(7), 1);
    }
}

}  // namespace
}  // namespace doorbuster::shipping
