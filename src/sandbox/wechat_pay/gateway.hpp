#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "sandbox/common/errors.hpp"
#include "sandbox/common/events.hpp"
#include "sandbox/wechat_pay/gate.hpp"
#include "sandbox/wechat_pay/refund_order.hpp"
#include "sandbox/wechat_pay/trades.hpp"

namespace doorbuster::sandbox::wechat_pay {

// What a merchant asks of a bill.
struct BillQuery {
    enum class Kind { trade, fund };
    Kind kind = Kind::trade;
    std::string date;  // bill_date
    std::string type;  // bill_type or account_type; empty: the default
    std::string tar_type;
    std::string origin;  // scheme and host of the URL to answer with
};

// A WeChat Pay that pays with play money. It speaks APIv3 Native with keys of its own and keeps its
// own books, and knows of its merchant only what the protocol tells. Thread-safe.
class Gateway final : public Voice {
public:
    // Both outlive it; the tables are there (create_tables).
    Gateway(const Identity& identity, const Ground& ground);

    const Identity& identity() const { return identity_; }
    const Gate& gate() const { return gate_; }
    const Ground& ground() const { return ground_; }

    // The calls of APIv3, behind the gate.
    Task<Reply> create(std::string body);
    Task<Reply> query(std::string out_trade_no, std::string mchid);
    Task<Reply> query_transaction(std::string transaction_id, std::string mchid);
    Task<Reply> close(std::string out_trade_no, std::string body);
    Task<Reply> refund(std::string body);
    Task<Reply> query_refund(std::string out_refund_no);
    Task<Reply> apply_abnormal_refund(std::string refund_id, std::string body);
    Reply certificates() const;
    Task<Reply> bill(BillQuery query);
    // The file that a bill's URL names, once; nothing when the token is used, old or unknown.
    Task<std::optional<Download>> download(std::string token);

    // A buyer scans a code and pays, with a coupon that takes `coupon` off. The notification is
    // stored with the payment, so that it survives a restart.
    // `buyer` names who pays; empty: somebody new.
    // Errors: kUnknownCode, kCodeExpired, kOrderClosed, kAlreadyPaid, kValidationFailed (coupon).
    Task<Result<Trade>> pay(std::string code_url, Money coupon, std::string buyer);
    // What a buyer could pay now, newest first, at most 100.
    Task<std::vector<Trade>> payable();
    // The trade of a code, if a buyer could pay it now. Errors as of `pay`.
    Task<Result<Trade>> look_up(std::string code_url);

    // Brings the refund that is due longest to its outcome, if any is due. True: there may be more.
    Task<bool> settle_due_refund();
    // Brings a refund to SUCCESS, CLOSED or ABNORMAL now. Errors: kUnknownRefund, kRefundIsFinal.
    Task<Result<Refund>> settle(std::string out_refund_no, std::string state);

    OutboundRequest request_of(const Event& event) override;
    bool understood(const OutboundResponse& answer) const override;
    std::span<const std::chrono::seconds> waits() const override;

private:
    Reply create_in(sql::Transaction& tx, const std::string& body, std::string_view fresh_code);
    Result<Trade> pay_in(sql::Transaction& tx, const Trade& payment, Money coupon, bool any_state);
    Result<Trade> find_payable(sql::Reader& reader, std::string_view code, bool any_state);
    struct RefundPlan;
    RefundPlan plan_of(const RefundOrder& order);
    Reply refund_in(sql::Transaction& tx, const RefundOrder& order, const RefundPlan& plan);
    std::optional<Reply> refusal_of(
        const RefundOrder& order, const Trade& trade, const std::vector<Refund>& others, Time now
    ) const;
    Event refund_event(const Refund& refund, const Trade& trade, Time now) const;
    bool
    settle_in(sql::Transaction& tx, const Refund& refund, std::string_view state, Time now, const Fate&);
    std::optional<Reply> bill_refusal(const BillQuery& query, DaySpan day) const;
    std::string bill_text(sql::Reader& reader, const BillQuery& query, DaySpan day, bool lossy);

    const Identity& identity_;
    const Ground ground_;
    const Gate gate_;
};

inline constexpr std::string_view kCodeUrlPrefix = "weixin://wxpay/bizpayurl?pr=";

// A Transaction object of the protocol.
std::string transaction_json(const Trade& trade, const MerchantSide& merchant);
// A Refund object of the protocol, as the API answers it and as notifications tell it.
std::string refund_json(const Refund& refund, const Trade& trade);
std::string told_refund_json(
    const Refund& refund, const Trade& trade, const MerchantSide& merchant
);

}  // namespace doorbuster::sandbox::wechat_pay
