#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "sandbox/alipay/gateway.hpp"
#include "sandbox/common/text.hpp"

// Refunds: at once, or, by a fault, later.
namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr std::size_t kRequestNoMax = 64;

struct RefundOrder {
    std::string out_trade_no;
    std::string trade_no;
    std::string out_request_no;
    std::string reason;
    Money amount;
    std::optional<Reply> refusal;
};

std::string_view param(const Call& call, std::string_view name) {
    const auto found = call.params.find(name);
    return found == call.params.end() ? std::string_view{} : std::string_view{found->second};
}

RefundOrder order_in(const Call& call) {
    BizContent content{param(call, "biz_content")};
    RefundOrder order;
    order.out_trade_no = content.text("out_trade_no", 64);
    order.trade_no = content.text("trade_no", 64);
    order.out_request_no = content.text("out_request_no", kRequestNoMax);
    order.reason = content.text("refund_reason", 256);
    const auto amount = content.yuan("refund_amount");
    if (!amount) content.spoil("refund_amount");
    order.amount = amount.value_or(Money{});
    if (content.broken()) content.spoil("biz_content");
    if (order.out_trade_no.empty() && order.trade_no.empty()) content.spoil("out_trade_no");
    if (!content.wrong().empty()) order.refusal = invalid_parameter(content.wrong());
    return order;
}

// `fund_change` is told of this call; refund_fee of all refunds of the trade.
Reply refund_reply(
    const Trade& trade, const Refund& refund, const std::vector<Refund>& all, bool moved
) {
    json::object told{
        {"trade_no", trade.trade_no},
        {"out_trade_no", trade.terms.out_trade_no},
        {"buyer_logon_id", masked(trade.buyer)},
        {"fund_change", moved ? "Y" : "N"},
        {"refund_fee", sum_of(all, true).amount.to_yuan()},
        {"send_back_fee", refund.payer_refund.to_yuan()}};
    if (refund.settled_at) told["gmt_refund_pay"] = beijing_text(*refund.settled_at);
    Reply reply;
    std::string text = json::serialize(told);
    text.pop_back();
    text.front() = ',';
    reply.members = std::move(text);
    return reply;
}

const Refund* named(const std::vector<Refund>& refunds, const std::string& number) {
    for (const Refund& refund : refunds) {
        if (refund.out_request_no == number) return &refund;
    }
    return nullptr;
}

std::optional<Reply> refusal_of(
    const RefundOrder& order, const Trade& trade, const std::vector<Refund>& others
) {
    if (trade.state == "TRADE_FINISHED") {
        return business_failure("ACQ.TRADE_HAS_FINISHED", "交易已经结束");
    }
    if (trade.state == "TRADE_CLOSED") {
        return business_failure("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");
    }
    if (!trade.is_paid()) return business_failure("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
    if (order.out_request_no.empty() && order.amount != trade.terms.total) {
        return business_failure("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额不等于订单总金额");
    }
    if (sum_of(others, false).amount + order.amount > trade.terms.total) {
        return business_failure("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额错误");
    }
    return std::nullopt;
}

Refund new_refund(
    const RefundOrder& order, const Trade& trade, const std::vector<Refund>& others, Time now
) {
    const Refunded taken = sum_of(others, false);
    const Money gone = taken.amount + order.amount;
    return {
        .out_trade_no = trade.terms.out_trade_no,
        .out_request_no =
            order.out_request_no.empty() ? trade.terms.out_trade_no : order.out_request_no,
        .amount = order.amount,
        .payer_refund = share(trade.payer_total, gone, trade.terms.total) - taken.payer_refund,
        .fee_back = share(trade.fee, gone, trade.terms.total) - taken.fee_back,
        .reason = order.reason,
        .created_at = now,
        .due_at = {},
        .settled_at = now};
}

}  // namespace

