#include "http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "http/envelope.hpp"
#include "http/errors.hpp"
#include "ports/log.hpp"
#include "ports/sql.hpp"
#include "support/run_task.hpp"

namespace doorbuster::http {
namespace {

// Says who asks by the Authorization header: "shopper", "catalog", "admin", anything else is wrong.
class NamedUsers final : public Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const Request& request, bool check_csrf)
        override {
        ++asked;
        csrf_checked = check_csrf;
        std::string_view who = request.header("authorization");
        if (who.empty()) who = request.cookie("session");
        co_return named(who);
    }

    int asked = 0;
    bool csrf_checked = false;

private:
    static Result<std::optional<Principal>> named(std::string_view who) {
        const auto with = [](Rights rights) {
            return std::optional{Principal{UserId{1}, SessionId{2}, rights}};
        };
        if (who.empty()) return std::optional<Principal>{};
        if (who == "shopper") return with(Rights{});
        if (who == "catalog") return with(Rights::of(Right::catalog));
        if (who == "admin") return with(Rights::of(Right::admin));
        if (who == "no-csrf") return kForbidden;
        return kUnauthenticated;
    }
};

Response text(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
}

Route route(Method method, std::string pattern, Access access = Access::anyone()) {
    const std::string name = std::string{to_string(method)} + " " + pattern;
    const SyncHandler handler = [name](Request& request) {
        std::string body = name;
        for (const char* param : {"id", "no", "path"}) {
            const std::string value{request.path_param(param)};
            if (!value.empty()) body += std::string{" "} + param + "=" + value;
        }
        return text(std::move(body));
    };
    return {method, std::move(pattern), access, handler};
}

struct Asked {
    Method method = Method::get;
    std::string path;
    std::vector<Request::Header> headers = {};
    std::string query = {};
    bool local = false;
};

Response ask(const Router& router, const Asked& asked) {
    Request request;
    request.method = asked.method;
    request.path = asked.path;
    request.query = asked.query;
    request.headers = asked.headers;
    request.local = asked.local;
    return test::run(router.dispatch(request));
}

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

class RouterTest : public testing::Test {
protected:
    NamedUsers users;
    Router router{users};
};

TEST_F(RouterTest, a_hybrid_handler_waits_only_when_memory_has_no_answer) {
    bool remembered = true;
    const auto at_once = [&](Request&) {
        return remembered ? std::optional{text("at once")} : std::nullopt;
    };
    const auto otherwise = [](Request&) -> Task<Response> { co_return text("waited"); };
    router.add(
        {{Method::get, "/open", Access::anyone(), HybridHandler{at_once, otherwise}},
         {Method::get, "/mine", Access::user(), HybridHandler{at_once, otherwise}}}
    );
    for (const char* path : {"/open", "/mine"}) {
        remembered = true;
        EXPECT_EQ(ask(router, {Method::get, path, {{"authorization", "shopper"}}}).body, "at once");
        remembered = false;
        EXPECT_EQ(ask(router, {Method::get, path, {{"authorization", "shopper"}}}).body, "waited");
    }
    remembered = true;
    EXPECT_EQ(ask(router, {Method::get, "/mine"}).status, 401);
}

TEST_F(RouterTest, finds_the_best_route_and_its_parameters) {
    router.add(
        {route(Method::get, "/"),
         route(Method::get, "/products"),
         route(Method::post, "/products"),
         route(Method::get, "/products/{id}"),
         route(Method::get, "/products/new"),
         route(Method::del, "/products/{no}"),
         route(Method::get, "/users/{id}/orders/{no}"),
         route(Method::get, "/media/{path...}"),
         route(Method::get, "/{id}/edit")}
    );
    const std::pair<Asked, std::string> table[] = {
        {{Method::get, "/"}, "GET /"},
        {{Method::get, "/products"}, "GET /products"},
        {{Method::head, "/products"}, "GET /products"},
        {{Method::post, "/products"}, "POST /products"},
        {{Method::get, "/products/7"}, "GET /products/{id} id=7"},
        {{Method::del, "/products/7"}, "DELETE /products/{no} no=7"},
        {{Method::del, "/products/new"}, "DELETE /products/{no} no=new"},
        {{Method::get, "/products/new"}, "GET /products/new"},
        {{Method::get, "/products/a%2Fb"}, "GET /products/{id} id=a/b"},
        {{Method::get, "/products/%E7%A7%92"}, "GET /products/{id} id=秒"},
        {{Method::get, "/products/a+b"}, "GET /products/{id} id=a+b"},
        {{Method::get, "/users/1/orders/2"}, "GET /users/{id}/orders/{no} id=1 no=2"},
        {{Method::get, "/media/a/b.png"}, "GET /media/{path...} path=a/b.png"},
        {{Method::get, "/products/edit"}, "GET /products/{id} id=edit"},
        {{Method::get, "/media/edit"}, "GET /media/{path...} path=edit"},
        {{Method::get, "/other/edit"}, "GET /{id}/edit id=other"},
    };
    for (const auto& [asked, body] : table) EXPECT_EQ(ask(router, asked).body, body) << asked.path;
}

