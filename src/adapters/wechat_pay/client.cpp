#include "adapters/wechat_pay/client.hpp"

#include <utility>

#include "adapters/wechat_pay/bill_ticket.hpp"
#include "ports/log.hpp"

namespace doorbuster::wechat_pay {

namespace {

constexpr std::size_t kNonceLength = 32;
constexpr std::size_t kAnswerBytesMax = 1024 * 1024;
constexpr std::chrono::milliseconds kConnectTimeout = std::chrono::seconds{3};
constexpr std::chrono::milliseconds kTotalTimeout = std::chrono::seconds{10};
constexpr std::chrono::milliseconds kDownloadTimeout = std::chrono::minutes{5};
constexpr std::size_t kDownloadBytesMax = 256 * 1024 * 1024;
// WeChat Pay publishes a certificate a day before it signs with it.
constexpr std::chrono::milliseconds kCertificatesAge = std::chrono::hours{12};
constexpr std::string_view kDownload = "download_bill";
// Unknown serials may come from anyone; they must not make us ask for certificates all the time.
constexpr std::chrono::milliseconds kRefreshPause = std::chrono::minutes{1};

std::string origin_of(const std::string& url) {
    return url.substr(0, url.find('/', url.find("://") + 3));
}

std::int64_t seconds_of(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

void log_call(const Call& call, const Answer& answer, std::string_view request_id) {
    const bool fetched = call.operation == kDownload && answer.status == 200;  // never signed
    const auto write = answer.verified || fetched ? log::info : log::warn;
    write(
        "wechat_pay.call",
        {{"operation", call.operation},
         {"number", call.number},
         {"status", answer.status},
         {"verified", answer.verified ? "yes" : "no"},
         {"reason", answer.reason},
         {"provider_request_id", request_id}}
    );
}

}  // namespace

Client::Client(const Config& config, HttpClient& http, const Clock& clock, Random& random)
    : config_{config},
      path_prefix_{path_of(config.base_url)},
      credentials_{check(config)},
      verifier_{credentials_.keys},
      http_{http},
      clock_{clock},
      random_{random},
      skew_{clock, "wechat_pay.clock_skew"} {}

std::string Client::authorization(
    std::string_view method, std::string_view target, std::string_view body
) {
    const std::string timestamp = std::to_string(seconds_of(clock_.now()));
    const std::string nonce = random_.token(kNonceLength);
    return credentials_.signer.authorization(method, target, timestamp, nonce, body);
}

OutboundRequest Client::signed_request(const Call& call) {
    const std::string url = path_prefix_ + call.path;
    OutboundRequest request;
    request.method = std::string{call.method};
    request.url = origin_of(config_.base_url) + url;
    request.body = call.body;
    request.connect_timeout = kConnectTimeout;
    request.total_timeout = kTotalTimeout;
    request.answer_bytes_max = kAnswerBytesMax;
    request.headers = {
        {"Authorization", authorization(call.method, url, call.body)},
        {"Accept", "application/json"},
        {"Accept-Language", "zh-CN"}};
    if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (!config_.public_key_id.empty()) {
        request.headers.emplace_back("Wechatpay-Serial", config_.public_key_id);
    }
    return request;
}

Task<Answer> Client::call(Call call) {
    const bool cannot_verify = verifier_.keys()->empty();
    if ((cannot_verify || met_unknown_serial_) && may_refresh()) co_await fetch_certificates();
    Verifier::Headers headers;
    Answer answer = co_await send(std::move(call), headers);
    const bool new_key = answer.reason == to_string(Verdict::unknown_serial);
    if (!new_key) co_return answer;

    // When it may not, another call has fetched them a moment ago.
    if (may_refresh()) co_await fetch_certificates();
    const Verdict again = verifier_.verify(headers, answer.body, clock_.now());
    answer.verified = again == Verdict::ok;
    answer.reason = answer.verified ? "" : to_string(again);
    co_return answer;
}

Task<Answer> Client::send(Call call, Verifier::Headers& headers) {
    const OutboundRequest request = signed_request(call);
    Answer answer;
    OutboundResponse response;
    const bool certainly_unsent = co_await send_to(request, response, answer);
    if (certainly_unsent && !config_.backup_url.empty()) {
        // The host is not part of the signature, so the same signed request may go elsewhere.
        OutboundRequest again = request;
        again.url = origin_of(config_.backup_url) + path_prefix_ + call.path;
        co_await send_to(std::move(again), response, answer);
    }
    const std::string request_id{response.header("Request-ID")};
    if (response.status != 0) judge(std::move(response), answer, headers);
    log_call(call, answer, request_id);
    co_return answer;
}

Task<Answer> Client::download(std::string url, std::filesystem::path file) {
    OutboundRequest request;
    request.public_addresses_only = !is_configured_host(url, config_);
    const std::string target = url.substr(url.find('/', url.find("://") + 3));
    request.headers = {{"Authorization", authorization("GET", target, "")}, {"Accept", "*/*"}};
    request.url = std::move(url);
    request.connect_timeout = kConnectTimeout;
    request.total_timeout = kDownloadTimeout;
    request.answer_bytes_max = kDownloadBytesMax;
    request.save_to = std::move(file);
    Answer answer;
    OutboundResponse response;
    co_await send_to(std::move(request), response, answer);
    answer.status = response.status;
    answer.body = std::move(response.body);
    const Call call{.operation = kDownload, .method = "GET"};
    log_call(call, answer, response.header("Request-ID"));
    co_return answer;
}

// True: nothing has left this machine.
Task<bool> Client::send_to(OutboundRequest request, OutboundResponse& response, Answer& answer) {
    try {
        response = co_await http_.send(std::move(request));
        answer.reason.clear();
        co_return false;
    } catch (const HttpClient::Failed& failed) {
        answer.reason = failed.what();
        co_return !failed.sent();
    }
}

void Client::judge(OutboundResponse response, Answer& answer, Verifier::Headers& headers) {
    const auto date = response.header("Date");
    skew_.observe(date);
    if (pay_wire::parse_http_date(date)) answer.clock_skew = skew_.seconds();
    answer.serial = response.header("Wechatpay-Serial");
    answer.status = response.status;
    answer.body = std::move(response.body);
    headers = std::move(response.headers);
    const Verdict verdict = verifier_.verify(headers, answer.body, clock_.now());
    answer.verified = verdict == Verdict::ok;
    if (!answer.verified) answer.reason = to_string(verdict);
}

Verdict Client::verify(const Verifier::Headers& headers, std::string_view body, Time now) const {
    const Verdict verdict = verifier_.verify(headers, body, now);
    if (verdict == Verdict::unknown_serial) met_unknown_serial_ = true;
    return verdict;
}

std::int64_t Client::steady() const {
    return std::chrono::floor<std::chrono::milliseconds>(clock_.steady())
        .time_since_epoch()
        .count();
}

bool Client::may_refresh() {
    std::int64_t next = next_refresh_.load();
    return (next == 0 || steady() >= next) &&
           next_refresh_.compare_exchange_strong(next, steady() + kRefreshPause.count());
}

bool Client::wants_certificates() const {
    const std::int64_t again = fetch_again_.load();
    const bool is_time = again == 0 || steady() >= again;
    return met_unknown_serial_ || (config_.fetch_platform_certificates && is_time);
}

Task<void> Client::keep_certificates() {
    if (wants_certificates() && may_refresh()) co_await fetch_certificates();
}

Task<Fetched> Client::fetch_certificates() {
    met_unknown_serial_ = false;
    Call call{.operation = "certificates", .method = "GET", .path = "/v3/certificates"};
    Verifier::Headers headers;
    const Answer answer = co_await send(std::move(call), headers);
    if (answer.status == 404) co_return Fetched::none;
    if (answer.status != 200) co_return Fetched::no_answer;
    const Time now = clock_.now();
    const auto& key = config_.apiv3_key.reveal();
    auto certificates = accept_certificates(key, headers, answer.body, now, *verifier_.keys());
    if (!certificates) {
        log::error("wechat_pay.certificates_refused");
        co_return Fetched::refused;
    }
    trust(std::move(*certificates));
    fetch_again_ = steady() + kCertificatesAge.count();
    co_return Fetched::accepted;
}

// Old certificates stay until they expire: what they signed may still be on its way.
void Client::trust(TrustedKeys fetched) {
    const std::lock_guard lock{trust_mutex_};
    TrustedKeys keys = *verifier_.keys();
    const Time now = clock_.now();
    std::erase_if(keys, [&](const auto& old) { return old.second.expires_at <= now; });
    for (auto& [serial, key] : fetched) {
        if (key.expires_at <= now) continue;
        if (!keys.contains(serial)) log::info("wechat_pay.certificate", {{"serial", serial}});
        // What the settings say goes before what was fetched.
        if (!credentials_.keys.contains(serial)) keys.insert_or_assign(serial, std::move(key));
    }
    verifier_.trust(std::move(keys));
}

}  // namespace doorbuster::wechat_pay
