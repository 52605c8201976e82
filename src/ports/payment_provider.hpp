#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "core/task.hpp"

namespace doorbuster {

// One attempt to be paid, as a provider is asked for it.
struct ProviderOrder {
    std::string out_trade_no;
    std::string description;
    Money amount;
    Time expires_at;
};

// What a provider says of an attempt, after its signature was verified.
struct ProviderTrade {
    enum class State {
        not_paid,  // may still be paid
        paid,
        closed,     // can never be paid
        refunded,   // was paid, and some or all of it went back
        not_exist,  // unknown there (yet)
        unknown,    // a state this program does not know: ask again later
    };
    State state = State::unknown;
    std::string out_trade_no;
    std::string transaction_id;
    std::string merchant;  // mchid
    std::string seller;    // appid
    Money amount;          // of the order, not what the payer paid after coupons
    std::string currency;
    std::optional<Time> paid_at;
};

// What a provider says of a refund, after its signature was verified.
struct ProviderRefund {
    enum class State {
        processing,  // taken, and not known to have moved money yet
        succeeded,
        failed,     // closed: no money moved and none will under this number
        abnormal,   // the bank sent it back: a person must act, and it may still succeed
        not_exist,  // unknown there (yet)
        unknown,    // a state this program does not know: ask again later
    };
    State state = State::unknown;
    std::string out_refund_no;
    std::string refund_id;  // the provider's number; empty where it has none
    std::string out_trade_no;
    std::string transaction_id;
    std::optional<Money> amount;  // of this refund, when it is told
    std::optional<Time> succeeded_at;
};

// A verified notification.
struct ProviderNotification {
    std::string id;
    bool is_payment = false;  // other kinds are stored and answered, with no effect on a payment
    ProviderTrade trade;
    std::optional<ProviderRefund> refund;  // when it tells of one, which is then to be queried
};

// A form that the buyer's browser is to send to the provider, signed.
struct PayForm {
    std::string action;  // with the parameters that belong in the address
    std::vector<std::pair<std::string, std::string>> fields;
    std::string address;  // the same by GET: everything in the address
};

// What to send back to the provider.
struct NotificationReply {
    int status = 200;
    std::string content_type;
    std::string body;
};

// A payment provider on the wire. Implementations verify every answer's signature; what fails
// verification is never believed. Thread-safe.
class PaymentProvider {
public:
    // Asking failed; nothing is known. `final` answers are refusals that asking again cannot
    // change.
    struct Refused {
        std::string code;
        std::string message;
        bool final_answer = false;
        // Of refunds: the merchant's balance there is too low. Asking again with the same number
        // will do once a person has paid money in, so somebody must be told.
        bool needs_money = false;
    };
    template <class T>
    struct Outcome {
        std::optional<T> value;
        Refused refused;  // when there is no value
    };

    virtual ~PaymentProvider() = default;

    virtual std::string_view name() const = 0;      // "wechat_pay"
    virtual std::string_view merchant() const = 0;  // stored with each payment and compared later
    virtual std::string_view seller() const = 0;

    // A code to be shown as a QR. Idempotent by out_trade_no with equal parameters. Empty, without
    // any call, where buyers pay in a page of the provider (see pay_form).
    virtual Task<Outcome<std::string>> create(const ProviderOrder& order) = 0;
    // Where to send the buyer's browser; nothing where a code is shown instead. Signed anew at
    // every call: opening the page twice opens the same trade. No call to the provider is made, so
    // that the trade need not exist there afterwards.
    virtual std::optional<PayForm> pay_form(const ProviderOrder& /*order*/, Time /*now*/) const {
        return std::nullopt;
    }
    virtual Task<Outcome<ProviderTrade>> query(const std::string& out_trade_no) = 0;
    // True: the provider accepted the close; query once more before believing it. False: it says
    // that the order is paid.
    virtual Task<Outcome<bool>> close(const std::string& out_trade_no) = 0;

    using Headers = std::vector<std::pair<std::string, std::string>>;
    // Verifies and decrypts raw bytes; nothing when they prove nothing (`reason` is for the log).
    virtual std::optional<ProviderNotification> verify_notification(
        const Headers& headers, std::string_view body, Time now, std::string& reason
    ) const = 0;
    virtual NotificationReply reply_accepted() const = 0;
    virtual NotificationReply reply_refused() const = 0;    // failed verification: 401, no detail
    virtual NotificationReply reply_try_again() const = 0;  // could not store: 503
};

}  // namespace doorbuster
