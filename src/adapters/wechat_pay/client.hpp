#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/pay_wire/clock_skew.hpp"
#include "adapters/wechat_pay/certificates.hpp"
#include "adapters/wechat_pay/config.hpp"
#include "core/random.hpp"
#include "ports/http_client.hpp"

namespace doorbuster::wechat_pay {

struct Call {
    std::string_view operation;  // for the log
    std::string_view method;
    std::string path;  // from /v3 on, with its query
    std::string body;
    std::string number;  // of the order or refund, for the log
};

struct Answer {
    int status = 0;         // 0: none came
    bool verified = false;  // signed by WeChat Pay; anything else is only hearsay
    std::string body;
    std::string reason;                              // why there is none, or why it is not verified
    std::string serial;                              // of the key that it claims to be signed with
    std::optional<std::chrono::seconds> clock_skew;  // by its date; positive: we are ahead
};

// What became of asking for the platform certificates.
enum class Fetched {
    accepted,
    none,     // there are none, as in public-key mode
    refused,  // they do not open with the APIv3 key, or are not signed by whom they should be
    no_answer,
};

// Speaks APIv3: signs requests, sends them, and says whether the answer is WeChat Pay's. Knows
// nothing of payments. Thread-safe.
class Client {
public:
    // Throws BadConfig.
    Client(const Config& config, HttpClient& http, const Clock& clock, Random& random);

    // Never throws for what the outside does. Connect 3 s, 10 s in all; asked once more at the
    // backup host when the connection could not be made.
    Task<Answer> call(Call call);

    // Fetches a file by a signed request, within 256 MiB and five minutes, and saves it when the
    // status is 200. What comes is not signed, so the answer is never `verified`: the caller has a
    // hash to compare, and has seen to it that the address is one to be trusted.
    Task<Answer> download(std::string url, std::filesystem::path file);

    // Verifies with the trusted keys. An unknown serial makes the next call fetch certificates.
    Verdict verify(const Verifier::Headers& headers, std::string_view body, Time now) const;

    // Fetches the platform certificates and trusts them beside the configured keys until they
    // expire.
    Task<Fetched> fetch_certificates();
    // The same when it is time: none were fetched yet, the last ones are twelve hours old, or a
    // serial was met that is unknown. At most once a minute; for a job that runs as often.
    Task<void> keep_certificates();

    std::shared_ptr<const TrustedKeys> trusted() const { return verifier_.keys(); }

    std::chrono::seconds clock_skew() const { return skew_.seconds(); }

private:
    OutboundRequest signed_request(const Call& call);
    std::string authorization(
        std::string_view method, std::string_view target, std::string_view body
    );
    Task<Answer> send(Call call, Verifier::Headers& headers);
    Task<bool> send_to(OutboundRequest request, OutboundResponse& response, Answer& answer);
    void judge(OutboundResponse response, Answer& answer, Verifier::Headers& headers);
    std::int64_t steady() const;
    bool wants_certificates() const;
    bool may_refresh();
    void trust(TrustedKeys fetched);

    const Config config_;
    const std::string path_prefix_;  // of base_url; part of what is signed
    const Credentials credentials_;
    Verifier verifier_;
    HttpClient& http_;
    const Clock& clock_;
    Random& random_;
    pay_wire::ClockSkew skew_;
    mutable std::atomic<bool> met_unknown_serial_{false};
    std::atomic<std::int64_t> next_refresh_{0};  // milliseconds of the steady clock
    std::atomic<std::int64_t> fetch_again_{0};   // likewise
    std::mutex trust_mutex_;
};

}  // namespace doorbuster::wechat_pay
