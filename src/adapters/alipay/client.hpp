#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/alipay/config.hpp"
#include "adapters/pay_wire/clock_skew.hpp"
#include "ports/http_client.hpp"

namespace doorbuster::alipay {

struct Call {
    std::string_view method;  // alipay.trade.query
    std::string content;      // biz_content
    std::string number;       // for the log: out_trade_no and the like
};

struct Answer {
    int status = 0;         // 0: none came
    bool verified = false;  // signed by Alipay; anything else is only hearsay
    std::string node;       // the JSON that was signed, or what was heard
    std::string reason;     // why there is none, or why it is not verified
};

// Speaks OpenAPI 2.0: signs requests, sends them, and says whether the answer is Alipay's. Knows
// nothing of payments. Thread-safe.
class Client {
public:
    // Throws BadConfig.
    Client(const Config& config, HttpClient& http, const Clock& clock);

    // Never throws for what the outside does. Connect 3 s, 10 s in all. A certificate that is not
    // known yet is fetched and, when it leads to our root, believed.
    Task<Answer> call(Call call);

    // The parameters of a page that the buyer's browser is to open, signed.
    Params page(std::string_view method, const std::string& content, Time now) const;

    // A notification, or what a browser brings back. An unknown certificate makes the next call
    // fetch it.
    Verifier::Form check_form(std::string_view form) const;

    // Sends what is no call: the download of a bill. Notes the provider's clock.
    Task<OutboundResponse> fetch(OutboundRequest request);

    std::chrono::seconds clock_skew() const { return skew_.seconds(); }

private:
    Params common(std::string_view method, Time now) const;
    OutboundRequest request_of(const Call& call) const;
    Task<OutboundResponse> send(const Call& call, Answer& answer);
    void judge(const Call& call, const OutboundResponse& response, Answer& answer);
    bool may_fetch();
    Task<bool> fetch_certificate(std::string sn);
    bool accept_certificate(const std::string& sn, std::string_view pem);

    const Config config_;
    const Credentials credentials_;
    mutable Verifier verifier_;
    HttpClient& http_;
    const Clock& clock_;
    pay_wire::ClockSkew skew_;
    std::atomic<std::int64_t> next_fetch_{0};  // milliseconds of the steady clock
    mutable std::mutex unknown_mutex_;
    mutable std::string unknown_sn_;  // met in a notification
};

}  // namespace doorbuster::alipay
