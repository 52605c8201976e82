#include "http/router.hpp"

#include <array>
#include <exception>
#include <functional>
#include <map>
#include <unordered_map>

#include "core/assert.hpp"
#include "http/access_log.hpp"
#include "http/envelope.hpp"
#include "http/errors.hpp"
#include "http/refusal.hpp"
#include "http/text.hpp"
#include "ports/log.hpp"
#include "ports/sql.hpp"

namespace doorbuster::http {

namespace {

constexpr std::size_t kMethods = 7;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::size_t index_of(Method method) { return static_cast<std::size_t>(method); }

struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> param;  // "{name}": one segment, not empty
    std::unique_ptr<Node> rest;   // "{name...}": everything that is left
    std::array<std::size_t, kMethods> routes = none();

    static std::array<std::size_t, kMethods> none() {
        std::array<std::size_t, kMethods> all{};
        all.fill(kNone);
        return all;
    }

    std::size_t route_for(Method method) const {
        const std::size_t exact = routes[index_of(method)];
        if (exact != kNone || method != Method::head) return exact;
        return routes[index_of(Method::get)];
    }
};

// "{id}" -> "id", "{path...}" -> "path"; nothing for a literal.
std::string_view param_name(std::string_view segment) {
    if (!segment.starts_with('{') || !segment.ends_with('}')) return {};
    segment = segment.substr(1, segment.size() - 2);
    return segment.substr(0, segment.find('.'));
}
bool is_rest(std::string_view segment) { return segment.ends_with("...}"); }

// Calls `leaf(node, values)` for every node that the path reaches, the best match first: a literal
// before a parameter before a rest, segment by segment. Stops when `leaf` returns true.
using Values = std::array<std::string_view, Request::kPathParamsMax>;
template <class Leaf>
bool walk(const Node& node, std::string_view path, Values& values, std::size_t used, Leaf&& leaf) {
    if (path.data() == nullptr) return leaf(node, used);
    const auto end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    const std::string_view left =
        end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
        if (walk(*literal->second, left, values, used, leaf)) return true;
    }
    if (node.param && !segment.empty()) {
        values[used] = segment;
        if (walk(*node.param, left, values, used + 1, leaf)) return true;
    }
    if (!node.rest) return false;
    values[used] = path;
    return leaf(*node.rest, used + 1);
}

// A value that a handler may use as text: valid UTF-8 without NUL, and no way up a tree of files.
bool is_safe_value(std::string_view value) {
    if (value.find('\0') != std::string_view::npos || !utf8_length(value)) return false;
    bool safe = true;
    for_each_part(value, '/', [&](std::string_view part) {
        if (part == "." || part == "..") safe = false;
    });
    return safe;
}

bool is_text_query(std::string_view query) {
    if (query.find('%') == std::string_view::npos) return true;
    const std::string text = percent_decode(query, Plus::is_space);
    return text.find('\0') == std::string::npos && utf8_length(text).has_value();
}

std::string path_to_log(const Request& request, const Route* route) {
    return loggable_path(request.path, route ? std::string_view{route->pattern} : "");
}

Response unavailable(const Request& request, const Route* route, const char* what) {
    log::warn(
        "http.unavailable",
        {{"request_id", request.id}, {"path", path_to_log(request, route)}, {"reason", what}}
    );
    return failure(request, kUnavailable);
}

Response internal_error(const Request& request, const Route* route, const char* what) {
    log::error(
        "http.request_failed",
        {{"request_id", request.id},
         {"method", to_string(request.method)},
         {"path", path_to_log(request, route)},
         {"reason", what}}
    );
    return refuse(request, {500, 9000, "internal_error", "Something went wrong on our side."});
}

// The boundary of a request: what an exception becomes.
Response from_exception(
    const Request& request, const Route* route, const std::exception_ptr& thrown
) {
    try {
        std::rethrow_exception(thrown);
    } catch (const sql::Unavailable& error) {
        return unavailable(request, route, error.what());
    } catch (const sql::CommitUnknown& error) {
        return unavailable(request, route, error.what());
    } catch (const std::exception& error) {
        return internal_error(request, route, error.what());
    } catch (...) {
        return internal_error(request, route, "not a std::exception");
    }
}

