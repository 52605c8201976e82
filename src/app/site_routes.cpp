#include "app/site_routes.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "app/version.hpp"
#include "http/envelope.hpp"
#include "http/html.hpp"
#include "http/page_policy.hpp"
#include "ports/log.hpp"
#include "resources/resources.hpp"

namespace doorbuster::app {

namespace {

using http::Access;
using http::Method;
using http::Request;
using http::Response;

Response text(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body), {}, {}};
}

Response shared(std::shared_ptr<const http::Document> document) {
    Response response;
    response.document = std::move(document);
    return response;
}

http::Route file_route(
    std::string pattern, std::string_view content, std::string type, std::string cache_control
) {
    auto document =
        http::make_document(std::move(type), std::string{content}, std::move(cache_control));
    const auto handler = [document = std::move(document)](Request&) { return shared(document); };
    return {Method::get, std::move(pattern), Access::anyone(), http::SyncHandler{handler}};
}

// A request that a proxy passed on comes from loopback only when the proxy is not named as trusted:
// then nobody knows whose it is.
bool may_read_metrics(const SiteDeps& deps, const Request& request) {
    static const http::Networks kLoopback{{"127.0.0.0/8", "::1"}};
    if (request.local) return true;
    const bool passed_on = !request.header("x-forwarded-for").empty();
    if (passed_on && kLoopback.contain(request.remote_address)) return false;
    return deps.metrics_readers.contain(request.remote_address);
}

Response metrics(const SiteDeps& deps, const Request& request) {
    if (!may_read_metrics(deps, request)) return http::failure(request, kNotFound);
    return {200, "text/plain; version=0.0.4; charset=utf-8", deps.metrics.render(), {}, {}};
}

// Ready: the database answers and no shutdown has begun. A load balancer asks this.
Task<Response> ready(const SiteDeps& deps) {
    if (deps.stopping) co_return text(503, "stopping\n");
    static constexpr sql::Statement kAsk{"app.ready", "SELECT 1", "SELECT 1"};
    const auto ask = [](sql::Reader& reader) { reader.query(kAsk, {}, [](const sql::Row&) {}); };
    std::string failure;
    try {
        co_await deps.database.read(ask, {.wait_max = Milliseconds{1000}});
        std::string lines = "ready\n";
        for (const std::string& remark : deps.remarks()) lines += remark + '\n';
        co_return text(200, std::move(lines));
    } catch (const sql::Error& error) {
        failure = error.what();
    }
    log::warn("not_ready", {{"reason", failure}});
    co_return text(503, "the database does not answer\n");
}

// "anyone", "optional", "user", "app", "staff", "staff:catalog", …, as openapi.yaml says it in
// x-access.
std::string word_of(const Access& access) {
    switch (access.kind()) {
        case Access::Kind::anyone:
            return "anyone";
        case Access::Kind::optional:
            return "optional";
        case Access::Kind::user:
            return "user";
        case Access::Kind::app:
            return "app";
        case Access::Kind::local:
            return "local";
        case Access::Kind::staff:
            break;
    }
    static constexpr std::pair<Right, const char*> kRights[] = {
        {Right::catalog, ":catalog"},
        {Right::orders, ":orders"},
        {Right::marketing, ":marketing"},
        {Right::finance, ":finance"},
        {Right::admin, ":admin"}};
    std::string word = "staff";
    int count = 0;
    for (const auto& [right, suffix] : kRights) {
        if (right == Right::admin && count > 0) break;  // has every other right as well
        if (!access.allows(Rights::of(right))) continue;
        if (++count == 1) word += suffix;
    }
    return count == 1 ? word : "staff";
}

constexpr const char* kPolicy = "Content-Security-Policy";

