#include <boost/json/parse.hpp>
#include <utility>

#include "sandbox/common/key_files.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/wechat_pay/gateway.hpp"
#include "sandbox/wechat_pay/native_order.hpp"

// Refunds: accepted, under way for a while, then what they come to.
namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr auto kRefundableFor = std::chrono::days{365};
constexpr Milliseconds kDistance{60'000};  // between refunds of one order
constexpr std::size_t kRefundsMax = 50;    // of one order

Reply unknown_refund() { return wechat_error(404, "RESOURCE_NOT_EXISTS", "退款单不存在"); }

bool holds_money(const Refund& refund) { return refund.state != "CLOSED"; }

struct Given {
    Money amount;
    Money payer_refund;
    Money fee_back;
};

Given given_back(const std::vector<Refund>& refunds) {
    Given given;
    for (const Refund& refund : refunds) {
        if (!holds_money(refund)) continue;
        given.amount += refund.amount;
        given.payer_refund += refund.payer_refund;
        given.fee_back += refund.fee_back;
    }
    return given;
}

std::string refund_number(Random& random, Time now) {
    return "503000" + without_dashes(beijing_day(now)) + random_digits(random, 14);
}

}  // namespace

// What chance decides of a refund.
struct Gateway::RefundPlan {
    std::string refund_id;
    std::string outcome = "SUCCESS";
    bool refused = false;
    Time now;
    Time due_at;
};

Gateway::RefundPlan Gateway::plan_of(const RefundOrder& order) {
    const std::string& subject =
        order.out_trade_no.empty() ? order.out_refund_no : order.out_trade_no;
    RefundPlan plan;
    plan.now = ground_.clock.now();
    plan.refund_id = refund_number(ground_.random, plan.now);
    plan.refused = ground_.faults.strikes(Point::refund_refused, subject);
    if (ground_.faults.strikes(Point::refund_abnormal, subject)) plan.outcome = "ABNORMAL";
    if (ground_.faults.strikes(Point::refund_closed, subject)) plan.outcome = "CLOSED";
    plan.due_at = plan.now + ground_.options.scaled(ground_.options.get().refund_time);
    return plan;
}

Task<Reply> Gateway::refund(std::string body) {
    auto read = read_refund_order(body);
    if (const auto* refusal = std::get_if<Reply>(&read)) co_return *refusal;
    const RefundOrder order = std::get<RefundOrder>(std::move(read));
    const RefundPlan plan = plan_of(order);
    const auto work = [this, order, plan, body = std::move(body)](sql::Transaction& tx) -> Reply {
        const auto known = find_refund(tx, order.out_refund_no);
        if (!known) return refund_in(tx, order, plan);
        const auto trade = find_trade(tx, known->out_trade_no);
        const bool same = known->amount == order.refund && trade->total == order.total &&
                          (order.out_trade_no.empty() || order.out_trade_no == trade->out_trade_no);
        if (!same) {
            return wechat_error(400, "INVALID_REQUEST", "退款单号重复，且参数与原请求不一致");
        }
        return {200, refund_json(*known, *trade)};
    };
    co_return co_await ground_.database.write(work);
}

