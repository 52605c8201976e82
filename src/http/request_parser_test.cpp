#include "http/request_parser.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/parse_requests.hpp"

namespace doorbuster::http {
namespace {

using namespace std::string_literals;
using test::parse_byte_by_byte;
using test::parse_requests;
using test::parse_whole;
using test::ParsedRequests;

const std::string kHost = "Host: a\r\n";

struct Good {
    std::string input;
    std::vector<std::string> requests;
};

const std::vector<Good>& good_inputs() {
    static const std::vector<Good> table = {
        {"GET / HTTP/1.1\r\n" + kHost + "\r\n", {"GET / [Host=a] "}},
        {"GET / HTTP/1.0\r\n\r\n", {"GET / [] "}},
        {"\r\n\r\nGET /a HTTP/1.1\r\n" + kHost + "\r\n", {"GET /a [Host=a] "}},
        {"GET /a?b=%20 HTTP/1.1\r\nhOST:a:80\r\nX:  y z \r\n\r\n",
         {"GET /a?b=%20 [hOST=a:80, X=y z] "}},
        {"GET /a HTTP/1.1\r\nHost: [::1]:80\r\nE:\r\n\r\n", {"GET /a [Host=[::1]:80, E=] "}},
        {"GET http://a/b?c HTTP/1.1\r\n" + kHost + "\r\n", {"GET http://a/b?c [Host=a] "}},
        {"OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", {"OPTIONS * [Host=a] "}},
        {"POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello",
         {"POST /p [Host=a, Content-Length=5] hello"}},
        {"POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 0\r\n\r\n",
         {"POST /p [Host=a, Content-Length=0] "}},
        {"POST /p HTTP/1.1\r\n" + kHost +
             "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n06;x=\"y\"\r\n world\r\n0\r\n\r\n",
         {"POST /p [Host=a, Transfer-Encoding=chunked] hello world"}},
        {"POST /p HTTP/1.1\r\n" + kHost +
             "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
             "GET /next HTTP/1.1\r\n" +
             kHost + "\r\n",
         {"POST /p [Host=a, Transfer-Encoding=Chunked] 0123456789", "GET /next [Host=a] "}},
        {"POST /1 HTTP/1.1\r\n" + kHost + "Content-Length: 3\r\n\r\n\r\n\rGET /2 HTTP/1.1\r\n" +
             kHost + "\r\nPUT /3 HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\n\r\nx",
         {"POST /1 [Host=a, Content-Length=3] \r\n\r",
          "GET /2 [Host=a] ",
          "PUT /3 [Host=a, Content-Length=1] x"}},
        {"DELETE /x HTTP/1.1\r\n" + kHost + "N: \xE7\xA7\x92\r\n\r\n",
         {"DELETE /x [Host=a, N=\xE7\xA7\x92] "}},
    };
    return table;
}

TEST(RequestParser, reads_good_requests_whole_and_byte_by_byte) {
    for (const Good& row : good_inputs()) {
        const ParsedRequests expected{row.requests, 0, false};
        EXPECT_EQ(parse_whole(row.input).requests, row.requests) << row.input;
        EXPECT_TRUE(parse_whole(row.input) == expected) << row.input;
        EXPECT_EQ(parse_byte_by_byte(row.input).requests, row.requests) << row.input;
        EXPECT_TRUE(parse_byte_by_byte(row.input) == expected) << row.input;
    }
}

struct Bad {
    std::string input;
    int status = 400;
};

std::string post(const std::string& headers, const std::string& body = "") {
    return "POST / HTTP/1.1\r\n" + kHost + headers + "\r\n" + body;
}
std::string get(const std::string& line) { return line + "\r\n" + kHost + "\r\n"; }

const std::vector<Bad>& bad_inputs() {
    static const std::string chunked = "Transfer-Encoding: chunked\r\n";
    static const std::vector<Bad> table = {
        // Lengths that two programs may read differently.
        {post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")},
        {post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")},
        {post("Content-Length: 5, 5\r\n", "hello")},
        {post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n")},
        {post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n")},
        {post(chunked + chunked, "0\r\n\r\n")},
        {post("Content-Length: -1\r\n")},
        {post("Content-Length: +5\r\n", "hello")},
        {post("Content-Length: 0x5\r\n", "hello")},
        {post("Content-Length: 5 5\r\n", "hello")},
        {post("Content-Length:\r\n")},
        {post("Content-Length: 99999999999999999999\r\n")},
        {post("Content-Length : 5\r\n", "hello")},
        {post("Content-Length\r\n")},
        {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        {post("Transfer-Encoding: identity\r\n")},
        {post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        {post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
        {post(
            "Transfer-Encoding:\x0b"
            "chunked\r\n",
            "0\r\n\r\n"
        )},
        {"POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n"},
        // Chunks.
        {post(chunked, "x\r\n\r\n")},
        {post(chunked, "-1\r\n\r\n")},
        {post(chunked, "5\nhello\r\n0\r\n\r\n")},
        {post(chunked, "5\r\nhelloX\r\n0\r\n\r\n")},
        {post(chunked, "0x5\r\nhello\r\n0\r\n\r\n")},
        {post(chunked, "11111111111111111\r\n")},
        {post(chunked, "5 \x01\r\nhello\r\n0\r\n\r\n")},
        {post(chunked, "1;" + std::string(10'000, 'x'))},
        {post(chunked, "0\r\nContent-Length: 5\r\n\r\n")},
        {post(chunked, "0\r\nA: b\r\n" + std::string(10'000, 'x'))},
        // Lines.
        {"GET / HTTP/1.1\n" + kHost + "\n"},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n"},
        {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
        {get("GET / HTTP/1.1\r\nX: a\r\n b")},
        {get("GET / HTTP/1.1\r\nX: a\r\n\tb")},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        {get("GET / HTTP/1.1\r\nX: a\0b"s)},
        {get("GET / HTTP/1.1\r\nX: a\x7f")},
        {get("GET / HTTP/1.1\r\nX: \xff")},
        {get("GET / HTTP/1.1\r\n: a")},
        {get("GET / HTTP/1.1\r\nA B: a")},
        {get("GET / HTTP/1.1\r\nX")},
        {get("GET / HTTP/1.1\r\nConnection: \"")},
        // Request lines.
        {get("GET /")},
        {get("GET / HTTP/1.2")},
        {get("GET / HTTP/2.0")},
        {get("GET / HTTP/0.9")},
        {get("GET / http/1.1")},
        {get("GET / HTTP/1.10")},
        {get("GET  / HTTP/1.1")},
        {get("GET /  HTTP/1.1")},
        {get("GET\t/ HTTP/1.1")},
        {get("GET /a b HTTP/1.1")},
        {get(" GET / HTTP/1.1")},
        {get("GET a HTTP/1.1")},
        {get("GET a:80 HTTP/1.1")},
        {get("GET * HTTP/1.1")},
        {get("GET /#x HTTP/1.1")},
        {get("GET /\xE7\xA7\x92 HTTP/1.1")},
        {get("GET /\x01 HTTP/1.1")},
        {get("GET http:// HTTP/1.1")},
        {get("GET http://a b/ HTTP/1.1")},
        {get("GET ftp://a/ HTTP/1.1")},
        {"\x16\x03\x01\x02"s},
        {"{\"a\":1}\r\n\r\n"},
        {std::string(10'000, '\r') + "\n"},
        // Hosts.
        {"GET / HTTP/1.1\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
        // Other refusals.
        {get("BREW / HTTP/1.1"), 501},
        {get("get / HTTP/1.1"), 501},
        {get("TRACE / HTTP/1.1"), 501},
        {get("CONNECT a:443 HTTP/1.1"), 501},
        {post("Expect: teapot\r\n"), 417},
        {post("Content-Length: 1001\r\n"), 413},
        {post("Content-Length: 18446744073709551615\r\n"), 413},
        {post(chunked, "3e9\r\n"), 413},
        {post(chunked, "3e7\r\n" + std::string(999, 'x') + "\r\n2\r\n"), 413},
        {get("GET / HTTP/1.1\r\nX: " + std::string(RequestParser::kHeadBytesMax, 'x')), 431},
        {"GET /" + std::string(RequestParser::kHeadBytesMax, 'x'), 431},
        {"GET / HTTP/1.1\r\n" + std::string(RequestParser::kHeadBytesMax, 'x'), 431},
    };
    return table;
}

TEST(RequestParser, refuses_bad_requests_whole_and_byte_by_byte) {
    for (const Bad& row : bad_inputs()) {
        EXPECT_EQ(parse_whole(row.input).fault, row.status) << testing::PrintToString(row.input);
        EXPECT_EQ(parse_byte_by_byte(row.input).fault, row.status)
            << testing::PrintToString(row.input);
        EXPECT_TRUE(parse_whole(row.input).requests.empty()) << testing::PrintToString(row.input);
    }
}

TEST(RequestParser, takes_a_header_of_exactly_the_limit) {
    const std::string start = "GET / HTTP/1.1\r\n" + kHost + "X: ";
    const std::size_t fill = RequestParser::kHeadBytesMax - start.size() - 4;
    const std::string fits = start + std::string(fill, 'x') + "\r\n\r\n";
    const std::string over = start + std::string(fill + 1, 'x') + "\r\n\r\n";
    EXPECT_EQ(parse_whole(fits).requests.size(), 1u);
    EXPECT_EQ(parse_byte_by_byte(fits).requests.size(), 1u);
    EXPECT_EQ(parse_whole(over).fault, 431);
    EXPECT_EQ(parse_byte_by_byte(over).fault, 431);
}

TEST(RequestParser, limits_the_number_of_header_lines) {
    const auto with_lines = [](std::size_t count) {
        std::string input = "GET / HTTP/1.1\r\n" + kHost;
        for (std::size_t i = 1; i < count; ++i) input += "X: y\r\n";
        return input + "\r\n";
    };
    EXPECT_EQ(parse_whole(with_lines(RequestParser::kHeadersMax)).requests.size(), 1u);
    EXPECT_EQ(parse_whole(with_lines(RequestParser::kHeadersMax + 1)).fault, 431);
}

TEST(RequestParser, splits_path_and_query) {
    const auto split = [](const std::string& target) {
        const std::string input = get("GET " + target + " HTTP/1.1");
        RequestParser parser;
        parser.read_head(input);
        return std::string{parser.head().path} + " " + std::string{parser.head().query};
    };
    EXPECT_EQ(split("/a/b?c=d?e"), "/a/b c=d?e");
    EXPECT_EQ(split("/a?"), "/a ");
    EXPECT_EQ(split("/"), "/ ");
    EXPECT_EQ(split("http://shop.example:80/a?b"), "/a b");
    EXPECT_EQ(split("HTTPS://shop.example"), "/ ");
}

TEST(RequestParser, knows_when_a_connection_stays) {
    const auto keeps = [](const std::string& input) {
        RequestParser parser;
        parser.read_head(input);
        return parser.head().keep_alive;
    };
    EXPECT_TRUE(keeps(get("GET / HTTP/1.1")));
    EXPECT_FALSE(keeps(get("GET / HTTP/1.1\r\nConnection: close")));
    EXPECT_FALSE(keeps(get("GET / HTTP/1.1\r\nConnection: x, Close")));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

// ---- seeded mutation ---------------------------------------------------------------------------

std::string mutated(std::mt19937_64& random) {
    static const std::vector<std::string> kPieces = {
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        "\0"s,
        "\xFF",
        "0",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "HTTP/1.1",
        "Host: b\r\n",
        "0\r\n\r\n",
        "GET / ",
        ","};
    const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
    const auto any_input = [&]() -> const std::string& {
        const std::size_t index = pick(good_inputs().size() + bad_inputs().size());
        return index < good_inputs().size() ? good_inputs()[index].input
                                            : bad_inputs()[index - good_inputs().size()].input;
    };
    std::string input = any_input();
    if (pick(3) == 0) input += any_input();
    for (std::size_t changes = 1 + pick(4); changes > 0; --changes) {
        const std::size_t at = pick(input.size() + 1);
        switch (pick(4)) {
            case 0:
                input.insert(at, kPieces[pick(kPieces.size())]);
                break;
            case 1:
                input.erase(at, pick(8));
                break;
            case 2:
                if (at < input.size()) input[at] = static_cast<char>(random());
                break;
            default:
                input.insert(at, input.substr(pick(input.size() + 1), pick(40)));
        }
    }
    return input;
}

// However the bytes are cut, they mean the same requests and end the same way; two readings of one
// input are what request smuggling lives on.
TEST(RequestParser, reads_mutated_input_the_same_however_it_is_cut) {
    constexpr std::uint64_t kSeed = 20261123;
    std::mt19937_64 random{kSeed};
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 30'000; ++round) {
        const std::string input = mutated(random);
        const ParsedRequests whole = parse_whole(input);
        const ParsedRequests cut = parse_requests(input, [&] { return 1 + random() % 40; });
        ASSERT_TRUE(whole == cut) << "seed " << kSeed << ", round " << round << ": "
                                  << testing::PrintToString(input.substr(0, 500));
        accepted += whole.requests.size();
        refused += whole.fault != 0 ? 1 : 0;
    }
    EXPECT_GT(accepted, 1'000u);
    EXPECT_GT(refused, 1'000u);
}

}  // namespace
}  // namespace doorbuster::http
