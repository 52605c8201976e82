#pragma once

#include <string>

#include "sandbox/alipay/gateway.hpp"
#include "sandbox/common/events.hpp"
#include "sandbox/identity.hpp"
#include "sandbox/wechat_pay/gateway.hpp"

namespace doorbuster::sandbox {

using wechat_pay::kCodeUrlPrefix;

// A WeChat Pay and an Alipay that pay with play money: the gateway simulator. It speaks their wire
// protocols with keys of its own and keeps its own books, and knows of its merchant only what the
// protocols tell. Thread-safe.
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

    const MerchantSide& merchant() const { return identity_.wechat_pay.merchant; }
    const AlipayMerchantSide& alipay_merchant() const { return identity_.alipay.merchant; }
    wechat_pay::Gateway& wechat_pay() { return wechat_pay_; }
    alipay::Gateway& alipay() { return alipay_; }
    Courier& courier() { return courier_; }
    LiveOptions& options() { return options_; }
    const Ground& ground() const { return ground_; }
    // A new key for the provider of this name; false when there is none.
    bool rotate_key(std::string_view provider);

    // For periodic jobs; true: there may be more. Several deliveries may run at once.
    Task<bool> deliver_due_notification() { return courier_.deliver_due(); }
    Task<bool> settle_due_refund();

private:
    Identity identity_;
    LiveOptions options_;
    const Ground ground_;
    Courier courier_;
    wechat_pay::Gateway wechat_pay_;
    alipay::Gateway alipay_;
};

// Creates the tables that are not there yet, in a SQLite database of the simulator's own. Blocks.
void create_tables(sql::Database& database);

}  // namespace doorbuster::sandbox