bool looks_at_credentials(Access::Kind kind) {
    return kind != Access::Kind::anyone && kind != Access::Kind::local;
}

// What the route's handler answers without waiting, if it can.
std::optional<Response> run_at_once(Request& request, const Route& route) {
    if (const auto* sync = std::get_if<SyncHandler>(&route.handler)) return (*sync)(request);
    if (const auto* hybrid = std::get_if<HybridHandler>(&route.handler)) {
        return hybrid->at_once(request);
    }
    return std::nullopt;
}

bool is_safe_method(Method method) {
    return method == Method::get || method == Method::head || method == Method::options;
}

}  // namespace

struct Router::Tree {
    Node root;
    std::vector<Route> routes;
    std::vector<std::vector<std::string>> names;  // of each route's parameters, in order
    // Patterns without parameters, so that the commonest paths cost one look-up.
    std::map<std::string, const Node*, std::less<>> exact;

    void insert(Route route);
    std::size_t find(Request& request, std::string& allow) const;
};

void Router::Tree::insert(Route route) {
    DOORBUSTER_ASSERT(route.pattern.starts_with('/'));
    Node* node = &root;
    std::vector<std::string> params;
    bool ended = false;
    for_each_part(std::string_view{route.pattern}.substr(1), '/', [&](std::string_view segment) {
        DOORBUSTER_ASSERT(!ended);  // "{path...}" must be last
        const std::string_view name = param_name(segment);
        if (!name.empty()) params.emplace_back(name);
        ended = !name.empty() && is_rest(segment);
        std::unique_ptr<Node>& next = name.empty()       ? node->literals[std::string{segment}]
                                      : is_rest(segment) ? node->rest
                                                         : node->param;
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    });
    DOORBUSTER_ASSERT(params.size() <= Request::kPathParamsMax);
    std::size_t& slot = node->routes[index_of(route.method)];
    DOORBUSTER_ASSERT(slot == kNone);  // two routes for one path and method
    slot = routes.size();
    if (params.empty()) exact.emplace(route.pattern, node);
    names.push_back(std::move(params));
    routes.push_back(std::move(route));
}

std::size_t Router::Tree::find(Request& request, std::string& allow) const {
    if (const auto known = exact.find(request.path); known != exact.end()) {
        const std::size_t route = known->second->route_for(request.method);
        if (route != kNone) return route;
    }
    std::size_t found = kNone;
    std::array<bool, kMethods> allowed{};
    Values values;
    const auto leaf = [&](const Node& node, std::size_t used) {
        std::array<std::string, Request::kPathParamsMax> decoded;
        for (std::size_t i = 0; i < used; ++i) {
            decoded[i] = percent_decode(values[i], Plus::is_plus);
            if (!is_safe_value(decoded[i])) return false;
        }
        for (std::size_t i = 0; i < kMethods; ++i) allowed[i] |= node.routes[i] != kNone;
        found = node.route_for(request.method);
        if (found == kNone) return false;
        for (std::size_t i = 0; i < used; ++i) {
            request.add_path_param(names[found][i], std::move(decoded[i]));
        }
        return true;
    };
    if (!request.path.starts_with('/')) return kNone;
    if (walk(root, request.path.substr(1), values, 0, leaf)) return found;
    allowed[index_of(Method::head)] |= allowed[index_of(Method::get)];
    for (std::size_t i = 0; i < kMethods; ++i) {
        if (!allowed[i]) continue;
        if (!allow.empty()) allow += ", ";
        allow += to_string(static_cast<Method>(i));
    }
    return kNone;
}

Router::Router(Authenticator& authenticator)
    : authenticator_{authenticator}, tree_{std::make_unique<Tree>()} {}
Router::~Router() = default;

void Router::add(Routes routes) {
    for (Route& route : routes) tree_->insert(std::move(route));
}

