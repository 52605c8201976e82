#pragma once

#include <string>

#include "support/accounts_world.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

inline std::string quoted_field(const std::string& name, const std::string& value) {
    return "{\"" + name + "\":\"" + value + "\"}";
}

class AccountRoutesWorld : public DatabaseTest {
protected:
    static std::string credentials(
        const std::string& username, const std::string& password = AccountsWorld::kPassword
    ) {
        return AccountsWorld::credentials(username, password);
    }
    Reply register_user(const std::string& username) {
        return client_.post("/api/v1/users", credentials(username));
    }

    AccountsWorld world_{database()};
    RouteClient& client_ = world_.client;
};

}  // namespace doorbuster::test
