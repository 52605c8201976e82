#include "http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <new>

#include "core/assert.hpp"
#include "http/text.hpp"

namespace doorbuster::http {

namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

// A body that is not all here yet grows by what arrives, not by what its sender announced.
constexpr std::size_t kReserveMax = 64 * 1024;

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

std::optional<Method> method_named(std::string_view name) {
    static constexpr std::array kAll = {
        Method::get,
        Method::head,
        Method::post,
        Method::put,
        Method::patch,
        Method::del,
        Method::options};
    for (const Method method : kAll) {
        if (to_string(method) == name) return method;
    }
    return std::nullopt;
}

// Visible ASCII; a fragment is never sent.
bool is_target(std::string_view target) {
    return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '#';
    });
}

bool is_host(std::string_view host) {
    static constexpr std::string_view kMarks = "-._~%!$&'()*+;=:[]";
    return std::all_of(host.begin(), host.end(), [](char c) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return digit || letter || kMarks.find(c) != std::string_view::npos;
    });
}

// Most heads are ASCII: only what has a high bit is looked at closely.
bool is_utf8(std::string_view text) {
    const bool ascii = std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0x80) != 0;
    });
    return ascii || utf8_length(text).has_value();
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

// Beast's parser for the head of one message. It cannot be used twice, so it is built anew in
// place.
class RequestParser::Message final : public beast_http::basic_parser<true> {
public:
    explicit Message(Head& head) : head_{head} {
        // Our own limits are stricter and decided elsewhere.
        header_limit(kHeadBytesMax + 1);
        body_limit(boost::none);
    }

    bool too_many_headers() const { return too_many_headers_; }