TEST_F(RouterTest, knows_nothing_of_other_paths) {
    router.add(
        {route(Method::get, "/products/{id}"),
         route(Method::get, "/media/{path...}"),
         route(Method::get, "/a/b")}
    );
    for (const char* path :
         {"/",
          "",
          "*",
          "/products",
          "/products/",
          "/products/1/",
          "/products/1/2",
          "/Products/1",
          "//products/1",
          "/products/%00",
          "/products/%ff",
          "/products/..",
          "/products/%2e%2e",
          "/media/../a",
          "/media/a/..%2f..",
          "/a/b/",
          "/a//b",
          "/a"}) {
        const Response response = ask(router, {Method::get, path});
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_NE(response.body.find("\"not_found\""), std::string::npos);
    }
}

TEST_F(RouterTest, names_the_methods_that_a_path_knows) {
    router.add(
        {route(Method::get, "/products/{id}"),
         route(Method::del, "/products/{no}"),
         route(Method::post, "/products/new")}
    );
    const Response response = ask(router, {Method::put, "/products/new"});
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, POST, DELETE");
    EXPECT_EQ(
        header_of(ask(router, {Method::options, "/products/5"}), "Allow"), "GET, HEAD, DELETE"
    );
}

TEST_F(RouterTest, admits_only_whom_a_route_is_for) {
    router.add(
        {route(Method::get, "/anyone"),
         route(Method::get, "/optional", Access::optional_user()),
         route(Method::get, "/user", Access::user()),
         route(Method::get, "/staff", Access::any_staff()),
         route(Method::get, "/catalog", Access::staff(Right::catalog)),
         route(Method::get, "/orders", Access::staff(Right::orders)),
         route(Method::get, "/local", Access::local())}
    );
    struct Row {
        const char* who;
        int anyone, optional, user, staff, catalog, orders, local;
    };
    const Row table[] = {
        {"", 200, 200, 401, 401, 401, 401, 404},
        {"wrong", 200, 401, 401, 401, 401, 401, 404},
        {"no-csrf", 200, 403, 403, 403, 403, 403, 404},
        {"shopper", 200, 200, 200, 403, 403, 403, 404},
        {"catalog", 200, 200, 200, 200, 200, 403, 404},
        {"admin", 200, 200, 200, 200, 200, 200, 404},
    };
    for (const Row& row : table) {
        const auto status = [&](const char* path) {
            return ask(router, {Method::get, path, {{"authorization", row.who}}}).status;
        };
        EXPECT_EQ(status("/anyone"), row.anyone) << row.who;
        EXPECT_EQ(status("/optional"), row.optional) << row.who;
        EXPECT_EQ(status("/user"), row.user) << row.who;
        EXPECT_EQ(status("/staff"), row.staff) << row.who;
        EXPECT_EQ(status("/catalog"), row.catalog) << row.who;
        EXPECT_EQ(status("/orders"), row.orders) << row.who;
        EXPECT_EQ(status("/local"), row.local) << row.who;
    }
    EXPECT_EQ(ask(router, {.path = "/local", .local = true}).status, 200);
}

// Knows one key.
class OneApp final : public AppAuthenticator {
public:
    Task<Result<AppPrincipal>> authenticate_app(const Request& request) override {
        if (request.header("authorization") != "key") co_return kUnauthenticated;
        co_return AppPrincipal{AppId{5}, "crm"};
    }
};

TEST_F(RouterTest, admits_other_systems_by_their_key_and_by_nothing_else) {
    Route who = route(Method::post, "/app", Access::app());
    who.handler = SyncHandler{
        [](Request& request) { return text(request.principal ? "a person" : request.app->name); }};
    router.add({std::move(who), route(Method::get, "/user", Access::user())});
    const Asked with_key{Method::post, "/app", {{"authorization", "key"}}};
    EXPECT_EQ(ask(router, with_key).status, 401) << "nobody here knows keys";
    OneApp apps;
    router.set_apps(apps);
    EXPECT_EQ(ask(router, with_key).body, "crm");
    for (const char* other : {"", "wrong", "shopper", "admin"}) {
        EXPECT_EQ(ask(router, {Method::post, "/app", {{"authorization", other}}}).status, 401);
    }
    EXPECT_EQ(ask(router, {Method::post, "/app", {{"cookie", "session=admin"}}}).status, 401);
    EXPECT_EQ(users.asked, 0) << "a session is no key";
    EXPECT_EQ(ask(router, {Method::get, "/user", {{"authorization", "key"}}}).status, 401);
}

