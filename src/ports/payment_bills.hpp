#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ports/payment_provider.hpp"

namespace doorbuster {

enum class BillKind {
    trade,  // what was paid and refunded
    fund,   // what moved on the merchant's account there
};

// One line of a bill, in our terms. Signs are taken off: `kind` says which way the money went.
struct BillRow {
    enum class Kind { payment, refund, fee, other };
    // How far a refund had come when the bill was made, which is never updated later.
    enum class Outcome { done, pending, failed };
    Kind kind = Kind::other;
    Outcome outcome = Outcome::done;
    std::string out_trade_no;
    std::string transaction_id;
    std::string out_refund_no;  // of refunds
    std::string refund_id;
    Money amount;         // what was asked for, coupons included
    Money fee;            // on this line: of a payment what was taken, of a refund what came back
    std::string status;   // the provider's word
    Time at;              // when it was paid, or the refund accepted (see the provider)
    bool income = false;  // of fund bills
};

// What a bill's own summary says, after it was checked against the rows. Of a fund bill `payments`
// and `paid` are all that came in, `refunds` and `refunded` all that went out, and `fees` is what
// its rows of that kind took, less what they gave back.
struct BillSummary {
    std::int64_t payments = 0;
    std::int64_t refunds = 0;
    Money paid;
    Money refunded;
    Money fees;
};

// A file that is not a whole bill: damaged, cut, or at odds with its own summary.
class BadBill final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The statements of a provider. Thread-safe.
class BillProvider {
public:
    struct Downloaded {
        bool empty = false;  // the provider says that nothing happened that day; no file
        std::string sha256;  // of the file as it was downloaded, hex
    };

    virtual ~BillProvider() = default;

    virtual std::string_view name() const = 0;
    virtual std::string_view merchant() const = 0;
    // On whose day a refund stands in the trade bill: that on which it was accepted, or on which it
    // was done.
    enum class RefundDay { accepted, done };
    virtual RefundDay refund_day() const = 0;

    // Writes the bill of a day (in Beijing time) to `file`, as it comes, within fixed bounds of
    // size and time. Refused with final_answer = false: not ready yet, ask again later.
    virtual Task<PaymentProvider::Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
    ) = 0;

    // Reads a file row by row in bounded memory. Rows are handed over before the summary at the end
    // is known: believe none before this returns. Throws BadBill.
    virtual BillSummary read_bill(
        BillKind kind,
        const std::filesystem::path& file,
        const std::function<void(const BillRow&)>& row
    ) const = 0;
};

}  // namespace doorbuster
