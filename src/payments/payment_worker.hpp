#pragma once

#include <chrono>
#include <map>
#include <string>

#include "payments/payment_service.hpp"

namespace doorbuster::payments {

struct WorkerOptions {
    std::size_t batch_max = 32;   // attempts of one provider taken together
    std::size_t at_once_max = 8;  // calls under way at a time
    double per_second_max = 20;   // attempts asked about, per provider
    Milliseconds lease{60'000};   // longer than the calls of one step can take
};

// Asks providers about attempts whose time has come: queries, closes, repeats. When is a column of
// the attempt, so a restart forgets nothing, and several workers may share one database.
class PaymentWorker {
public:
    PaymentWorker(
        sql::Database& database,
        const Clock& clock,
        PaymentService& service,
        WorkerOptions options = {}
    );

    // One bounded batch per provider. True when more may be due already. One run at a time.
    // To be called every second or so, and when PaymentService::on_due says so.
    Task<bool> run_once();

private:
    // Tokens that grow with time: how many calls may be made now.
    struct Allowance {
        double tokens = 0;
        std::chrono::steady_clock::time_point at;
    };
    std::size_t allowed(const std::string& provider);
    Task<std::size_t> serve(const PaymentProvider& provider);
    Task<void> step(PaymentId id);

    sql::Database& database_;
    const Clock& clock_;
    PaymentService& service_;
    const WorkerOptions options_;
    std::map<std::string, Allowance> allowances_;
};

}  // namespace doorbuster::payments
