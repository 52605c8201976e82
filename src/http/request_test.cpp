#include "http/request.hpp"

#include <gtest/gtest.h>

namespace doorbuster::http {
namespace {

TEST(RequestHeaders, are_found_in_any_case_and_empty_when_absent) {
    const Request::Header headers[] = {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "2"}};
    Request request;
    request.headers = headers;
    EXPECT_EQ(request.header("content-type"), "text/plain");
    EXPECT_EQ(request.header("X-a"), "1");
    EXPECT_EQ(request.header("x-b"), "");
}

TEST(RequestCookies, are_found_by_exact_name_and_the_first_counts) {
    const Request::Header headers[] = {
        {"Cookie", "a=1; session=abc=; sessions=no;b=;broken"}, {"cookie", "a=2; last=z"}};
    Request request;
    request.headers = headers;
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("session"), "abc=");
    EXPECT_EQ(request.cookie("b"), "");
    EXPECT_EQ(request.cookie("last"), "z");
    EXPECT_EQ(request.cookie("broken"), "");
    EXPECT_EQ(request.cookie("SESSION"), "");
}

TEST(RequestQuery, is_decoded_by_name_and_value) {
    Request request;
    request.query = "q=%E7%A7%92+x&page=2&page=3&empty=&flag&a%20b=c&x=a=b";
    EXPECT_EQ(request.query_param("q"), "秒 x");
    EXPECT_EQ(request.query_param("page"), "2");
    EXPECT_EQ(request.query_param("empty"), "");
    EXPECT_EQ(request.query_param("flag"), "");
    EXPECT_EQ(request.query_param("a b"), "c");
    EXPECT_EQ(request.query_param("x"), "a=b");
    EXPECT_FALSE(request.query_param("none"));
    EXPECT_FALSE(request.query_param(""));
}

TEST(RequestPath, gives_numbers_only_for_ids) {
    Request request;
    request.add_path_param("id", "42");
    request.add_path_param("bad", "42x");
    request.add_path_param("big", "99999999999999999999");
    EXPECT_EQ(request.path_id<UserId>("id"), UserId{42});
    EXPECT_EQ(request.path_id<UserId>("bad"), UserId{0});
    EXPECT_EQ(request.path_id<UserId>("big"), UserId{0});
    EXPECT_EQ(request.path_id<UserId>("none"), UserId{0});
    EXPECT_EQ(request.path_param("bad"), "42x");
    request.clear_path_params();
    EXPECT_EQ(request.path_param("id"), "");
}

}  // namespace
}  // namespace doorbuster::http
