#include "support/route_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "support/run_task.hpp"

namespace doorbuster::test {

namespace json = boost::json;

namespace {

json::value parsed(const std::string& body) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    return error ? json::value{} : value;
}

const json::value* find(const json::value& root, std::string_view pointer) {
    boost::system::error_code error;
    return root.find_pointer(pointer, error);
}

const json::value& at(const json::value& root, std::string_view pointer, const Reply& reply) {
    const json::value* const value = find(root, pointer);
    if (value) return *value;
    throw std::runtime_error{
        "no " + std::string{pointer} + " in " + std::to_string(reply.status) + ' ' + reply.body};
}

std::string text_of(const json::value& value) {
    if (const auto* text = value.if_string()) return std::string{*text};
    return json::serialize(value);
}

}  // namespace

std::string Reply::header(std::string_view name) const {
    for (const auto& [header, value] : headers) {
        if (header == name) return value;
    }
    return {};
}

std::string Reply::cookie(std::string_view name) const {
    const std::string start = std::string{name} + '=';
    for (const auto& [header, value] : headers) {
        if (header != "Set-Cookie" || value.rfind(start, 0) != 0) continue;
        return value.substr(start.size(), value.find(';') - start.size());
    }
    return {};
}

bool Reply::has(std::string_view pointer) const { return find(parsed(body), pointer) != nullptr; }

std::string Reply::text(std::string_view pointer) const {
    const json::value root = parsed(body);
    return text_of(at(root, pointer, *this));
}

std::int64_t Reply::integer(std::string_view pointer) const {
    const json::value root = parsed(body);
    return at(root, pointer, *this).to_number<std::int64_t>();
}

std::size_t Reply::size(std::string_view pointer) const {
    const json::value root = parsed(body);
    return at(root, pointer, *this).as_array().size();
}

bool Reply::blames(std::string_view field) const {
    const json::value root = parsed(body);
    const json::value* const details = find(root, "/details");
    if (!details || !details->is_array()) return false;
    for (const json::value& detail : details->get_array()) {
        if (text_of(at(detail, "/field", *this)) == field) return true;
    }
    return false;
}

RouteClient RouteClient::as(const std::string& token) const {
    RouteClient client = *this;
    client.bearer = token;
    return client;
}

Reply RouteClient::get(const std::string& target) const { return send(http::Method::get, target); }

Reply RouteClient::post(const std::string& target, const std::string& body, const Headers& more)
    const {
    return send(http::Method::post, target, body, more);
}

Reply RouteClient::put(const std::string& target, const std::string& body, const Headers& more)
    const {
    return send(http::Method::put, target, body, more);
}

Reply RouteClient::patch(const std::string& target, const std::string& body, const Headers& more)
    const {
    return send(http::Method::patch, target, body, more);
}

Reply RouteClient::del(const std::string& target) const { return send(http::Method::del, target); }

Reply RouteClient::send(
    http::Method method, const std::string& target, const std::string& body, const Headers& more
) const {
    Headers all = more;
    if (!body.empty()) all.emplace_back("Content-Type", content_type);
    if (!bearer.empty()) all.emplace_back("Authorization", "Bearer " + bearer);
    if (!cookies.empty()) all.emplace_back("Cookie", cookies);
    if (!csrf.empty()) all.emplace_back("X-CSRF-Token", csrf);
    std::vector<http::Request::Header> views;
    for (const auto& [name, value] : all) views.push_back({name, value});

    http::Request request;
    request.method = method;
    request.target = target;
    const std::string_view whole = request.target;
    const auto mark = whole.find('?');
    request.path = whole.substr(0, mark);
    if (mark != std::string_view::npos) request.query = whole.substr(mark + 1);
    request.body = body;
    request.headers = views;
    request.remote_address = address;
    request.secure = secure;
    request.local = local;
    request.id = "test";
    const http::Response response = run(router_->dispatch(request));
    return {response.status, response.body, response.headers};
}

}  // namespace doorbuster::test
