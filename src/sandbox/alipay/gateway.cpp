#include "sandbox/alipay/gateway.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "sandbox/common/text.hpp"

// Calls from server to server: query, close, cancel, certificates.
namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr auto kCancelWithin = std::chrono::hours{24};

Reply no_trade() { return business_failure("ACQ.TRADE_NOT_EXIST", "交易不存在"); }

std::string_view param(const Call& call, std::string_view name) {
    const auto found = call.params.find(name);
    return found == call.params.end() ? std::string_view{} : std::string_view{found->second};
}

// The members of an object as they stand behind others.
std::string members_of(const json::object& object) {
    std::string text = json::serialize(object);
    if (text == "{}") return {};
    text.pop_back();
    text.front() = ',';
    return text;
}

}  // namespace

Gateway::Gateway(const Identity& identity, const Ground& ground)
    : identity_{identity}, ground_{ground}, gate_{identity, ground} {}

namespace {

// Which trade a call is about.
struct Asked {
    std::string out_trade_no;
    std::string trade_no;
    std::optional<Reply> refusal;
};

Asked asked_in(BizContent& content) {
    Asked asked;
    asked.out_trade_no = content.text("out_trade_no", 64);
    asked.trade_no = content.text("trade_no", 64);
    if (content.broken()) {
        asked.refusal = invalid_parameter("biz_content");
    } else if (!content.wrong().empty()) {
        asked.refusal = invalid_parameter(content.wrong());
    } else if (asked.out_trade_no.empty() && asked.trade_no.empty()) {
        asked.refusal = invalid_parameter("out_trade_no,trade_no");
    }
    return asked;
}

json::object numbers_of(const Trade& trade) {
    return {{"trade_no", trade.trade_no}, {"out_trade_no", trade.terms.out_trade_no}};
}

Reply done(const json::object& members) {
    Reply reply;
    reply.members = members_of(members);
    return reply;
}

Reply trade_reply(const Trade& trade) {
    json::object told = numbers_of(trade);
    const bool paid = trade.is_paid();
    const std::string received = paid ? trade.payer_total.to_yuan() : "0.00";
    told["trade_status"] = trade.state;
    told["total_amount"] = trade.terms.total.to_yuan();
    told["buyer_logon_id"] = masked(trade.buyer);
    told["buyer_user_id"] = trade.buyer_id;
    told["buyer_user_type"] = "PRIVATE";
    told["buyer_pay_amount"] = received;
    told["receipt_amount"] = received;
    told["invoice_amount"] = received;
    told["point_amount"] = "0.00";
    if (!paid) return done(told);
    told["send_pay_date"] = beijing_text(*trade.paid_at);
    told["fund_bill_list"] =
        json::array{json::object{{"fund_channel", "ALIPAYACCOUNT"}, {"amount", received}}};
    if (!trade.terms.passback_params.empty()) {
        told["passback_params"] = trade.terms.passback_params;
    }
    return done(told);
}

}  // namespace

Task<Reply> Gateway::answer(Call call, std::string origin) {
    if (call.method == "alipay.trade.query") return query(std::move(call));
    if (call.method == "alipay.trade.close") return close(std::move(call));
    if (call.method == "alipay.trade.cancel") return cancel(std::move(call));
    if (call.method == "alipay.trade.refund") return refund(std::move(call));
    if (call.method == "alipay.trade.fastpay.refund.query") return query_refund(std::move(call));
    if (call.method == "alipay.data.dataservice.bill.downloadurl.query") {
        return bill_url(std::move(call), std::move(origin));
    }
    const auto at_once = [](Reply reply) -> Task<Reply> { co_return reply; };
    if (call.method == "alipay.open.app.alipaycert.download") {
        return at_once(download_certificate(call));
    }
    return at_once({"40002", "Invalid Arguments", "isv.invalid-method", "不存在的方法名"});
}

