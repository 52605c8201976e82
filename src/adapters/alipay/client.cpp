#include "adapters/alipay/client.hpp"

#include <algorithm>
#include <utility>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/alipay/certificates.hpp"
#include "adapters/alipay/messages.hpp"
#include "ports/log.hpp"

namespace doorbuster::alipay {

namespace {

constexpr std::size_t kAnswerBytesMax = 1024 * 1024;
constexpr std::chrono::milliseconds kConnectTimeout = std::chrono::seconds{3};
constexpr std::chrono::milliseconds kTotalTimeout = std::chrono::seconds{10};
// Unknown certificates may be named by anyone; they must not make us ask for them all the time.
constexpr std::chrono::milliseconds kFetchPause = std::chrono::minutes{1};
constexpr std::string_view kCertificateDownload = "alipay.open.app.alipaycert.download";

bool is_sn(std::string_view text) {
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

void log_call(const Call& call, const Answer& answer) {
    const Result result = parse_result(answer.node);
    const auto write = answer.verified ? log::info : log::warn;
    write(
        "alipay.call",
        {{"method", call.method},
         {"number", call.number},
         {"status", answer.status},
         {"verified", answer.verified ? "yes" : "no"},
         {"reason", answer.reason},
         {"code", result.code},
         {"sub_code", result.sub_code}}
    );
}

}  // namespace

Client::Client(const Config& config, HttpClient& http, const Clock& clock)
    : config_{config},
      credentials_{check(config)},
      verifier_{credentials_.keys, credentials_.first_key},
      http_{http},
      clock_{clock},
      skew_{clock, "alipay.clock_skew"} {}

Params Client::common(std::string_view method, Time now) const {
    return {
        {"app_id", config_.app_id},
        {"method", std::string{method}},
        {"format", "JSON"},
        {"charset", "utf-8"},
        {"sign_type", "RSA2"},
        {"timestamp", to_beijing_time(now)},
        {"version", "1.0"},
        {"app_cert_sn", credentials_.app_sn},
        {"alipay_root_cert_sn", credentials_.root_sn}};
}

Params Client::page(std::string_view method, const std::string& content, Time now) const {
    Params params = common(method, now);
    params["notify_url"] = config_.notify_url;
    params["return_url"] = config_.return_url;
    params["biz_content"] = content;
    credentials_.signer.sign(params);
    return params;
}

OutboundRequest Client::request_of(const Call& call) const {
    Params params = common(call.method, clock_.now());
    params["biz_content"] = call.content;
    credentials_.signer.sign(params);
    params.erase("biz_content");
    OutboundRequest request;
    request.method = "POST";
    // The charset must be in the address, or the body is decoded with another one.
    request.url = config_.gateway_url + "?" + to_form(params);
    request.body = "biz_content=" + percent_encoded(call.content);
    request.headers = {
        {"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"},
        {"Accept", "application/json"}};
    request.connect_timeout = kConnectTimeout;
    request.total_timeout = kTotalTimeout;
    request.answer_bytes_max = kAnswerBytesMax;
    return request;
}

Task<Answer> Client::call(Call call) {
    std::string unknown = [this] {
        const std::lock_guard lock{unknown_mutex_};
        return std::exchange(unknown_sn_, {});
    }();
    if (is_sn(unknown) && may_fetch()) co_await fetch_certificate(std::move(unknown));

    Answer answer;
    const OutboundResponse response = co_await send(call, answer);
    if (answer.reason == to_string(Verdict::unknown_certificate)) {
        std::string strange = verifier_.check_answer(call.method, response.body).certificate_sn;
        const bool worth_it = is_sn(strange) && may_fetch();
        const bool known = worth_it && co_await fetch_certificate(std::move(strange));
        if (known) judge(call, response, answer);
    }
    log_call(call, answer);
    co_return answer;
}

Task<OutboundResponse> Client::send(const Call& call, Answer& answer) {
    OutboundRequest request = request_of(call);
    OutboundResponse response;
    try {
        response = co_await http_.send(std::move(request));
        judge(call, response, answer);
    } catch (const HttpClient::Failed& failed) {
        answer.reason = failed.what();
    }
    co_return response;
}

void Client::judge(const Call& call, const OutboundResponse& response, Answer& answer) {
    skew_.observe(response.header("Date"));
    answer.status = response.status;
    answer.verified = false;
    // Refusals come with status 200, too. Anything else is not the gateway speaking.
    answer.reason = "HTTP status " + std::to_string(response.status);
    if (response.status != 200) return;
    Verifier::Answer checked = verifier_.check_answer(call.method, response.body);
    answer.verified = checked.verdict == Verdict::ok;
    answer.reason = answer.verified ? "" : to_string(checked.verdict);
    answer.node = std::move(checked.node);
}

Verifier::Form Client::check_form(std::string_view form) const {
    Verifier::Form checked = verifier_.check_form(form);
    if (checked.verdict == Verdict::unknown_certificate && is_sn(checked.certificate_sn)) {
        const std::lock_guard lock{unknown_mutex_};
        unknown_sn_ = checked.certificate_sn;
    }
    return checked;
}

Task<OutboundResponse> Client::fetch(OutboundRequest request) {
    OutboundResponse response = co_await http_.send(std::move(request));
    skew_.observe(response.header("Date"));
    co_return response;
}

bool Client::may_fetch() {
    const auto steady =
        std::chrono::floor<std::chrono::milliseconds>(clock_.steady()).time_since_epoch().count();
    std::int64_t next = next_fetch_.load();
    return (next == 0 || steady >= next) &&
           next_fetch_.compare_exchange_strong(next, steady + kFetchPause.count());
}

// The answer may be signed by the very certificate that it brings. It is believed for what the
// certificate proves by itself.
Task<bool> Client::fetch_certificate(std::string sn) {
    const Call call{kCertificateDownload, certificate_content(sn), sn};
    Answer answer;
    co_await send(call, answer);
    const auto pem = parse_certificate_content(answer.node);
    const bool accepted = pem && accept_certificate(sn, *pem);
    const auto write = accepted ? log::info : log::error;
    write(accepted ? "alipay.certificate_accepted" : "alipay.certificate_refused", {{"sn", sn}});
    co_return accepted;
}

// Every application's certificate leads to the same root, so the name must be Alipay's, too.
bool Client::accept_certificate(const std::string& sn, std::string_view pem) {
    auto certificate = read_certificate(pem);
    const bool good =
        certificate && certificate->sn == sn && !certificate->organisation.empty() &&
        certificate->organisation == credentials_.organisation &&
        certificate->key.public_der() != credentials_.own_public_der &&
        leads_to_root(pem, config_.alipay_certificate, config_.root_certificates, clock_.now());
    if (good) verifier_.trust(sn, std::move(certificate->key));
    return good;
}

}  // namespace doorbuster::alipay
