#pragma once

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "ports/payment_bills.hpp"

namespace doorbuster::test {

// A provider's statements, as a test writes them.
class FakeBills final : public BillProvider {
public:
    explicit FakeBills(std::string name) : name_{std::move(name)} {}

    std::vector<BillRow> trade;
    std::vector<BillRow> fund;
    bool is_ready = true;
    bool is_whole = true;
    RefundDay day = RefundDay::done;
    std::function<void()> on_download;

    static BillRow payment(std::string trade_no, std::string transaction, Money amount, Time at) {
        BillRow row;
        row.kind = BillRow::Kind::payment;
        row.out_trade_no = std::move(trade_no);
        row.transaction_id = std::move(transaction);
        row.amount = amount;
        row.status = "SUCCESS";
        row.income = true;
        row.at = at;
        return row;
    }
    static BillRow refund(std::string trade_no, std::string number, Money amount, Time at) {
        BillRow row = payment(std::move(trade_no), "", amount, at);
        row.kind = BillRow::Kind::refund;
        row.out_refund_no = std::move(number);
        row.income = false;
        return row;
    }
    static BillRow fee(Money amount) {
        BillRow row;
        row.kind = BillRow::Kind::fee;
        row.amount = row.fee = amount;
        return row;
    }

    std::string_view name() const override { return name_; }
    std::string_view merchant() const override { return "1900000001"; }
    RefundDay refund_day() const override { return day; }

    Task<PaymentProvider::Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day, const std::filesystem::path& file
    ) override {
        if (on_download) on_download();
        PaymentProvider::Outcome<Downloaded> outcome;
        if (!is_ready) {
            outcome.refused = {"STATEMENT_CREATING", "not yet", false};
            co_return outcome;
        }
        const auto& rows = kind == BillKind::trade ? trade : fund;
        outcome.value = Downloaded{rows.empty(), rows.empty() ? "" : "hash of " + name_};
        if (!rows.empty()) std::ofstream{file} << "a bill";
        co_return outcome;
    }

    BillSummary read_bill(
        BillKind kind,
        const std::filesystem::path& file,
        const std::function<void(const BillRow&)>& row
    ) const override {
        if (!std::filesystem::exists(file)) throw BadBill{"there is no file"};
        BillSummary summary;
        for (const BillRow& one : kind == BillKind::trade ? trade : fund) {
            row(one);
            count(one, summary);
        }
        if (!is_whole) throw BadBill{"it has no end"};
        return summary;
    }

private:
    static void count(const BillRow& row, BillSummary& summary) {
        if (row.kind == BillRow::Kind::payment) {
            ++summary.payments;
            summary.paid += row.amount;
            summary.fees += row.fee;
        }
        if (row.kind == BillRow::Kind::refund) {
            ++summary.refunds;
            summary.refunded += row.amount;
            summary.fees -= row.fee;
        }
    }
    std::string name_;
};

}  // namespace doorbuster::test
