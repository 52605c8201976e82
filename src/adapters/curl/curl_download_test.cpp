#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "adapters/curl/curl_http_client.hpp"
#include "support/loopback_server.hpp"
#include "support/run_task.hpp"

namespace doorbuster::curl {
namespace {

namespace fs = std::filesystem;
using test::LoopbackServer;
using testing::HasSubstr;

class CurlDownload : public testing::Test {
protected:
    CurlDownload() {
        std::string pattern = (fs::temp_directory_path() / "downloadXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~CurlDownload() override { fs::remove_all(folder_); }

    fs::path file() const { return folder_ / "bill"; }
    std::string content() const {
        std::ifstream in{file(), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    bool folder_is_empty() const { return fs::is_empty(folder_); }

    OutboundRequest request(const LoopbackServer& server, std::size_t bytes_max = 1000) const {
        OutboundRequest request;
        request.url = server.url("/bill");
        request.answer_bytes_max = bytes_max;
        request.save_to = file();
        return request;
    }
    // Why it failed; nothing when it did not.
    std::optional<std::string> failure_of(const OutboundRequest& request) {
        try {
            static_cast<void>(test::run(client_.send(request)));
            return std::nullopt;
        } catch (const HttpClient::Failed& failed) {
            return failed.what();
        }
    }

    fs::path folder_;
    CurlHttpClient client_;
};

std::string chunked(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n" + body + "\r\n0\r\n\r\n";
}

TEST_F(CurlDownload, goes_to_its_file_and_not_into_memory) {
    const std::string bytes{"`2026\0\r\n\xff", 9};
    LoopbackServer server{
        [&](const std::string&) { return LoopbackServer::ok(bytes, "X-Bill: yes\r\n"); }};
    const OutboundResponse answer = test::run(client_.send(request(server)));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("X-Bill"), "yes");
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(content(), bytes);
    EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 1) << "nothing beside it";
}

TEST_F(CurlDownload, may_be_far_larger_than_what_is_held_in_memory) {
    const std::string large(8 * 1024 * 1024, 'x');
    LoopbackServer server{[&](const std::string&) { return LoopbackServer::ok(large); }};
    ASSERT_EQ(test::run(client_.send(request(server, large.size()))).status, 200);
    EXPECT_EQ(fs::file_size(file()), large.size());
}

TEST_F(CurlDownload, of_nothing_is_an_empty_file) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok(""); }};
    ASSERT_EQ(test::run(client_.send(request(server))).status, 200);
    EXPECT_TRUE(fs::exists(file()));
    EXPECT_EQ(content(), "");
}

TEST_F(CurlDownload, replaces_what_was_there_only_when_it_is_whole) {
    std::ofstream{file()} << "of yesterday, and longer";
    LoopbackServer cut{[](const std::string&) {
        return "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\nhalf";
    }};
    OutboundRequest to_cut = request(cut);
    to_cut.total_timeout = std::chrono::milliseconds{200};
    EXPECT_TRUE(failure_of(to_cut));
    EXPECT_EQ(content(), "of yesterday, and longer");

    LoopbackServer whole{[](const std::string&) { return LoopbackServer::ok("of today"); }};
    EXPECT_FALSE(failure_of(request(whole)));
    EXPECT_EQ(content(), "of today");
}

TEST_F(CurlDownload, beyond_its_bound_is_refused_and_leaves_nothing) {
    for (const std::string& answer : {LoopbackServer::ok("12345678901"), chunked("12345678901")}) {
        LoopbackServer server{[&](const std::string&) { return answer; }};
        EXPECT_TRUE(failure_of(request(server, 10)));
        EXPECT_TRUE(folder_is_empty());
        EXPECT_FALSE(failure_of(request(server, 11)));
        fs::remove(file());
    }
}

TEST_F(CurlDownload, that_stops_half_way_ends_at_its_deadline_and_leaves_nothing) {
    LoopbackServer server{[](const std::string&) {
        return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this";
    }};
    OutboundRequest slow = request(server);
    slow.total_timeout = std::chrono::milliseconds{200};
    EXPECT_TRUE(failure_of(slow));
    EXPECT_TRUE(folder_is_empty());
}

TEST_F(CurlDownload, keeps_the_body_of_another_status_in_memory) {
    for (const std::string status : {"404 Not Found", "302 Found", "500 Oops"}) {
        LoopbackServer server{[&](const std::string&) {
            return "HTTP/1.1 " + status + "\r\nContent-Length: 4\r\n\r\nwhy.";
        }};
        const OutboundResponse answer = test::run(client_.send(request(server)));
        EXPECT_EQ(std::to_string(answer.status), status.substr(0, 3));
        EXPECT_EQ(answer.body, "why.");
        EXPECT_TRUE(folder_is_empty());
    }
}

TEST_F(CurlDownload, holds_little_of_an_endless_refusal) {
    const std::string large(3 * 1024 * 1024, 'x');
    LoopbackServer server{[&](const std::string&) {
        return "HTTP/1.1 500 Oops\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" +
               large;
    }};
    EXPECT_THAT(failure_of(request(server, 64 * 1024 * 1024)).value_or(""), HasSubstr("too large"));
}

TEST_F(CurlDownload, asks_nobody_when_it_has_no_place) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    OutboundRequest nowhere = request(server);
    nowhere.save_to = folder_ / "missing" / "bill";
    EXPECT_THAT(failure_of(nowhere).value_or(""), HasSubstr("cannot write"));
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(CurlDownload, writes_through_no_link_that_waits_for_it) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    std::ofstream{folder_ / "precious"} << "mine";
    fs::create_symlink(folder_ / "precious", folder_ / "bill.part");
    EXPECT_THAT(failure_of(request(server)).value_or(""), HasSubstr("cannot write"));
    EXPECT_EQ(fs::file_size(folder_ / "precious"), 4u);
}

}  // namespace
}  // namespace doorbuster::curl
