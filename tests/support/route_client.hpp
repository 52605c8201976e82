#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.hpp"

namespace doorbuster::test {

// An answer as a test looks at it. Values in the body are named by JSON pointers, such as
// "/data/list/0/id"; one that is not there fails the test by an exception.
struct Reply {
    int status = 0;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;

    std::string header(std::string_view name) const;  // the first of that name, else empty
    // The value of a cookie that the answer sets; empty when it sets none or takes it away.
    std::string cookie(std::string_view name) const;

    bool has(std::string_view pointer) const;
    std::string text(std::string_view pointer) const;  // a string as it is, else the JSON text
    std::int64_t integer(std::string_view pointer) const;
    std::size_t size(std::string_view pointer) const;  // of a list
    std::string error() const { return has("/error") ? text("/error") : ""; }
    // Whether the answer blames this field.
    bool blames(std::string_view field) const;
};

// Sends requests to a router without a socket. What is set stays for every later request. Not
// thread-safe; a copy is cheap.
class RouteClient {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    explicit RouteClient(const http::Router& router) : router_{&router} {}

    std::string address = "192.0.2.10";
    bool secure = false;
    bool local = false;
    std::string bearer;   // a token; empty: none is sent
    std::string cookies;  // as in a Cookie header
    std::string csrf;     // the X-CSRF-Token
    std::string content_type = "application/json";

    // A client that differs in its token.
    RouteClient as(const std::string& token) const;

    Reply get(const std::string& target) const;
    Reply post(const std::string& target, const std::string& body, const Headers& more = {}) const;
    Reply put(const std::string& target, const std::string& body, const Headers& more = {}) const;
    Reply patch(const std::string& target, const std::string& body, const Headers& more = {}) const;
    Reply del(const std::string& target) const;
    Reply send(
        http::Method method,
        const std::string& target,
        const std::string& body = "",
        const Headers& more = {}
    ) const;

private:
    const http::Router* router_;
};

}  // namespace doorbuster::test
