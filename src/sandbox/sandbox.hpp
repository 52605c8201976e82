#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "ports/database.hpp"
#include "ports/http_client.hpp"
#include "sandbox/errors.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/gate.hpp"
#include "sandbox/identity.hpp"
#include "sandbox/ledger.hpp"

namespace doorbuster::sandbox {

struct SandboxOptions {
    // Multiplies the waits between deliveries of a notification: 0.01 makes 15 s 150 ms.
    double time_scale = 1.0;
    // How long the faults of these names take.
    Milliseconds slow_answer{15'000};
    Milliseconds notification_delay{30'000};
};

// A WeChat Pay that pays with play money: the gateway simulator. It speaks the wire protocol of
// APIv3 Native with keys of its own and keeps its own books, and knows of its merchant only what
// the protocol tells. Thread-safe.
class Sandbox {
public:
    // `database` is the simulator's own, with its tables (create_tables). All given must outlive
    // it.
    Sandbox(
        Identity identity,
        sql::Database& database,
        HttpClient& http,
        const Clock& clock,
        Random& random,
        Faults& faults,
        SandboxOptions options = {}
    );

    const MerchantSide& merchant() const { return identity_.merchant; }
    const Gate& gate() const { return gate_; }
    const Clock& clock() const { return clock_; }
    Faults& faults() { return faults_; }
    const SandboxOptions& options() const { return options_; }

    // The calls of APIv3, behind the gate.
    Task<Reply> create(std::string body);
    Task<Reply> query(std::string out_trade_no, std::string mchid);
    Task<Reply> query_transaction(std::string transaction_id, std::string mchid);
    Task<Reply> close(std::string out_trade_no, std::string body);

    // A buyer scans a code and pays, with a coupon that takes `coupon` off. The notification is
    // stored with the payment, so that it survives a restart.
    // Errors: kUnknownCode, kCodeExpired, kOrderClosed, kAlreadyPaid, kValidationFailed (coupon).
    Task<Result<Trade>> pay(std::string code_url, Money coupon);
    // What a buyer could pay now, newest first, at most 100.
    Task<std::vector<Trade>> payable();
    // The trade of a code, if a buyer could pay it now. Errors as of `pay`.
    Task<Result<Trade>> look_up(std::string code_url);

    // Delivers the notification that is due longest, if any is. True: there may be more. For a
    // periodic job; several may run at once. A delivery waits at most 5 seconds.
    Task<bool> deliver_due_notification();

private:
    Reply create_in(sql::Transaction& tx, const std::string& body, std::string_view fresh_code);
    Result<Trade> pay_in(sql::Transaction& tx, const Trade& payment, Money coupon);
    Result<Trade> find_payable(sql::Reader& reader, std::string_view code);
    Task<bool> deliver(const DueNotification& due);
    OutboundRequest notification_of(const DueNotification& due);
    std::optional<Time> next_attempt(int attempts, Time now) const;

    const Identity identity_;
    sql::Database& database_;
    HttpClient& http_;
    const Clock& clock_;
    Random& random_;
    Faults& faults_;
    const SandboxOptions options_;
    const Gate gate_;
};

inline constexpr std::string_view kCodeUrlPrefix = "weixin://wxpay/bizpayurl?pr=";

// A Transaction object of the protocol.
std::string transaction_json(const Trade& trade, const MerchantSide& merchant);

}  // namespace doorbuster::sandbox