Task<Reply> Gateway::refund(Call call) {
    const RefundOrder order = order_in(call);
    if (order.refusal) co_return *order.refusal;
    const Time now = ground_.clock.now();
    const bool refused = ground_.faults.strikes(Point::refund_refused, order.out_trade_no);
    const bool unmoved = ground_.faults.strikes(Point::refund_unmoved, order.out_trade_no);
    const Time due = now + ground_.options.scaled(ground_.options.get().refund_time);
    const Fate told = fate(order.out_trade_no);
    const auto work = [this, order, now, refused, unmoved, due, told](sql::Transaction& tx
                      ) -> Reply {
        const auto trade = find_current(tx, order.out_trade_no, order.trade_no, now);
        if (!trade) return business_failure("ACQ.TRADE_NOT_EXIST", "交易不存在");
        const std::string number = trade->terms.out_trade_no;
        const auto others = list_refunds_of(tx, number);
        const std::string wanted = order.out_request_no.empty() ? number : order.out_request_no;
        if (const Refund* same = named(others, wanted)) {
            if (same->amount == order.amount) return refund_reply(*trade, *same, others, false);
            return business_failure("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求");
        }
        if (auto refusal = refusal_of(order, *trade, others)) return *refusal;
        if (refused) {
            return business_failure("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足");
        }
        Refund refund = new_refund(order, *trade, others, now);
        if (unmoved) {
            refund.settled_at.reset();
            refund.due_at = due;
        }
        insert_refund(tx, refund);
        const Trade after = *find_trade(tx, number);
        if (!unmoved) tell(tx, after, "refund", &refund, now, told);
        return refund_reply(after, refund, list_refunds_of(tx, number), !unmoved);
    };
    co_return co_await ground_.database.write(work);
}

Task<Reply> Gateway::query_refund(Call call) {
    BizContent content{param(call, "biz_content")};
    const std::string out_trade_no = content.text("out_trade_no", 64);
    const std::string trade_no = content.text("trade_no", 64);
    const std::string wanted = content.text("out_request_no", kRequestNoMax);
    if (wanted.empty()) content.spoil("out_request_no");
    if (out_trade_no.empty() && trade_no.empty()) content.spoil("out_trade_no");
    if (!content.wrong().empty()) co_return invalid_parameter(content.wrong());
    const Time now = ground_.clock.now();
    const auto work = [out_trade_no, trade_no, wanted, now](sql::Transaction& tx) -> Reply {
        const auto trade = find_current(tx, out_trade_no, trade_no, now);
        if (!trade) return business_failure("ACQ.TRADE_NOT_EXIST", "交易不存在");
        const auto refunds = list_refunds_of(tx, trade->terms.out_trade_no);
        const Refund* refund = named(refunds, wanted);
        Reply reply;
        // Without refund_status: not received, failed, or still under way.
        if (!refund || !refund->settled_at) return reply;
        std::string text = json::serialize(json::object{
            {"trade_no", trade->trade_no},
            {"out_trade_no", trade->terms.out_trade_no},
            {"out_request_no", refund->out_request_no},
            {"total_amount", trade->terms.total.to_yuan()},
            {"refund_amount", refund->amount.to_yuan()},
            {"refund_status", "REFUND_SUCCESS"},
            {"refund_reason", refund->reason},
            {"gmt_refund_pay", beijing_text(*refund->settled_at)},
            {"send_back_fee", refund->payer_refund.to_yuan()}});
        text.pop_back();
        text.front() = ',';
        reply.members = std::move(text);
        return reply;
    };
    co_return co_await ground_.database.write(work);
}

Task<bool> Gateway::settle_due_refund() {
    const Time now = ground_.clock.now();
    const auto look = [now](sql::Reader& reader) { return find_due_refund(reader, now); };
    const auto due = co_await ground_.database.read(look);
    if (!due) co_return false;
    std::string out_trade_no = due->out_trade_no;
    std::string out_request_no = due->out_request_no;
    // Another may have moved it meanwhile: that is no error.
    const auto settled = co_await settle(std::move(out_trade_no), std::move(out_request_no));
    static_cast<void>(settled.has_value());
    co_return true;
}

Task<Result<Refund>> Gateway::settle(std::string out_trade_no, std::string out_request_no) {
    const Time now = ground_.clock.now();
    const Fate told = fate(out_trade_no);
    const auto work = [this, out_trade_no, out_request_no, now, told](sql::Transaction& tx
                      ) -> Result<Refund> {
        const auto refunds = list_refunds_of(tx, out_trade_no);
        const Refund* found = named(refunds, out_request_no);
        if (!found) return kUnknownRefund;
        Refund refund = *found;
        if (!settle_refund(tx, refund, now)) return kRefundIsFinal;
        refund.due_at.reset();
        refund.settled_at = now;
        tell(tx, *find_trade(tx, out_trade_no), "refund", &refund, now, told);
        return refund;
    };
    co_return co_await ground_.database.write(work);
}

}  // namespace doorbuster::sandbox::alipay
