#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "http/hang_up.hpp"
#include "http/router.hpp"
#include "ports/http_client.hpp"
#include "support/saved_answer.hpp"

namespace doorbuster::test {

// An HttpClient whose network is a router in this process: what one side sends is what the other
// side's handlers get, byte for byte. `tamper` stands on the way back.
class RouterHttpClient final : public HttpClient {
public:
    explicit RouterHttpClient(const http::Router& router) : router_{&router} {}

    std::function<void(OutboundResponse&)> tamper;
    // The router is reached only when this is true; else the connection is refused.
    bool reachable = true;

    Task<OutboundResponse> send(OutboundRequest outbound) override {
        if (!reachable) throw Failed{"connection refused", false};
        const std::string target = target_of(outbound.url);
        std::vector<http::Request::Header> headers;
        for (const auto& [name, value] : outbound.headers) headers.push_back({name, value});
        http::Request request;
        request.method = method_of(outbound.method);
        request.target = target;
        request.path = request.target.substr(0, request.target.find('?'));
        if (request.path.size() < target.size()) {
            request.query = request.target.substr(request.path.size() + 1);
        }
        request.body = outbound.body;
        request.headers = headers;
        request.remote_address = "127.0.0.1";
        request.id = "test";
        http::Response response = co_await router_->dispatch(request);
        if (response.status == http::kHangUp) throw Failed{"connection reset", true};
        OutboundResponse answer{
            .status = response.status,
            .headers = std::move(response.headers),
            .body = std::move(response.body)};
        if (tamper) tamper(answer);
        co_return saved(outbound, std::move(answer));
    }

private:
    static std::string target_of(const std::string& url) {
        const auto start = url.find('/', url.find("://") + 3);
        return start == std::string::npos ? "/" : url.substr(start);
    }
    static http::Method method_of(std::string_view name) {
        if (name == "POST") return http::Method::post;
        if (name == "PUT") return http::Method::put;
        return name == "DELETE" ? http::Method::del : http::Method::get;
    }

    const http::Router* router_;
};

// For routers without sessions: nobody is signed in.
class NobodySignedIn final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

}  // namespace doorbuster::test