Reply Gateway::refund_in(sql::Transaction& tx, const RefundOrder& order, const RefundPlan& plan) {
    // transaction_id is preferred when both are sent.
    const auto trade = order.transaction_id.empty()
                           ? find_trade(tx, order.out_trade_no)
                           : find_trade_by_transaction(tx, order.transaction_id);
    const bool other =
        trade && !order.out_trade_no.empty() && trade->out_trade_no != order.out_trade_no;
    if (!trade || other) return wechat_error(404, "RESOURCE_NOT_EXISTS", "订单不存在");
    const auto others = list_refunds_of(tx, trade->out_trade_no);
    if (auto refusal = refusal_of(order, *trade, others, plan.now)) return *refusal;
    if (plan.refused) return wechat_error(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重试");

    const Given given = given_back(others);
    const Money done = given.amount + order.refund;
    Refund refund;
    refund.out_refund_no = order.out_refund_no;
    refund.refund_id = plan.refund_id;
    refund.out_trade_no = trade->out_trade_no;
    refund.amount = order.refund;
    refund.payer_refund = share(trade->payer_total, done, trade->total) - given.payer_refund;
    refund.fee_back = share(trade->fee, done, trade->total) - given.fee_back;
    refund.reason = order.reason;
    refund.notify_url = order.notify_url;
    refund.state = "PROCESSING";
    refund.outcome = plan.outcome;
    refund.created_at = plan.now;
    refund.due_at = plan.due_at;
    insert_refund(tx, refund);
    return {200, refund_json(refund, *trade)};
}

std::optional<Reply> Gateway::refusal_of(
    const RefundOrder& order, const Trade& trade, const std::vector<Refund>& others, Time now
) const {
    const auto invalid = [](std::string_view message) {
        return wechat_error(400, "INVALID_REQUEST", message);
    };
    if (!trade.is_paid()) return invalid("订单未支付，不能退款");
    if (order.total != trade.total) return invalid("订单金额与原订单不一致");
    if (now - *trade.paid_at > kRefundableFor) return invalid("订单已超过可退款的期限");
    if (others.size() >= kRefundsMax) return invalid("一笔订单最多退款50次");
    if (given_back(others).amount + order.refund > trade.total) {
        return invalid("申请退款金额大于剩余可退金额");
    }
    if (!others.empty() && now - others.back().created_at < ground_.options.scaled(kDistance)) {
        return wechat_error(429, "FREQUENCY_LIMITED", "同一订单两次退款须间隔1分钟");
    }
    return std::nullopt;
}

Task<Reply> Gateway::query_refund(std::string out_refund_no) {
    if (!is_out_refund_no(out_refund_no)) co_return unknown_refund();
    const auto work = [number = std::move(out_refund_no)](sql::Reader& reader) -> Reply {
        const auto refund = find_refund(reader, number);
        if (!refund) return unknown_refund();
        return {200, refund_json(*refund, *find_trade(reader, refund->out_trade_no))};
    };
    co_return co_await ground_.database.read(work);
}

// The merchant gives the payer's other account; the refund then goes on and succeeds.
Task<Reply> Gateway::apply_abnormal_refund(std::string refund_id, std::string body) {
    json::error_code failed;
    const json::value value = json::parse(json_view(body), failed);
    const json::value* number =
        !failed && value.is_object() ? value.get_object().if_contains("out_refund_no") : nullptr;
    if (!number || !number->is_string()) {
        co_return wechat_error(400, "PARAM_ERROR", "参数错误", "/out_refund_no");
    }
    std::string out_refund_no{number->get_string().c_str()};
    if (!is_out_refund_no(out_refund_no)) co_return unknown_refund();
    const Fate fate = fate_of_event(ground_, "EV-" + ground_.random.token(32), out_refund_no);
    const Time now = ground_.clock.now();
    const auto work = [this, out_refund_no, refund_id, fate, now](sql::Transaction& tx) -> Reply {
        auto refund = find_refund(tx, out_refund_no);
        if (!refund || refund->refund_id != refund_id) return unknown_refund();
        if (refund->state != "ABNORMAL") {
            return wechat_error(400, "INVALID_REQUEST", "退款单状态不是退款异常");
        }
        settle_in(tx, *refund, "SUCCESS", now, fate);
        refund = find_refund(tx, out_refund_no);
        return {200, refund_json(*refund, *find_trade(tx, refund->out_trade_no))};
    };
    co_return co_await ground_.database.write(work);
}

Event Gateway::refund_event(const Refund& refund, const Trade& trade, Time now) const {
    return {
        .provider = std::string{kProvider},
        .out_trade_no = trade.out_trade_no,
        .kind = "refund",
        .url = refund.notify_url,
        .content = told_refund_json(refund, trade, identity_.merchant),
        .created_at = now};
}

bool Gateway::settle_in(
    sql::Transaction& tx, const Refund& refund, std::string_view state, Time now, const Fate& fate
) {
    if (!settle_refund(tx, refund, state, now)) return false;
    Refund settled = refund;
    settled.state = state;
    settled.settled_at = now;
    insert_event(tx, refund_event(settled, *find_trade(tx, refund.out_trade_no), now), fate);
    return true;
}

Task<bool> Gateway::settle_due_refund() {
    const Time now = ground_.clock.now();
    const auto look = [now](sql::Reader& reader) { return find_due_refund(reader, now); };
    const auto due = co_await ground_.database.read(look);
    if (!due) co_return false;
    const Fate fate = fate_of_event(ground_, "EV-" + ground_.random.token(32), due->out_trade_no);
    const auto work = [this, due = *due, now, fate](sql::Transaction& tx) {
        // Another may have settled it meanwhile, and then tells of it too.
        const auto current = find_refund(tx, due.out_refund_no);
        if (current->due_at) settle_in(tx, *current, current->outcome, now, fate);
    };
    co_await ground_.database.write(work);
    co_return true;
}

Task<Result<Refund>> Gateway::settle(std::string out_refund_no, std::string state) {
    const Fate fate = fate_of_event(ground_, "EV-" + ground_.random.token(32), out_refund_no);
    const Time now = ground_.clock.now();
    const auto work = [this, out_refund_no, state, now, fate](sql::Transaction& tx
                      ) -> Result<Refund> {
        const auto refund = find_refund(tx, out_refund_no);
        if (!refund) return kUnknownRefund;
        if (!settle_in(tx, *refund, state, now, fate)) return kRefundIsFinal;
        return *find_refund(tx, out_refund_no);
    };
    co_return co_await ground_.database.write(work);
}

}  // namespace doorbuster::sandbox::wechat_pay
