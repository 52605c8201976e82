#include "http/envelope.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace doorbuster::http {
namespace {

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

Request request_with_id() {
    Request request;
    request.id = "r-1";
    return request;
}

TEST(Envelope, wraps_data_with_code_and_request_id) {
    const Response response = ok(request_with_id(), boost::json::value{{"a", "秒\"杀"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
    EXPECT_EQ(response.body, R"({"code":0,"msg":"ok","data":{"a":"秒\"杀"},"request_id":"r-1"})");
    EXPECT_EQ(created(request_with_id(), nullptr).status, 201);
    EXPECT_EQ(
        done(request_with_id()).body, R"({"code":0,"msg":"ok","data":null,"request_id":"r-1"})"
    );
}

TEST(Envelope, tells_a_failure_with_its_name_and_details) {
    const Error error{kValidationFailed, "quantity", "must be \"positive\""};
    const Response response = failure(request_with_id(), error);
    EXPECT_EQ(response.status, 422);
    const auto body = boost::json::parse(response.body);
    EXPECT_EQ(
        body,
        boost::json::parse(R"({"code":9002,"msg":"A value in the request is not acceptable.",)"
                           R"("error":"validation_failed","details":[{"field":"quantity","reason":)"
                           R"("must be \"positive\""}],"data":null,"request_id":"r-1"})")
    );
}

TEST(Envelope, is_a_problem_document_for_who_accepts_one) {
    const Request::Header headers[] = {{"Accept", "application/problem+json, application/json"}};
    Request request = request_with_id();
    request.headers = headers;
    const Response response = failure(request, kNotFound);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        boost::json::parse(response.body),
        boost::json::parse(
            R"({"type":"urn:doorbuster:error:not_found","title":"There is no such thing.",)"
            R"("status":404,"code":9003,"error":"not_found","details":[],"request_id":"r-1"})"
        )
    );
}

TEST(Envelope, turns_every_condition_into_one_status) {
    const std::pair<Condition, int> table[] = {
        {Condition::invalid, 400},
        {Condition::unauthenticated, 401},
        {Condition::forbidden, 403},
        {Condition::not_found, 404},
        {Condition::conflict, 409},
        {Condition::gone, 410},
        {Condition::too_large, 413},
        {Condition::unsupported, 415},
        {Condition::unprocessable, 422},
        {Condition::rate_limited, 429},
        {Condition::unavailable, 503}};
    for (const auto& [condition, status] : table) EXPECT_EQ(status_of(condition), status);
}

TEST(Envelope, says_when_to_retry_and_how_to_authenticate) {
    EXPECT_EQ(header_of(failure(request_with_id(), kUnavailable), "Retry-After"), "1");
    const ErrorKind who{1, "who", Condition::unauthenticated, "Who?"};
    EXPECT_EQ(header_of(failure(request_with_id(), who), "WWW-Authenticate"), "Bearer");
}

TEST(Envelope, renders_a_result_or_its_error) {
    const auto render = [](int value) { return boost::json::value(value); };
    const Request request = request_with_id();
    EXPECT_EQ(answer(request, Result<int>{5}, render, 201).status, 201);
    EXPECT_EQ(answer(request, Result<int>{kNotFound}, render).status, 404);
    EXPECT_EQ(answer(request, Result<void>{}).status, 200);
    EXPECT_EQ(answer(request, Result<void>{kRateLimited}).status, 429);
}

TEST(Envelope, a_prepared_failure_is_the_same_as_one_made_for_the_request) {
    for (const ErrorKind& kind : {kNotFound, kUnavailable}) {
        const PreparedFailure prepared{kind};
        for (const char* accepted : {"", "*/*", "application/problem+json"}) {
            const Request::Header headers[] = {{"Accept", accepted}};
            Request request;
            request.id = "r\"1";
            request.headers = headers;
            const Response expected = failure(request, kind);
            const Response answer = prepared.answer(request);
            EXPECT_EQ(answer.status, expected.status);
            EXPECT_EQ(answer.content_type, expected.content_type);
            EXPECT_EQ(answer.body, expected.body);
            EXPECT_EQ(answer.headers, expected.headers);
        }
    }
}

}  // namespace
}  // namespace doorbuster::http