TEST_F(RouterTest, tells_refused_callers_why) {
    router.add({route(Method::get, "/staff", Access::any_staff())});
    const Response nobody = ask(router, {.path = "/staff"});
    EXPECT_NE(nobody.body.find("\"code\":1001"), std::string::npos) << nobody.body;
    EXPECT_NE(nobody.body.find("\"unauthenticated\""), std::string::npos);
    const Response shopper =
        ask(router, {.path = "/staff", .headers = {{"authorization", "shopper"}}});
    EXPECT_NE(shopper.body.find("\"code\":1002"), std::string::npos);
    EXPECT_NE(shopper.body.find("\"forbidden\""), std::string::npos);
}

TEST_F(RouterTest, lets_a_guest_with_an_old_cookie_in_where_a_session_is_optional) {
    router.add(
        {route(Method::get, "/cart", Access::optional_user()),
         route(Method::get, "/me", Access::user())}
    );
    EXPECT_EQ(ask(router, {.path = "/cart", .headers = {{"cookie", "session=old"}}}).status, 200);
    EXPECT_EQ(
        ask(router, {.path = "/cart", .headers = {{"cookie", "session=no-csrf"}}}).status, 403
    );
    EXPECT_EQ(ask(router, {.path = "/me", .headers = {{"cookie", "session=old"}}}).status, 401);
}

TEST_F(RouterTest, asks_for_csrf_tokens_on_unsafe_methods_unless_exempt) {
    Route exempt = route(Method::post, "/login", Access::optional_user());
    exempt.options.csrf = false;
    router.add(
        {route(Method::get, "/cart", Access::user()),
         route(Method::post, "/cart", Access::user()),
         std::move(exempt)}
    );
    ask(router, {Method::post, "/cart"});
    EXPECT_TRUE(users.csrf_checked);
    ask(router, {Method::get, "/cart"});
    EXPECT_FALSE(users.csrf_checked);
    ask(router, {Method::post, "/login"});
    EXPECT_FALSE(users.csrf_checked);
    EXPECT_EQ(users.asked, 3);
}

TEST_F(RouterTest, looks_at_no_session_where_anyone_may_come) {
    router.add({route(Method::get, "/anyone")});
    ask(router, {.path = "/anyone", .headers = {{"authorization", "wrong"}}});
    EXPECT_EQ(users.asked, 0);
}

TEST_F(RouterTest, refuses_queries_that_are_no_text) {
    router.add({route(Method::get, "/list")});
    EXPECT_EQ(ask(router, {.path = "/list", .query = "q=%E7%A7%92"}).status, 200);
    EXPECT_EQ(ask(router, {.path = "/list", .query = "q=%ff"}).status, 400);
    EXPECT_EQ(ask(router, {.path = "/list", .query = "q=a%00"}).status, 400);
}

TEST_F(RouterTest, answers_at_once_what_needs_no_wait) {
    Route waits = route(Method::get, "/waits");
    waits.handler = AsyncHandler{[](Request&) -> Task<Response> { co_return text("waited"); }};
    router.add(
        {route(Method::get, "/sync"), std::move(waits), route(Method::get, "/me", Access::user())}
    );
    const auto at_once = [&](const char* path) {
        Request request;
        request.path = path;
        const auto match = router.match(request);
        const auto answer = router.answer_at_once(request, match);
        return answer ? answer->status : 0;
    };
    EXPECT_EQ(at_once("/sync"), 200);
    EXPECT_EQ(at_once("/none"), 404);
    EXPECT_EQ(at_once("/waits"), 0);
    EXPECT_EQ(at_once("/me"), 0);
    EXPECT_EQ(ask(router, {.path = "/waits"}).body, "waited");
}

