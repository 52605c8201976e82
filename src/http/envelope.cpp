#include "http/envelope.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "http/refusal.hpp"
#include "http/text.hpp"

namespace doorbuster::http {

namespace {

constexpr const char* kJson = "application/json; charset=utf-8";

bool needs_no_escape(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string quoted(std::string_view text) {
    // Nearly every text: request ids, names of errors, our own words.
    if (std::ranges::all_of(text, needs_no_escape)) return '"' + std::string{text} + '"';
    return boost::json::serialize(boost::json::string{text});
}

std::string details_json(const std::vector<ErrorDetail>& details) {
    std::string text = "[";
    for (const ErrorDetail& detail : details) {
        if (text.size() > 1) text += ',';
        text += "{\"field\":" + quoted(detail.field) + ",\"reason\":" + quoted(detail.reason) + '}';
    }
    return text + ']';
}

std::string envelope_body(const Request& request, const Refusal& refusal) {
    return "{\"code\":" + std::to_string(refusal.code) + ",\"msg\":" + quoted(refusal.message) +
           ",\"error\":" + quoted(refusal.name) + ",\"details\":" + details_json(refusal.details) +
           ",\"data\":null,\"request_id\":" + quoted(request.id) + '}';
}

bool wants_problem(const Request& request) {
    return accepts(request.header("accept"), "application/problem+json");
}

// RFC 9457. The members after `status` are ours.
std::string problem_body(const Request& request, const Refusal& refusal) {
    return "{\"type\":" + quoted("urn:doorbuster:error:" + std::string{refusal.name}) +
           ",\"title\":" + quoted(refusal.message) +
           ",\"status\":" + std::to_string(refusal.status) +
           ",\"code\":" + std::to_string(refusal.code) + ",\"error\":" + quoted(refusal.name) +
           ",\"details\":" + details_json(refusal.details) +
           ",\"request_id\":" + quoted(request.id) + '}';
}

}  // namespace

int status_of(Condition condition) {
    switch (condition) {
        case Condition::invalid:
            return 400;
        case Condition::unauthenticated:
            return 401;
        case Condition::forbidden:
            return 403;
        case Condition::not_found:
            return 404;
        case Condition::conflict:
            return 409;
        case Condition::gone:
            return 410;
        case Condition::too_large:
            return 413;
        case Condition::unsupported:
            return 415;
        case Condition::unprocessable:
            return 422;
        case Condition::rate_limited:
            return 429;
        case Condition::unavailable:
            return 503;
    }
    return 500;
}

Response refuse(const Request& request, const Refusal& refusal) {
    Response response;
    response.status = refusal.status;
    if (wants_problem(request)) {
        response.content_type = "application/problem+json";
        response.body = problem_body(request, refusal);
    } else {
        response.content_type = kJson;
        response.body = envelope_body(request, refusal);
    }
    if (refusal.status == 401) response.with("WWW-Authenticate", "Bearer");
    if (refusal.status == 503) response.with("Retry-After", "1");
    return response;
}

Response failure(const Request& request, const Error& error) {
    const ErrorKind& kind = error.kind();
    return refuse(
        request, {status_of(kind.condition), kind.code, kind.name, kind.message, error.details()}
    );
}

PreparedFailure::PreparedFailure(const ErrorKind& kind)
    : kind_{kind}, plain_{failure(Request{}, kind)} {
    plain_.body.resize(plain_.body.size() - std::string_view{"\"\"}"}.size());
}

Response PreparedFailure::answer(const Request& request) const {
    if (wants_problem(request)) return failure(request, kind_);
    Response response;
    response.status = plain_.status;
    response.content_type = plain_.content_type;
    response.headers = plain_.headers;
    const std::string id = quoted(request.id);
    response.body.reserve(plain_.body.size() + id.size() + 1);
    response.body.append(plain_.body).append(id).append("}");
    return response;
}

Response ok_json(const Request& request, std::string_view data_json, int status) {
    Response response;
    response.status = status;
    response.content_type = kJson;
    response.body.reserve(data_json.size() + request.id.size() + 64);
    response.body.append(R"({"code":0,"msg":"ok","data":)").append(data_json);
    response.body.append(R"(,"request_id":)").append(quoted(request.id)).append("}");
    return response;
}

Response ok(const Request& request, const boost::json::value& data, int status) {
    return ok_json(request, boost::json::serialize(data), status);
}

Response created(const Request& request, const boost::json::value& data) {
    return ok(request, data, 201);
}

Response done(const Request& request) { return ok_json(request, "null"); }

}  // namespace doorbuster::http
