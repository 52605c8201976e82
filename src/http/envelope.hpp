#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

#include "core/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

// The one shape of every API answer:
//   {"code":0,"msg":"ok","data":…,"request_id":"…"}
//   {"code":4001,"msg":"…","error":"order_not_found","details":[{"field":"…","reason":"…"}],"data":null,"request_id":"…"}
// A client that accepts application/problem+json gets failures as RFC 9457.
namespace doorbuster::http {

Response ok(const Request& request, const boost::json::value& data, int status = 200);
// `data_json` is already JSON text.
Response ok_json(const Request& request, std::string_view data_json, int status = 200);
// 201.
Response created(const Request& request, const boost::json::value& data);
// 200 with data null: for actions that answer nothing.
Response done(const Request& request);

Response failure(const Request& request, const Error& error);
int status_of(Condition condition);

// A failure that is answered very often: its text is made once. Thread-safe.
class PreparedFailure {
public:
    explicit PreparedFailure(const ErrorKind& kind);
    Response answer(const Request& request) const;

private:
    const ErrorKind& kind_;
    Response plain_;  // without the request's id and the last brace
};

// Renders a Result: its error, or `render(value)` as data.
template <class T, class Render>
Response answer(
    const Request& request, const Result<T>& result, Render&& render, int status = 200
) {
    if (result.has_error()) return failure(request, result.error());
    return ok(request, render(*result), status);
}
inline Response answer(const Request& request, const Result<void>& result) {
    return result.has_error() ? failure(request, result.error()) : done(request);
}

}  // namespace doorbuster::http