TEST_F(RouterTest, answers_early_before_any_session_is_looked_at) {
    bool sold_out = true;
    int asked = 0;
    const auto early = [&](Request& request) -> std::optional<Response> {
        ++asked;
        EXPECT_FALSE(request.principal.has_value());
        if (!sold_out) return std::nullopt;
        return text("none left of " + std::string{request.path_param("id")});
    };
    Route order = route(Method::post, "/sales/{id}/orders", Access::user());
    order.options.early = early;
    Route page = route(Method::get, "/sales/{id}");
    page.options.early = early;
    page.handler = AsyncHandler{[](Request&) -> Task<Response> { co_return text("waited"); }};
    router.add({std::move(order), std::move(page)});

    const Asked post{Method::post, "/sales/7/orders"};
    EXPECT_EQ(ask(router, post).body, "none left of 7");
    EXPECT_EQ(users.asked, 0);
    sold_out = false;
    EXPECT_EQ(ask(router, post).status, 401);
    Asked signed_in = post;
    signed_in.headers = {{"authorization", "shopper"}};
    EXPECT_EQ(ask(router, signed_in).status, 200);
    EXPECT_EQ(asked, 3);  // once for each request
    EXPECT_EQ(ask(router, {Method::get, "/sales/7"}).body, "waited");
    EXPECT_EQ(asked, 4);
    EXPECT_EQ(ask(router, {Method::get, "/sales/7/orders"}).status, 405);
    EXPECT_EQ(asked, 4);
}

TEST_F(RouterTest, asks_a_hybrid_handler_once_on_a_route_for_anyone) {
    int asked = 0;
    const auto at_once = [&](Request&) {
        ++asked;
        return std::optional<Response>{};
    };
    const auto otherwise = [](Request&) -> Task<Response> { co_return text("waited"); };
    router.add({{Method::get, "/open", Access::anyone(), HybridHandler{at_once, otherwise}}});
    EXPECT_EQ(ask(router, {Method::get, "/open"}).body, "waited");
    EXPECT_EQ(asked, 1);
}

class CapturedLog final : public log::Sink {
public:
    CapturedLog() { log::install(this); }
    ~CapturedLog() override { log::install(nullptr); }
    bool wants(log::Level) const override { return true; }
    void write(log::Level, std::string_view event, std::initializer_list<log::Field> fields)
        override {
        text += event;
        for (const auto& field : fields) text += " " + field.value;
    }
    std::string text;
};

TEST_F(RouterTest, ends_every_exception_with_an_answer) {
    const auto throws = [&](std::string path, auto make) {
        Route sync = route(Method::get, "/sync" + path);
        sync.handler = SyncHandler{[make](Request&) -> Response { throw make(); }};
        Route async = route(Method::get, "/async" + path);
        async.handler = AsyncHandler{[make](Request&) -> Task<Response> {
            throw make();
            co_return Response{};
        }};
        router.add({std::move(sync), std::move(async)});
    };
    Route early = route(Method::get, "/early", Access::user());
    early.options.early = [](Request&) -> std::optional<Response> {
        throw std::runtime_error{"secret detail"};
    };
    router.add({std::move(early)});
    EXPECT_EQ(ask(router, {.path = "/early"}).status, 500);
    throws("/busy", [] { return sql::Unavailable{"queue full"}; });
    throws("/unknown", [] { return sql::CommitUnknown{"lost"}; });
    throws("/bug", [] { return std::runtime_error{"secret detail"}; });
    throws("/odd", [] { return 5; });
    for (const std::string kind : {"/sync", "/async"}) {
        CapturedLog log;
        const Response busy = ask(router, {.path = kind + "/busy"});
        EXPECT_EQ(busy.status, 503);
        EXPECT_EQ(header_of(busy, "Retry-After"), "1");
        EXPECT_EQ(ask(router, {.path = kind + "/unknown"}).status, 503);
        const Response bug = ask(router, {.path = kind + "/bug"});
        EXPECT_EQ(bug.status, 500);
        EXPECT_EQ(bug.body.find("secret"), std::string::npos);
        EXPECT_NE(log.text.find("secret detail"), std::string::npos);
        EXPECT_EQ(ask(router, {.path = kind + "/odd"}).status, 500);
    }
}

TEST_F(RouterTest, keeps_the_secret_of_a_link_out_of_the_log_when_it_fails) {
    Route link = route(Method::post, "/invitations/{token}");
    link.handler = AsyncHandler{[](Request&) -> Task<Response> {
        throw sql::Unavailable{"queue full"};
        co_return Response{};
    }};
    router.add({std::move(link)});
    CapturedLog log;
    EXPECT_EQ(ask(router, {.method = Method::post, .path = "/invitations/hush"}).status, 503);
    EXPECT_NE(log.text.find("/invitations/{token}"), std::string::npos);
    EXPECT_EQ(log.text.find("hush"), std::string::npos);
}

TEST(RouterDeathTest, aborts_on_two_routes_for_one_path) {
    NamedUsers users;
    Router router{users};
    router.add({route(Method::get, "/a/{id}")});
    EXPECT_DEATH(router.add({route(Method::get, "/a/{no}")}), "");
    EXPECT_DEATH(router.add({route(Method::get, "/b/{path...}/c")}), "");
    EXPECT_DEATH(router.add({route(Method::get, "relative")}), "");
}

}  // namespace
}  // namespace doorbuster::http