const std::vector<Route>& Router::routes() const { return tree_->routes; }

Router::Match Router::match(Request& request) const {
    request.clear_path_params();
    Match match;
    const std::size_t found = tree_->find(request, match.allow);
    if (found != kNone) match.route = &tree_->routes[found];
    return match;
}

std::optional<Response> Router::refuse_early(const Request& request, const Match& match) const {
    if (!match.route) {
        if (match.allow.empty()) return failure(request, kNotFound);
        Response refused = refuse(
            request, {405, 9009, "method_not_allowed", "This path does not know that method."}
        );
        return std::move(refused.with("Allow", match.allow));
    }
    if (match.route->access.kind() == Access::Kind::local && !request.local) {
        return failure(request, kNotFound);
    }
    if (!is_text_query(request.query)) {
        return failure(request, Error{kInvalidRequest, "query", "is not valid UTF-8 text"});
    }
    return std::nullopt;
}

std::optional<Response> Router::answer_at_once(Request& request, const Match& match) const {
    try {
        if (auto refused = refuse_early(request, match)) return refused;
        const auto& early = match.route->options.early;
        if (early) {
            if (auto answer = early(request)) return answer;
        }
        if (looks_at_credentials(match.route->access.kind())) return std::nullopt;
        return run_at_once(request, *match.route);
    } catch (...) {
        return from_exception(request, match.route, std::current_exception());
    }
}

// A session is no app key, and no browser sends one by itself: no cookie is looked at.
Task<Result<void>> Router::admit_app(Request& request) const {
    if (!apps_) co_return kUnauthenticated;
    auto app = co_await apps_->authenticate_app(request);
    if (app.has_error()) co_return app.error();
    request.app = *std::move(app);
    co_return Result<void>{};
}

// Sets the principal, or tells why the caller may not come in.
Task<Result<void>> Router::admit(Request& request, const Route& route) const {
    const Access::Kind kind = route.access.kind();
    if (kind == Access::Kind::app) {
        Task<Result<void>> admitting = admit_app(request);
        co_return co_await std::move(admitting);
    }
    const bool check_csrf = route.options.csrf && !is_safe_method(request.method);
    auto found = co_await authenticator_.authenticate(request, check_csrf);
    if (found.has_error()) {
        // An old cookie must not shut a guest out of the shop; a bearer token was meant.
        const bool stale_cookie = found.error().kind().condition == Condition::unauthenticated &&
                                  request.header("authorization").empty();
        if (kind == Access::Kind::optional && stale_cookie) co_return Result<void>{};
        co_return found.error();
    }
    request.principal = *found;
    if (kind == Access::Kind::optional) co_return Result<void>{};
    if (!request.principal) co_return kUnauthenticated;
    if (kind == Access::Kind::staff && !route.access.allows(request.principal->rights)) {
        co_return kForbidden;
    }
    co_return Result<void>{};
}

Task<Response> Router::run(Request& request, const Route& route) const {
    if (looks_at_credentials(route.access.kind())) {
        const auto admitted = co_await admit(request, route);
        if (admitted.has_error()) co_return failure(request, admitted.error());
        if (auto answer = run_at_once(request, route)) co_return std::move(*answer);
    }
    const auto* hybrid = std::get_if<HybridHandler>(&route.handler);
    const auto& wait = hybrid ? hybrid->otherwise : std::get<AsyncHandler>(route.handler);
    Task<Response> handled = wait(request);
    co_return co_await std::move(handled);
}

Task<Response> Router::dispatch(Request& request, const Match& match) const {
    std::exception_ptr thrown;
    try {
        Response response = co_await run(request, *match.route);
        co_return response;
    } catch (...) {
        thrown = std::current_exception();
    }
    co_return from_exception(request, match.route, thrown);
}

Task<Response> Router::dispatch(Request& request) const {
    const Match match = this->match(request);
    if (auto answer = answer_at_once(request, match)) co_return std::move(*answer);
    Response response = co_await dispatch(request, match);
    co_return response;
}

}  // namespace doorbuster::http
