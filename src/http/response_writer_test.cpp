#include "http/response_writer.hpp"

#include <gtest/gtest.h>

namespace doorbuster::http {
namespace {

using Headers = std::vector<Request::Header>;

std::string written(
    const Response& response, const Headers& headers = {}, Method method = Method::get
) {
    Request request;
    request.method = method;
    request.headers = headers;
    request.id = "r-1";
    std::string out;
    append_response(out, request, response, {"Mon, 23 Nov 2026 08:00:00 GMT"});
    return out;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}
bool ends_with_body(const std::string& text, const std::string& body) {
    return text.ends_with("\r\n\r\n" + body);
}

Response page() {
    Response response;
    response.content_type = "text/plain";
    response.body = "hello";
    return response;
}

Response document(std::string body) {
    Response response;
    response.document = make_document("text/html", std::move(body), "no-cache");
    return response;
}

TEST(ResponseWriter, writes_a_whole_answer) {
    Response response = page();
    response.with("X-A", "b");
    EXPECT_EQ(
        written(response),
        "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\nContent-Type: text/plain\r\n"
        "Content-Length: 5\r\nCache-Control: no-store\r\nX-A: b\r\n"
        "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
        "Referrer-Policy: same-origin\r\nX-Request-Id: r-1\r\n\r\nhello"
    );
}

TEST(ResponseWriter, gives_head_the_length_without_the_body) {
    const std::string head = written(page(), {}, Method::head);
    EXPECT_TRUE(contains(head, "Content-Length: 5\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, gives_no_body_to_statuses_that_have_none) {
    Response response = page();
    response.status = 204;
    const std::string text = written(response);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_FALSE(contains(text, "Content-Length"));
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, tells_whether_the_connection_stays) {
    const auto connection = [](bool http11, bool keep_alive) {
        std::string out;
        append_response(out, Request{}, page(), {"", http11, keep_alive});
        if (contains(out, "Connection: close\r\n")) return "close";
        return contains(out, "Connection: keep-alive\r\n") ? "keep-alive" : "";
    };
    EXPECT_STREQ(connection(true, true), "");
    EXPECT_STREQ(connection(true, false), "close");
    EXPECT_STREQ(connection(false, true), "keep-alive");
    EXPECT_STREQ(connection(false, false), "close");
}

TEST(ResponseWriter, keeps_the_caching_a_handler_asked_for) {
    Response response = page();
    response.with("cache-control", "max-age=5");
    EXPECT_FALSE(contains(written(response), "no-store"));
}

TEST(ResponseWriter, lets_a_page_do_nothing_unless_it_says_what_it_needs) {
    const std::string policy = "Content-Security-Policy: default-src 'none'; ";
    EXPECT_FALSE(contains(written(page()), "Content-Security-Policy"));
    EXPECT_TRUE(contains(written(document("<p>")), policy));
    Response picture = page();
    picture.content_type = "image/svg+xml";
    EXPECT_TRUE(contains(written(picture), policy));
    Response own = document("<p>");
    own.with("Content-Security-Policy", "default-src 'self'");
    const std::string text = written(own);
    EXPECT_TRUE(contains(text, "Content-Security-Policy: default-src 'self'\r\n"));
    EXPECT_FALSE(contains(text, policy));
}

TEST(DocumentAnswer, is_compressed_for_who_takes_gzip) {
    const std::string body(5'000, 'a');
    const Response response = document(body);
    const std::string plain = written(response);
    EXPECT_TRUE(ends_with_body(plain, body));
    EXPECT_TRUE(contains(plain, "Vary: Accept-Encoding\r\n"));
    EXPECT_TRUE(contains(plain, "ETag: " + response.document->etag + "\r\n"));
    EXPECT_TRUE(contains(plain, "Cache-Control: no-cache\r\n"));
    const std::string packed = written(response, {{"Accept-Encoding", "br, gzip"}});
    EXPECT_TRUE(ends_with_body(packed, response.document->gzip));
    EXPECT_TRUE(contains(packed, "Content-Encoding: gzip\r\n"));
    EXPECT_TRUE(contains(packed, "-gz\"\r\n"));
    EXPECT_TRUE(ends_with_body(written(response, {{"Accept-Encoding", "gzip;q=0"}}), body));
    EXPECT_FALSE(contains(written(document("short")), "Vary"));
}

TEST(DocumentAnswer, is_304_for_who_has_it) {
    const Response response = document(std::string(5'000, 'a'));
    const std::string etag = response.document->etag;
    const std::string gz = etag.substr(0, etag.size() - 1) + "-gz\"";
    const auto status = [&](const Headers& headers, Method method = Method::get) {
        return written(response, headers, method).substr(9, 3);
    };
    EXPECT_EQ(status({}), "200");
    EXPECT_EQ(status({{"If-None-Match", etag}}), "304");
    EXPECT_EQ(status({{"If-None-Match", etag}}, Method::head), "304");
    EXPECT_EQ(status({{"If-None-Match", etag}}, Method::post), "200");
    EXPECT_EQ(status({{"If-None-Match", "W/" + etag}}), "304");
    EXPECT_EQ(status({{"If-None-Match", "\"x\", " + etag}}), "304");
    EXPECT_EQ(status({{"If-None-Match", "*"}}), "304");
    EXPECT_EQ(status({{"If-None-Match", "\"x\""}}), "200");
    EXPECT_EQ(status({{"If-None-Match", gz}}), "200");
    EXPECT_EQ(status({{"If-None-Match", gz}, {"Accept-Encoding", "gzip"}}), "304");
    const std::string unchanged = written(response, {{"If-None-Match", etag}});
    EXPECT_FALSE(contains(unchanged, "Content-Length"));
    EXPECT_TRUE(contains(unchanged, "ETag: " + etag));
    EXPECT_TRUE(unchanged.ends_with("\r\n\r\n"));
}

TEST(Sendable, is_no_answer_that_could_break_out_of_its_line) {
    EXPECT_TRUE(is_sendable(page().with("Set-Cookie", "a=b; HttpOnly")));
    EXPECT_FALSE(is_sendable(page().with("X", "a\r\nSet-Cookie: b")));
    EXPECT_FALSE(is_sendable(page().with("X", "a\nb")));
    EXPECT_FALSE(is_sendable(page().with("X: y\r\nZ", "a")));
    EXPECT_FALSE(is_sendable(page().with("", "a")));
    EXPECT_FALSE(is_sendable(page().with("Content-Length", "3")));
    EXPECT_FALSE(is_sendable(page().with("transfer-encoding", "chunked")));
    Response response = page();
    response.content_type = "text/html\r\nX: y";
    EXPECT_FALSE(is_sendable(response));
    for (const int status : {0, 100, 199, 600, -1}) {
        Response odd = page();
        odd.status = status;
        EXPECT_FALSE(is_sendable(odd)) << status;
    }
}

TEST(HttpDate, is_written_as_the_standard_wants) {
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace doorbuster::http
