#include "audit/auditor.hpp"

#include <algorithm>

#include "audit/sql.hpp"

namespace doorbuster::audit {

namespace {

constexpr Rule kRules[] = {
    {"A1", "stock equals the sums of its ledger", &queries::stock_equals_ledger},
    {"A1", "every ledger row has its stock", &queries::ledger_without_stock},
    {"A1", "available + reserved + sold = granted", &queries::stock_is_conserved},
    {"A1",
     "the stock of a promotion item equals the sums of its ledger",
     &queries::promotion_stock_equals_ledger},
    {"A1", "the ledger of a promotion item has its stock", &queries::promoted_ledger_has_stock},
    {"A1", "what ordinary stock gives, promotions get", &queries::transfers_balance},
    {"A1", "a unit is kept for every offer to the waitlist", &queries::offers_are_counted},
    {"A2",
     "every order line is reserved once and resolved as its order is",
     &queries::order_lines_match_ledger},
    {"A2", "units that came back are in the ledger", &queries::returns_are_counted},
    {"A2", "the ledger names only order lines that exist", &queries::ledger_without_order_line},
    {"A2", "an order line moves the stock it is of", &queries::lines_move_their_own_stock},
    {"A3",
     "nobody has more of a promotion item than its limit",
     &queries::nobody_is_above_the_limit},
    {"A3",
     "an order has as many claims as units of a promotion",
     &queries::claims_match_their_order},
    {"A3", "every claim is an order's", &queries::claims_name_an_order_line},
    {"A4", "every idempotency key has its answer", &queries::keys_are_answered},
    {"A4", "one idempotency key, one order", &queries::keys_name_their_order},
    {"A4", "one key of a promotion's buyer, one order", &queries::request_keys_name_one_order},
    {"A5",
     "every payment is a paid order, or money to give back",
     &queries::payments_reach_their_order},
    {"A5",
     "late and double payments are refunded or due to be",
     &queries::late_payments_are_flagged},
    {"A5", "every paid order has its payment", &queries::paid_orders_have_their_payment},
    {"A5", "payments count their refunds", &queries::payments_count_their_refunds},
    {"A5", "the books agree with payments and refunds", &queries::books_agree_with_payments},
    {"A5",
     "what providers owe is paid - refunded - fees",
     &queries::clearing_is_paid_less_refunded},
    {"A5", "a refund that takes a day is told", &queries::slow_refunds_are_told, true},
    {"A6",
     "no order awaits payment a minute after its expiry",
     &queries::unpaid_orders_expire,
     true},
    {"A7", "items - discounts + freight = total", &queries::totals_add_up},
    {"A7", "an order's lines belong to its buyer", &queries::items_belong_to_the_buyer},
    {"A7", "a promotion's units are sold at its price", &queries::promoted_lines_have_the_price},
    {"A8", "every transition has its event", &queries::timelines_are_whole},
    {"A8", "the last event tells the status", &queries::timelines_end_in_the_status},
    {"A9",
     "what may be sold is what promotion and kill switch say",
     &queries::promotion_stock_copies_its_promotion},
    {"A9", "an ended promotion keeps nothing", &queries::ended_promotions_keep_nothing},
    {"A10", "the waitlist is served in its order", &queries::waitlists_are_in_order},
    {"A10", "every taken offer is an order", &queries::taken_offers_are_orders},
};

Verdict check(sql::Reader& reader, const Rule& rule, Time now) {
    Verdict verdict{&rule, {}, false};
    const auto collect = [&](const sql::Row& row) {
        if (verdict.findings.size() == kFindingsMax) {
            verdict.more = true;
        } else {
            verdict.findings.push_back({row.string(0), row.string(1)});
        }
    };
    if (rule.needs_time) {
        reader.query(*rule.query, {now}, collect);
    } else {
        reader.query(*rule.query, {}, collect);
    }
    return verdict;
}

}  // namespace

std::span<const Rule> rules() { return kRules; }

std::vector<Verdict> audit(sql::Reader& reader, Time now) {
    std::vector<Verdict> verdicts;
    for (const Rule& rule : kRules) verdicts.push_back(check(reader, rule, now));
    return verdicts;
}

bool is_clean(const std::vector<Verdict>& verdicts) {
    return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) {
        return verdict.findings.empty();
    });
}

std::string report(const std::vector<Verdict>& verdicts) {
    std::string text;
    for (const Verdict& verdict : verdicts) {
        text += verdict.findings.empty() ? "ok      " : "BROKEN  ";
        text += std::string{verdict.rule->id} + "  " + std::string{verdict.rule->meaning} + '\n';
        for (const Finding& finding : verdict.findings) {
            text += "          " + finding.subject + ": " + finding.what + '\n';
        }
        if (verdict.more) text += "          … and more\n";
    }
    return text;
}

}  // namespace doorbuster::audit
