#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/ids.hpp"
#include "core/principal.hpp"

namespace doorbuster::http {

enum class Method { get, head, post, put, patch, del, options };

std::string_view to_string(Method method);

// Which other system makes a request, as established by its app key.
using AppId = Id<struct AppTag>;
struct AppPrincipal {
    AppId id;
    std::string name;
};

// One request as a handler sees it. All views live until the handler's response is returned.
class Request {
public:
    struct Header {
        std::string_view name;
        std::string_view value;
    };
    static constexpr std::size_t kPathParamsMax = 4;

    Method method = Method::get;
    std::string_view target;  // "/api/v1/products?page=2", as sent
    std::string_view path;    // "/api/v1/products", percent-encoded as sent
    std::string_view query;   // "page=2", without the question mark
    std::string_view body;
    std::span<const Header> headers;
    std::string_view remote_address;  // of the client, after trusted proxies were taken off
    bool secure = false;  // the client came over TLS (told by a trusted proxy or the settings)
    bool local = false;   // came over the admin socket of this machine
    std::string_view id;  // request id, also in the answer and the log

    // Who asks: set for routes that need or allow a session.
    std::optional<Principal> principal;
    // Which system asks: set for routes that are for apps.
    std::optional<AppPrincipal> app;

    // A header by name, case-insensitive; empty when absent.
    std::string_view header(std::string_view name) const;
    // A cookie by name; empty when absent.
    std::string_view cookie(std::string_view name) const;
    // A query parameter, percent-decoded; nothing when absent. The first one counts.
    std::optional<std::string> query_param(std::string_view name) const;

    // The part of the path that matched `{name}` of the route's pattern, percent-decoded.
    std::string_view path_param(std::string_view name) const;
    // The same as an id; a zero id when it is not a decimal number (and so names nothing).
    template <class AnId>
    AnId path_id(std::string_view name) const {
        return AnId{path_number(name)};
    }

    // The signed-in user. Only for routes whose access demands one.
    UserId user() const { return principal->user; }

    void add_path_param(std::string_view name, std::string value);
    void clear_path_params() { path_param_count_ = 0; }

private:
    std::int64_t path_number(std::string_view name) const;

    std::array<std::pair<std::string_view, std::string>, kPathParamsMax> path_params_;
    std::size_t path_param_count_ = 0;
};

}  // namespace doorbuster::http
