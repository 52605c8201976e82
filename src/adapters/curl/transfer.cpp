#include "adapters/curl/transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include "adapters/curl/public_address.hpp"

namespace doorbuster::curl {

namespace {

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
// Of an answer that was to be saved and is none to keep: what it says, not what it weighs.
constexpr std::size_t kUnsavedBytesMax = 2 * 1024 * 1024;
constexpr auto kTooLarge = "the answer is too large";

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 127 && c != ':';
    });
}

// A line break in a value would let its author write headers of their own.
bool is_value(std::string_view text) {
    return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

bool has_header(const OutboundRequest& request, std::string_view name) {
    return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
        return same_ignoring_case(header.first, name);
    });
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    curl_easy_setopt(easy, option, value);
}

}  // namespace

Transfer::Transfer(OutboundRequest request, Finished finished)
    : request_{std::move(request)},
      finished_{std::move(finished)},
      // Real time, as libcurl's own deadlines: an injected clock would not move with them.
      submitted_{std::chrono::steady_clock::now()} {}

std::chrono::milliseconds Transfer::remaining() const {
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - submitted_
    );
    return request_.total_timeout - waited;
}

bool Transfer::prepare(const CurlOptions& options) {
    const auto left = remaining();
    if (left.count() <= 0) return false;
    if (!request_.save_to.empty() && !file_.emplace(request_.save_to).open()) {
        refusal_ = file_->reason();
        return false;
    }
    easy_.reset(curl_easy_init());
    if (!easy_ || !add_headers()) {
        if (refusal_.empty()) refusal_ = "out of memory";
        return false;
    }
    set(easy_.get(), CURLOPT_URL, request_.url.c_str());
    set_method();
    set_limits(options, left);
    set_callbacks();
    return true;
}

bool Transfer::add_headers() {
    const auto add = [this](const std::string& line) {
        curl_slist* longer = curl_slist_append(header_list_.get(), line.c_str());
        if (!longer) return false;
        if (!header_list_) header_list_.reset(longer);
        return true;
    };
    for (const auto& [name, value] : request_.headers) {
        if (!is_name(name) || !is_value(value)) {
            refusal_ = "a header cannot be sent";
            return false;
        }
        // libcurl sends an empty header only when it is written with a semicolon.
        if (!add(value.empty() ? name + ";" : name + ": " + value)) return false;
    }
    // No waiting for "100 Continue", no made-up content type.
    if (!has_header(request_, "Expect") && !add("Expect:")) return false;
    if (!has_header(request_, "Content-Type") && !add("Content-Type:")) return false;
    set(easy_.get(), CURLOPT_HTTPHEADER, header_list_.get());
    return true;
}

void Transfer::set_method() {
    if (request_.method == "HEAD") {
        set(easy_.get(), CURLOPT_NOBODY, 1L);
        return;
    }
    const bool sends_body = !request_.body.empty() || request_.method == "POST" ||
                            request_.method == "PUT" || request_.method == "PATCH";
    if (sends_body) {
        set(easy_.get(), CURLOPT_POSTFIELDS, request_.body.c_str());
        set(easy_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size())
        );
    }
    set(easy_.get(), CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Transfer::set_limits(const CurlOptions& options, std::chrono::milliseconds left) {
    CURL* easy = easy_.get();
    const auto total = static_cast<long>(left.count());
    const auto connect =
        std::clamp<long>(static_cast<long>(request_.connect_timeout.count()), 1, total);
    set(easy, CURLOPT_TIMEOUT_MS, total);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, connect);
    set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.answer_bytes_max));
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_TCP_NODELAY, 1L);
    set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
}

void Transfer::set_callbacks() {
    CURL* easy = easy_.get();
    set(easy, CURLOPT_PRIVATE, this);
    set(easy, CURLOPT_ERRORBUFFER, curl_reason_);
    set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_connected);
    set(easy, CURLOPT_PREREQDATA, this);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, this);
}

// The address is checked here, after the name was resolved and at the moment of connecting, so that
// a name that changes its address between a check and its use gains nothing.
curl_socket_t Transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.request_.public_addresses_only && !is_public_address(&address->addr)) {
        transfer.refusal_ = "the address is not public";
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Runs before each request, also on a connection that is used again and opened no socket.
int Transfer::on_connected(void* self, char* address, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.request_.public_addresses_only && !is_public_address(address)) {
        transfer.refusal_ = "the address is not public";
        return CURL_PREREQFUNC_ABORT;
    }
    transfer.refusal_.clear();  // of another address of the same name
    transfer.sent_ = true;
    return CURL_PREREQFUNC_OK;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    const std::size_t bytes = size * count;
    return static_cast<Transfer*>(self)->take_header({data, bytes}) ? bytes : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    const std::size_t bytes = size * count;
    return static_cast<Transfer*>(self)->take_body({data, bytes}) ? bytes : 0;
}

bool Transfer::take_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > kHeaderBytesMax) {
        refusal_ = "the answer's headers are too large";
        return false;
    }
    if (line.starts_with("HTTP/")) {  // the final answer, or an interim one before it
        response_.headers.clear();
        headers_done_ = false;
    } else if (trimmed(line).empty()) {
        headers_done_ = true;  // what follows the body are trailers, which prove nothing
    } else if (const auto colon = line.find(':');
               colon != std::string_view::npos && !headers_done_) {
        response_.headers.emplace_back(
            trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))
        );
    }
    return true;
}

int Transfer::status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
}

bool Transfer::take_body(std::string_view bytes) {
    return file_ && status() / 100 == 2 ? save(bytes) : hold(bytes);
}

bool Transfer::save(std::string_view bytes) {
    if (bytes.size() > request_.answer_bytes_max - file_->size()) {
        refusal_ = kTooLarge;
        return false;
    }
    if (file_->write(bytes)) return true;
    refusal_ = file_->reason();
    return false;
}

bool Transfer::hold(std::string_view bytes) {
    const std::size_t most =
        file_ ? std::min(request_.answer_bytes_max, kUnsavedBytesMax) : request_.answer_bytes_max;
    if (bytes.size() > most - response_.body.size()) {
        refusal_ = kTooLarge;
        return false;
    }
    response_.body.append(bytes);
    return true;
}

void Transfer::finish(CURLcode code) {
    if (code != CURLE_OK) return fail(reason_of(code));
    response_.status = status();
    if (file_ && response_.status / 100 == 2 && !file_->keep()) return fail(file_->reason());
    file_.reset();  // before anyone looks whether there is one
    finished_({std::move(response_), std::nullopt});
}

void Transfer::fail(const std::string& reason) {
    const std::string why = refusal_.empty() ? reason : refusal_;
    file_.reset();  // before anyone looks whether there is one
    finished_({{}, Outcome::Failure{why, sent_}});
}

std::string Transfer::reason_of(CURLcode code) const {
    return curl_reason_[0] != '\0' ? curl_reason_ : curl_easy_strerror(code);
}

}  // namespace doorbuster::curl