Task<Reply> Gateway::query(Call call) {
    BizContent content{param(call, "biz_content")};
    const Asked asked = asked_in(content);
    if (asked.refusal) co_return *asked.refusal;
    const Time now = ground_.clock.now();
    const auto work = [asked, now](sql::Transaction& tx) {
        return find_current(tx, asked.out_trade_no, asked.trade_no, now);
    };
    const auto trade = co_await ground_.database.write(work);
    co_return trade ? trade_reply(*trade) : no_trade();
}

Task<Reply> Gateway::close(Call call) {
    BizContent content{param(call, "biz_content")};
    const Asked asked = asked_in(content);
    if (asked.refusal) co_return *asked.refusal;
    const Time now = ground_.clock.now();
    const bool tells = ground_.faults.strikes(Point::notify_close, asked.out_trade_no);
    const Fate told = fate(asked.out_trade_no);
    const auto work = [this, asked, now, tells, told](sql::Transaction& tx) -> Reply {
        auto trade = find_current(tx, asked.out_trade_no, asked.trade_no, now);
        if (!trade) return no_trade();
        if (!close_trade(tx, trade->terms.out_trade_no, now)) {
            return business_failure("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
        }
        trade->state = "TRADE_CLOSED";
        if (tells) tell(tx, *trade, "closed", nullptr, now, told);
        return done(numbers_of(*trade));
    };
    co_return co_await ground_.database.write(work);
}

// Closes what is unpaid and gives back what is paid. Here a refund of it has the trade's number.
Task<Reply> Gateway::cancel(Call call) {
    BizContent content{param(call, "biz_content")};
    const Asked asked = asked_in(content);
    if (asked.refusal) co_return *asked.refusal;
    const Time now = ground_.clock.now();
    const Fate told = fate(asked.out_trade_no);
    const auto work = [this, asked, now, told](sql::Transaction& tx) -> Reply {
        auto trade = find_current(tx, asked.out_trade_no, asked.trade_no, now);
        if (!trade) return done({{"out_trade_no", asked.out_trade_no}, {"retry_flag", "N"}});
        json::object members = numbers_of(*trade);
        members["retry_flag"] = "N";
        const std::string number = trade->terms.out_trade_no;
        if (close_trade(tx, number, now)) {
            members["action"] = "close";
            return done(members);
        }
        if (trade->state == "TRADE_CLOSED") return done(members);
        if (trade->state == "TRADE_FINISHED") {
            return business_failure("ACQ.TRADE_HAS_FINISHED", "交易已经结束");
        }
        if (now - trade->terms.created_at > kCancelWithin) {
            return business_failure("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围");
        }
        const Refunded taken = sum_of(list_refunds_of(tx, number), false);
        const Refund rest{
            .out_trade_no = number,
            .out_request_no = number,
            .amount = trade->terms.total - taken.amount,
            .payer_refund = trade->payer_total - taken.payer_refund,
            .fee_back = trade->fee - taken.fee_back,
            .reason = "cancel",
            .created_at = now,
            .due_at = {},
            .settled_at = now};
        if (rest.amount.is_zero()) return done(members);
        insert_refund(tx, rest);
        tell(tx, *find_trade(tx, number), "refund", &rest, now, told);
        members["action"] = "refund";
        return done(members);
    };
    co_return co_await ground_.database.write(work);
}

Reply Gateway::download_certificate(const Call& call) const {
    BizContent content{param(call, "biz_content")};
    const std::string sn = content.text("alipay_cert_sn", 64);
    const auto certificate = identity_.signing_keys->find(sn);
    if (!certificate) return business_failure("CERT_NOT_EXIST", "证书不存在");
    return done({{"alipay_cert_content", to_base64(certificate->pem)}});
}

Task<Result<Trade>> Gateway::finish(std::string out_trade_no) {
    const Time now = ground_.clock.now();
    const Fate told = fate(out_trade_no);
    const auto work = [this, out_trade_no, now, told](sql::Transaction& tx) -> Result<Trade> {
        if (!finish_trade(tx, out_trade_no, now)) return kUnknownCode;
        Trade trade = *find_trade(tx, out_trade_no);
        tell(tx, trade, "finished", nullptr, now, told);
        return trade;
    };
    co_return co_await ground_.database.write(work);
}

}  // namespace doorbuster::sandbox::alipay
