#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "sandbox/alipay/biz_content.hpp"
#include "sandbox/alipay/gate.hpp"
#include "sandbox/alipay/trades.hpp"
#include "sandbox/common/errors.hpp"
#include "sandbox/common/events.hpp"

namespace doorbuster::sandbox::alipay {

// An Alipay that pays with play money: OpenAPI 2.0 for pages on a computer (alipay.trade.page.pay),
// with keys of its own and its own books. Thread-safe.
class Gateway final : public Voice {
public:
    // Both outlive it; the tables are there (create_tables).
    Gateway(const Identity& identity, const Ground& ground);

    const Identity& identity() const { return identity_; }
    const Gate& gate() const { return gate_; }
    const Ground& ground() const { return ground_; }

    // A call from server to server, behind the gate. `origin` is where bills are to be fetched.
    Task<Reply> answer(Call call, std::string origin);

    // alipay.trade.page.pay: the page to send the browser to, or the refusal to show.
    Task<std::variant<Page, Reply>> open_page(Call call);

    // What a buyer does on a page. Logging in creates the trade; paying needs it. `coupon` is what
    // the merchant lets him off. The notification is stored with the payment.
    // Errors: kUnknownCode, kCodeExpired, kOrderClosed, kAlreadyPaid, kOtherBuyer, kOtherTerms,
    // kValidationFailed (coupon).
    struct Shown {
        Page page;
        std::optional<Trade> trade;  // since a buyer has logged in
    };
    Task<Result<Shown>> look_up(std::string token);
    Task<Result<Trade>> log_in(std::string token, std::string buyer);
    Task<Result<Trade>> pay(std::string token, std::string buyer, Money coupon);
    // What could be paid now, newest first, at most 100.
    Task<std::vector<Page>> open_pages();
    // Where the browser goes back to: return_url with signed parameters; empty: nowhere.
    std::string way_back(const Page& page, const Trade& trade) const;

    // Moves the money of the refund that is due longest, if any is due. True: there may be more.
    Task<bool> settle_due_refund();
    // Moves it now. Errors: kUnknownRefund, kRefundIsFinal.
    Task<Result<Refund>> settle(std::string out_trade_no, std::string out_request_no);
    // From TRADE_SUCCESS to TRADE_FINISHED, as after the time for refunds. Errors: kUnknownCode.
    Task<Result<Trade>> finish(std::string out_trade_no);

    // The file that a bill's URL names, while it lives.
    Task<std::optional<Download>> download(std::string token);

    OutboundRequest request_of(const Event& event) override;
    bool understood(const OutboundResponse& answer) const override;
    std::span<const std::chrono::seconds> waits() const override;

private:
    Task<Reply> query(Call call);
    Task<Reply> close(Call call);
    Task<Reply> cancel(Call call);
    Task<Reply> refund(Call call);
    Task<Reply> query_refund(Call call);
    Task<Reply> bill_url(Call call, std::string origin);
    Reply download_certificate(const Call& call) const;

    Result<Trade> payable_in(sql::Transaction& tx, const Page& page, bool any_state, Time now);
    Result<Trade> log_in_in(
        sql::Transaction& tx,
        const Page& page,
        const std::string& buyer,
        const std::string& trade_no,
        bool any_state,
        Time now
    );
    void tell(
        sql::Transaction& tx,
        const Trade& trade,
        const char* kind,
        const Refund* refund,
        Time now,
        const Fate& fate
    );
    Fate fate(std::string_view out_trade_no);
    std::string bill_zip(
        sql::Reader& reader,
        const std::string& type,
        const std::string& date,
        DaySpan day,
        bool lossy,
        bool wrong_totals,
        Time now
    ) const;

    const Identity& identity_;
    const Ground ground_;
    const Gate gate_;
};

// The buyer's account as others may see it: "buy***@sandbox.test".
std::string masked(std::string_view buyer);

}  // namespace doorbuster::sandbox::alipay
