#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "refunds/errors.hpp"
#include "refunds/refund_desk.hpp"

namespace doorbuster::test {

// The refunds of a payment side that a test plays by hand. What was asked for in a transaction that
// was rolled back is forgotten only where a test says so. Thread-safe.
class FakeRefundDesk final : public refunds::RefundDesk {
public:
    Result<RefundId> ask(sql::Transaction&, const Wish& wish) override {
        const std::lock_guard lock{mutex_};
        if (refuses_) return refunds::kNotRefundable;
        asked_.push_back(wish);
        standings_[wish.reference].pending += wish.amount;
        return RefundId{static_cast<std::int64_t>(asked_.size())};
    }
    void decline_late(sql::Transaction&, const std::string& payment) override {
        const std::lock_guard lock{mutex_};
        declined_.push_back(payment);
    }
    Standing standing(sql::Reader&, const std::string& reference) override {
        const std::lock_guard lock{mutex_};
        return standings_[reference];
    }

    void set(const std::string& reference, const Standing& standing) {
        const std::lock_guard lock{mutex_};
        standings_[reference] = standing;
    }
    void refuse() {
        const std::lock_guard lock{mutex_};
        refuses_ = true;
    }
    std::vector<Wish> asked() const {
        const std::lock_guard lock{mutex_};
        return asked_;
    }
    std::vector<std::string> declined() const {
        const std::lock_guard lock{mutex_};
        return declined_;
    }

private:
    mutable std::mutex mutex_;
    bool refuses_ = false;
    std::map<std::string, Standing> standings_;
    std::vector<Wish> asked_;
    std::vector<std::string> declined_;
};

}  // namespace doorbuster::test