constexpr std::string_view kPageHead = R"html(<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Doorbuster</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans SC", sans-serif; }
body { max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
h1 { font-size: 2rem; margin-bottom: .2rem; } p { max-width: 42rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } td, th { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid #8884; }
code { font-family: ui-monospace, monospace; } a { color: #c2410c; } ul { padding-left: 1.2rem; }
</style>)html";

std::string home_page(bool sells) {
    std::string page{kPageHead};
    page += "<h1>Doorbuster " + std::string{kVersion} + "</h1>";
    page += sells ? "<p>A shop and its payments in one program. 一个程序里的商城与支付。</p><ul>"
                    "<li><a href=\"/api/v1/products\">Products 商品</a> · <a "
                    "href=\"/api/v1/categories\">Categories 分类</a></li>"
                  : "<p>Payments for order systems. 面向订单系统的支付服务。</p><ul>";
    page +=
        "<li><a href=\"/docs\">Routes 接口列表</a> · <a "
        "href=\"/openapi.yaml\">openapi.yaml</a></li>"
        "<li><a href=\"/healthz\">Health</a> · <a href=\"/readyz\">Readiness</a> · <a "
        "href=\"/metrics\">Metrics</a></li>"
        "</ul>";
    return page;
}

std::string docs_page(const http::Router& router) {
    std::string page{kPageHead};
    page +=
        "<h1>API</h1><p>The shapes of requests and answers are in <a "
        "href=\"/openapi.yaml\">openapi.yaml</a> (OpenAPI 3.1).</p>"
        "<table><tr><th>Method<th>Path<th>Who may call</tr>";
    for (const http::Route& route : router.routes()) {
        if (route.access.kind() == Access::Kind::local) continue;
        page += "<tr><td>" + std::string{http::to_string(route.method)} + "<td><code>" +
                http::escape_html(route.pattern) + "</code><td>" + word_of(route.access) + "</tr>";
    }
    return page + "</table>";
}

// The same for programs.
std::string routes_json(const http::Router& router) {
    boost::json::array routes;
    for (const http::Route& route : router.routes()) {
        if (route.access.kind() == Access::Kind::local) continue;
        routes.push_back(
            {{"method", http::to_string(route.method)},
             {"path", route.pattern},
             {"access", word_of(route.access)}}
        );
    }
    return boost::json::serialize(routes);
}

void add_embedded_files(http::Routes& routes) {
    for (const resources::File& file : resources::files()) {
        if (file.path == "docs/api/openapi.yaml") {
            routes.push_back(
                file_route("/openapi.yaml", file.content, "application/yaml", "no-cache")
            );
        } else if (file.path.starts_with("resources/demo/") && file.path.ends_with(".svg")) {
            const std::string name{file.path.substr(std::string_view{"resources"}.size())};
            routes.push_back(
                file_route(name, file.content, "image/svg+xml", "public, max-age=86400")
            );
        }
    }
}

}  // namespace

http::Routes site_routes(const SiteDeps& deps) {
    const auto health = [](Request&) { return text(200, "ok\n"); };
    const auto show_metrics = [&deps](Request& request) { return metrics(deps, request); };
    const std::string policy = http::page_policy(kPageHead);  // what follows the head has no code
    const auto docs = [&deps, policy](Request&) {
        Response page{200, "text/html; charset=utf-8", docs_page(deps.router), {}, {}};
        return std::move(page.with(kPolicy, policy));
    };
    const auto front =
        http::make_document("text/html; charset=utf-8", home_page(deps.sells), "no-cache");
    const auto home = [front, policy](Request&) {
        return std::move(shared(front).with(kPolicy, policy));
    };
    const auto list = [&deps](Request&) {
        return Response{200, "application/json", routes_json(deps.router), {}, {}};
    };
    http::Routes routes = {
        {Method::get, "/healthz", Access::anyone(), http::SyncHandler{health}, {.urgent = true}},
        {Method::get,
         "/readyz",
         Access::anyone(),
         http::AsyncHandler{[&deps](Request&) { return ready(deps); }},
         {.urgent = true}},
        {Method::get, "/metrics", Access::anyone(), http::SyncHandler{show_metrics}},
        {Method::get, "/docs", Access::anyone(), http::SyncHandler{docs}},
        {Method::get, "/docs/routes.json", Access::anyone(), http::SyncHandler{list}},
        {Method::get, "/", Access::anyone(), http::SyncHandler{home}},
    };
    add_embedded_files(routes);
    return routes;
}

}  // namespace doorbuster::app
