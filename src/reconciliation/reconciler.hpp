#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bookkeeping/books.hpp"
#include "core/result.hpp"
#include "core/work_thread.hpp"
#include "payments/payment_service.hpp"
#include "ports/payment_bills.hpp"
#include "reconciliation/reconciliation.hpp"
#include "refunds/refund_service.hpp"

namespace doorbuster::reconciliation {

// Holds the bills of providers against payments, refunds and the books, repairs by asking the
// provider what can be repaired so, and keeps the rest for a person. A day may be gone through any
// number of times, with the same result. Thread-safe; one bill at a time is read in a process, and
// two processes never read the same one.
//
// Nothing is ever un-paid, whatever a bill says.
class Reconciler {
public:
    struct Parts {
        sql::Database& database;
        const Clock& clock;
        payments::PaymentService& payments;
        refunds::RefundService& refunds;
        std::vector<BillProvider*> bills;
        std::filesystem::path folder;  // for files while they are read; made when it is missing
    };
    explicit Reconciler(Parts parts);

    // The bill of a day. A bill that there is not yet, or that cannot be believed, is a run that
    // has failed and says why. Errors: kReconciliationBusy, kNoSuchBill.
    Task<Result<Report>> reconcile(std::string provider, BillDay day);

    // The last run of a day, without asking anybody. Errors: kReconciliationNotFound, kNoSuchBill.
    Task<Result<Report>> report(std::string provider, BillDay day);
    Task<Result<Report>> report(ReconciliationId id);

    // What a person did about a difference that is open. Errors: kDifferenceNotFound,
    // kDifferenceSettled.
    Result<Difference> resolve(
        sql::Transaction& tx, DifferenceId id, const std::string& note, UserId staff
    ) const;

    // Goes through the next bill that is due: yesterday's and older ones that were missed, from ten
    // o'clock in Beijing on, and those that are open, once a day for a week. True: it did one.
    Task<bool> run_due();

    std::vector<std::string> providers() const;

private:
    struct Work;
    BillProvider* provider_named(std::string_view name) const;
    static Scope scope_of(const BillProvider& provider, BillDay day);
    Task<std::string> fetch(BillProvider& provider, Work& work);
    void read_bills(const BillProvider& provider, Work& work);
    void match(const BillProvider& provider, Work& work);
    void compare_funds(const BillProvider& provider, Work& work);
    void book(const Scope& scope, const std::vector<FeeLine>& fees);
    Task<void> repair(const Scope& scope, ReconciliationId id);
    struct Repaired {
        bool done = false;
        std::string note;
        std::optional<RefundId> refund;  // that was taken in
    };
    Task<Repaired> repair(const Difference& difference);
    Task<Repaired> repair_payment(const Difference& difference);
    Task<Repaired> repair_refund(const Difference& difference);
    Task<Report> read_report(ReconciliationId id);
    Task<std::optional<BillDay>> next_due(BillProvider& provider);

    const Parts parts_;
    bookkeeping::Books books_;
    WorkThread thread_;
};

}  // namespace doorbuster::reconciliation
