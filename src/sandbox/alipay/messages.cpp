#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sandbox/alipay/gateway.hpp"
#include "sandbox/common/text.hpp"

// What Alipay tells its merchant of trades.
namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using std::chrono::seconds;

// The documented waits between deliveries: 8 deliveries, 24 h 24 m in all.
constexpr std::array kWaits{
    seconds{240},
    seconds{600},
    seconds{600},
    seconds{3600},
    seconds{7200},
    seconds{21'600},
    seconds{54'000}};

std::string with_milliseconds(Time time) {
    return beijing_text(time) + to_rfc3339(time).substr(19, 4);
}

std::string fund_bills(Money amount) {
    return json::serialize(json::array{
        json::object{{"amount", amount.to_yuan()}, {"fundChannel", "ALIPAYACCOUNT"}}});
}

// Of a payment and of what follows it.
void add_payment(json::object& told, const Trade& trade) {
    told["gmt_payment"] = beijing_text(*trade.paid_at);
    told["receipt_amount"] = trade.payer_total.to_yuan();
    told["buyer_pay_amount"] = trade.payer_total.to_yuan();
    told["invoice_amount"] = trade.payer_total.to_yuan();
    told["point_amount"] = "0.00";
    told["fund_bill_list"] = fund_bills(trade.payer_total);
}

}  // namespace

std::string masked(std::string_view buyer) {
    return std::string{buyer.substr(0, std::min<std::size_t>(buyer.size(), 3))} +
           "***@sandbox.test";
}

Fate Gateway::fate(std::string_view out_trade_no) {
    const std::string day = without_dashes(beijing_day(ground_.clock.now()));
    return fate_of_event(ground_, day + "00222" + ground_.random.token(21), out_trade_no);
}

void Gateway::tell(
    sql::Transaction& tx,
    const Trade& trade,
    const char* kind,
    const Refund* refund,
    Time now,
    const Fate& fate
) {
    const Terms& terms = trade.terms;
    json::object told{
        {"notify_type", "trade_status_sync"},
        {"trade_no", trade.trade_no},
        {"out_trade_no", terms.out_trade_no},
        {"trade_status", trade.state},
        {"total_amount", terms.total.to_yuan()},
        {"subject", terms.subject},
        {"buyer_id", trade.buyer_id},
        {"buyer_logon_id", masked(trade.buyer)},
        {"seller_email", identity_.merchant.seller_email},
        {"gmt_create", beijing_text(terms.created_at)}};
    if (!terms.body.empty()) told["body"] = terms.body;
    if (!terms.passback_params.empty()) told["passback_params"] = terms.passback_params;
    if (trade.is_paid()) add_payment(told, trade);
    if (trade.state == "TRADE_CLOSED") told["gmt_close"] = beijing_text(now);
    if (refund) {
        told["out_biz_no"] = refund->out_request_no;
        told["gmt_refund"] = with_milliseconds(now);
        const auto sum = sum_of(list_refunds_of(tx, terms.out_trade_no), true);
        told["refund_fee"] = sum.amount.to_yuan();
        told["send_back_fee"] = refund->payer_refund.to_yuan();
    }
    const Event event{
        .provider = std::string{kProvider},
        .out_trade_no = terms.out_trade_no,
        .kind = kind,
        .url = terms.notify_url,
        .content = json::serialize(json::object{{"certified", terms.certified}, {"told", told}}),
        .created_at = now};
    insert_event(tx, event, fate);
}

OutboundRequest Gateway::request_of(const Event& event) {
    const Spoiling spoiling = spoiling_of_delivery(ground_.faults, event.out_trade_no);
    const json::value content = json::parse(event.content);
    Params params;
    for (const auto& member : content.at("told").as_object()) {
        params[member.key()] = member.value().as_string().c_str();
    }
    params["notify_id"] = event.event_id;
    params["notify_time"] = beijing_text(ground_.clock.now());
    const bool certified = content.at("certified").as_bool();
    const Params told = gate_.signed_params(std::move(params), certified, spoiling);
    OutboundRequest request;
    request.body = form_of(told);
    if (spoiling.truncated) request.body.resize(request.body.size() / 2);
    if (spoiling.not_json) request.body = "<html>%zz&=&&";
    request.headers.emplace_back(
        "Content-Type", "application/x-www-form-urlencoded; charset=utf-8"
    );
    return request;
}

// The seven letters and nothing else.
bool Gateway::understood(const OutboundResponse& answer) const {
    return answer.status == 200 && answer.body == "success";
}

std::span<const seconds> Gateway::waits() const { return kWaits; }

}  // namespace doorbuster::sandbox::alipay
