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
constexpr std::string_view kDownload = "download_bill";
// Unknown serials may come from anyone; they must not make us ask for certificates all the time.
constexpr std::chrono::milliseconds kRefreshPause = std::chrono::minutes{1};

std::string path_of(const std::string& url) {
    const auto start = url.find('/', url.find("://") + 3);
    if (start == std::string::npos) return {};
    auto path = url.substr(start);
    while (path.ends_with('/')) path.pop_back();
    return path;
}

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
      skew_{clock, "wechat_pay.clock_skew"} {
    if (!config.backup_url.empty() && path_of(config.backup_url) != path_prefix_) {
        throw BadConfig{"wechat_pay.backup_url: must have the same path as base_url"};
    }
}

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
    if (met_unknown_serial_.exchange(false) && may_refresh()) {
        co_await refresh_certificates();
    }
    Verifier::Headers headers;
    Answer answer = co_await send(std::move(call), headers);
    const bool new_key = answer.reason == to_string(Verdict::unknown_serial);
    if (!new_key || !may_refresh()) co_return answer;

    const bool refreshed = co_await refresh_certificates();
    if (!refreshed) co_return answer;
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
    skew_.observe(response.header("Date"));
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

bool Client::may_refresh() {
    const auto steady =
        std::chrono::floor<std::chrono::milliseconds>(clock_.steady()).time_since_epoch().count();
    std::int64_t next = next_refresh_.load();
    return (next == 0 || steady >= next) &&
           next_refresh_.compare_exchange_strong(next, steady + kRefreshPause.count());
}

Task<bool> Client::refresh_certificates() {
    Call call{.operation = "certificates", .method = "GET", .path = "/v3/certificates"};
    Verifier::Headers headers;
    const Answer answer = co_await send(std::move(call), headers);
    if (answer.status != 200) co_return false;
    auto certificates =
        accept_certificates(config_.apiv3_key.reveal(), headers, answer.body, clock_.now());
    if (!certificates) {
        log::error("wechat_pay.certificates_refused");
        co_return false;
    }
    trust(std::move(*certificates));
    co_return true;
}

void Client::trust(std::vector<PlatformCertificate> downloaded) {
    const std::lock_guard lock{downloaded_mutex_};
    // Old certificates stay until they expire: answers signed by them may still be on their way.
    for (PlatformCertificate& certificate : downloaded) {
        std::erase_if(downloaded_, [&](const auto& old) {
            return old.serial == certificate.serial;
        });
        downloaded_.push_back(std::move(certificate));
    }
    const Time now = clock_.now();
    std::erase_if(downloaded_, [&](const auto& old) { return old.expires_at <= now; });
    TrustedKeys keys = credentials_.keys;
    for (const PlatformCertificate& certificate : downloaded_) {
        keys.insert_or_assign(certificate.serial, certificate.key);
    }
    verifier_.trust(std::move(keys));
}

}  // namespace doorbuster::wechat_pay
