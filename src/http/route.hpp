#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/principal.hpp"
#include "core/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace doorbuster::http {

// Who may call a route. Declared beside it, enforced by the router before the handler runs.
class Access {
public:
    enum class Kind {
        anyone,    // no session is looked at
        optional,  // a valid session is used, none is fine (guest carts)
        user,      // a valid session
        staff,     // a valid session with the right, or with any right
        app,       // another system, by its app key
        local,     // the admin socket of this machine only
    };

    static Access anyone() { return Access{Kind::anyone, {}}; }
    static Access optional_user() { return Access{Kind::optional, {}}; }
    static Access user() { return Access{Kind::user, {}}; }
    static Access any_staff() { return Access{Kind::staff, {}}; }
    static Access staff(Right right) { return Access{Kind::staff, Rights::of(right)}; }
    static Access app() { return Access{Kind::app, {}}; }
    static Access local() { return Access{Kind::local, {}}; }

    Kind kind() const { return kind_; }
    bool allows(Rights rights) const {
        return right_.any()
                   ? (rights.bits() & (right_.bits() | Rights::of(Right::admin).bits())) != 0
                   : rights.any();
    }

private:
    Access(Kind kind, Rights right) : kind_{kind}, right_{right} {}
    Kind kind_;
    Rights right_;
};

// A handler that never waits needs no coroutine frame.
using SyncHandler = std::function<Response(Request&)>;
using AsyncHandler = std::function<Task<Response>(Request&)>;
// Answers at once when memory has the answer; nothing means that it must wait, as `otherwise` does.
// So the warm path of a hot route costs no coroutine.
struct HybridHandler {
    using AtOnce = std::function<std::optional<Response>(Request&)>;

    HybridHandler(AtOnce first, AsyncHandler then)
        : at_once{std::move(first)}, otherwise{std::move(then)} {}

    AtOnce at_once;
    AsyncHandler otherwise;
};

struct RouteOptions {
    static constexpr std::size_t kBodyBytesMax = 1024 * 1024;
    std::size_t body_bytes_max = kBodyBytesMax;
    // Sessions by cookie must send the CSRF token with unsafe methods. Only callbacks that carry
    // their own proof (payment notifications) and log-in itself are exempt.
    bool csrf = true;
    // Never shed under overload, outside rate limits.
    bool urgent = false;
    // Asked once for every request of the route, before any session is looked at: an answer ends
    // the request here, at no more cost than a SyncHandler's. For refusals that concern everyone
    // alike. May read path, headers and body, must not wait; nobody is signed in yet.
    std::function<std::optional<Response>(Request&)> early = {};
};

struct Route {
    Method method;
    std::string pattern;  // "/api/v1/products/{id}"; a last "{path...}" takes the rest
    Access access;
    std::variant<SyncHandler, AsyncHandler, HybridHandler> handler;
    RouteOptions options = {};
};

using Routes = std::vector<Route>;

// Several tables as one.
Routes joined(std::vector<Routes> tables);

}  // namespace doorbuster::http