    void renew() {
        Head& head = head_;
        this->~Message();
        new (this) Message{head};
    }

private:
    void
    on_request_impl(beast_http::verb, BeastView method, BeastView target, int version, error_code&)
        override {
        head_.method = view(method);
        head_.target = view(target);
        head_.http11 = version == 11;
    }
    void on_field_impl(beast_http::field, BeastView name, BeastView value, error_code& error)
        override {
        if (head_.headers.size() == kHeadersMax) {
            too_many_headers_ = true;
            error = beast_http::error::header_limit;
            return;
        }
        head_.headers.push_back({view(name), view(value)});
    }
    void on_header_impl(error_code&) override {}
    void on_response_impl(int, BeastView, int, error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(BeastView body, error_code&) override { return body.size(); }
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override {
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    Head& head_;
    bool too_many_headers_ = false;
};

RequestParser::RequestParser() : message_{std::make_unique<Message>(head_)} {}
RequestParser::~RequestParser() = default;

void RequestParser::fail(int status, std::string_view reason) {
    if (!fault_) fault_ = Fault{status, reason};
}

void RequestParser::reset() {
    std::vector<Request::Header> headers = std::move(head_.headers);
    headers.clear();
    head_ = Head{};
    head_.headers = std::move(headers);
    fault_.reset();
    head_done_ = done_ = false;
    scanned_ = line_ = 0;
    head_bytes_ = body_ = {};
    if (body_text_.capacity() > kReserveMax) std::string{}.swap(body_text_);
    body_text_.clear();
    chunks_.reset();
    message_->renew();
}

void RequestParser::release() {
    reset();
    message_.reset();
    std::vector<Request::Header>{}.swap(head_.headers);
    std::string{}.swap(kept_head_);
    std::string{}.swap(body_text_);
}

// The length of the head once all of it is here. Looks at each byte once, however the input is cut.
std::optional<std::size_t> RequestParser::find_head_end(std::string_view input) {
    input = input.substr(0, kHeadBytesMax);
    while (scanned_ < input.size()) {
        const void* found = std::memchr(input.data() + scanned_, '\n', input.size() - scanned_);
        if (!found) {
            scanned_ = input.size();
            break;
        }
        const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
        if (feed == line_ || input[feed - 1] != '\r') {
            fail(400, "a line does not end in CR LF");
            return std::nullopt;
        }
        if (line_ > 0 && (input[line_] == ' ' || input[line_] == '\t')) {
            fail(400, "a header line is folded");
            return std::nullopt;
        }
        const bool empty_line = feed == line_ + 1;
        scanned_ = line_ = feed + 1;
        if (empty_line) return line_;
    }
    if (input.size() == kHeadBytesMax) fail(431, "the header is too large");
    return std::nullopt;
}

std::size_t RequestParser::read_head(std::string_view input) {
    // RFC 9112, 2.2: empty lines before a request are skipped.
    std::size_t skipped = 0;
    while (scanned_ == 0 && input.substr(skipped).starts_with("\r\n")) skipped += 2;
    if (skipped > 0 && skipped < kEmptyLineBytesMax) {
        if (input.size() == skipped) return skipped;
        return skipped + read_head(input.substr(skipped));
    }
    if (scanned_ == 0 && (input.empty() || input == "\r")) return 0;
    if (scanned_ == 0 && !is_token(input.substr(0, 1))) {
        fail(400, "this is not HTTP");
        return 0;
    }
    const auto size = find_head_end(input);
    if (!size) return 0;
    head_bytes_ = input.substr(0, *size);
    error_code error;
    const std::size_t used =
        message_->put(boost::asio::const_buffer{head_bytes_.data(), head_bytes_.size()}, error);
    if (message_->too_many_headers()) {
        fail(431, "there are too many header lines");
    } else if (error == beast_http::error::bad_version) {
        fail(400, "the HTTP version is not known");
    } else if (!is_utf8(head_bytes_)) {
        fail(400, "the header is not UTF-8");
    } else if (error || used != *size || !message_->is_header_done()) {
        fail(400, "the header is malformed");
    } else {
        head_done_ = true;
        check_head();
    }
    return *size;
}

void RequestParser::check_head() {
    head_.known_method = method_named(head_.method);
    head_.keep_alive = message_->keep_alive();
    check_lengths();
    check_host();
    split_target();
    if (!fault_ && !head_.known_method) fail(501, "the method is not known");
    done_ = !fault_ && !head_.chunked && head_.content_length == 0;
}

void RequestParser::check_lengths() {
    int lengths = 0;
    int codings = 0;
    for (const Request::Header& header : head_.headers) {
        if (equal_ignoring_case(header.name, "content-length")) {
            ++lengths;
            if (!is_digits(header.value)) fail(400, "Content-Length is not a number");
        } else if (equal_ignoring_case(header.name, "transfer-encoding")) {
            ++codings;
            if (!equal_ignoring_case(header.value, "chunked")) {
                fail(400, "the transfer coding is not known");
            }
        } else if (equal_ignoring_case(header.name, "expect")) {
            head_.expects_continue = equal_ignoring_case(header.value, "100-continue");
            if (!head_.expects_continue) fail(417, "the expectation is not known");
        }
    }
    if (lengths + codings > 1) fail(400, "the length of the body is ambiguous");
    if (codings > 0 && !head_.http11) fail(400, "HTTP/1.0 has no transfer codings");
    head_.chunked = codings > 0;
    if (lengths > 0) head_.content_length = message_->content_length().value_or(0);
}

void RequestParser::check_host() {
    int hosts = 0;
    for (const Request::Header& header : head_.headers) {
        if (!equal_ignoring_case(header.name, "host")) continue;
        ++hosts;
        if (!is_host(header.value)) fail(400, "Host is malformed");
    }
    if (hosts > 1) fail(400, "Host is there twice");
    if (hosts == 0 && head_.http11) fail(400, "Host is missing");
}

void RequestParser::split_target() {
    std::string_view target = head_.target;
    if (!is_target(target)) return fail(400, "the request target is malformed");
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        const std::string_view rest = target.substr(scheme.size());
        const auto slash = rest.find_first_of("/?");
        const std::string_view authority = rest.substr(0, slash);
        if (authority.empty() || !is_host(authority)) {
            return fail(400, "the request target is malformed");
        }
        target = slash == std::string_view::npos ? "/" : rest.substr(slash);
        if (target.front() == '?') return fail(400, "the request target is malformed");
    }
    const bool asterisk = target == "*" && head_.known_method == Method::options;
    if (target.front() != '/' && !asterisk && head_.method != "CONNECT") {
        return fail(400, "the request target is malformed");
    }
    const auto mark = target.find('?');
    head_.path = target.substr(0, mark);
    head_.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

void RequestParser::limit_body(std::size_t bytes_max) {
    chunks_.limit(bytes_max);
    if (head_.content_length > bytes_max) fail(413, "the body is too large");
}

std::size_t RequestParser::read_body(std::string_view input) {
    DOORBUSTER_ASSERT(head_done_);
    if (done_ || fault_) return 0;
    return head_.chunked ? read_chunks(input) : read_known_length(input);
}

std::size_t RequestParser::read_known_length(std::string_view input) {
    const auto length = static_cast<std::size_t>(head_.content_length);
    if (body_text_.empty() && input.size() >= length) {
        body_ = input.substr(0, length);
        done_ = true;
        return length;
    }
    if (body_text_.empty()) body_text_.reserve(std::min(length, kReserveMax));
    const std::string_view part = input.substr(0, length - body_text_.size());
    body_text_.append(part);
    body_ = body_text_;
    done_ = body_text_.size() == length;
    return part.size();
}

std::size_t RequestParser::read_chunks(std::string_view input) {
    const std::size_t used = chunks_.read(input, body_text_);
    body_ = body_text_;
    done_ = chunks_.state() == ChunkReader::State::done;
    if (chunks_.state() == ChunkReader::State::too_large) fail(413, "the body is too large");
    if (chunks_.state() == ChunkReader::State::malformed) fail(400, "a chunk is malformed");
    return used;
}

void RequestParser::keep_head() {
    if (head_bytes_.empty() || head_bytes_.data() == kept_head_.data()) return;
    kept_head_.assign(head_bytes_);
    const char* from = head_bytes_.data();
    const auto moved = [&](std::string_view& text) {
        if (text.data() < from || text.data() > from + head_bytes_.size()) return;
        text = {kept_head_.data() + (text.data() - from), text.size()};
    };
    for (std::string_view* text : {&head_.method, &head_.target, &head_.path, &head_.query}) {
        moved(*text);
    }
    for (Request::Header& header : head_.headers) {
        moved(header.name);
        moved(header.value);
    }
    head_bytes_ = kept_head_;
}

}  // namespace doorbuster::http
