#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/alipay/provider.hpp"
#include "adapters/pay_wire/metered_provider.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "app/payment_modes.hpp"
#include "core/random.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"
#include "ports/http_client.hpp"
#include "ports/metrics.hpp"
#include "runtime/config.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/scheduler.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::app {

// The payment providers that the settings name, and, for those of mode `sandbox`, the simulator
// they talk to: over HTTP like the real one, with keys made at the first start and kept in the data
// folder.
class PaymentGateway {
public:
    // Throws runtime::ConfigError with one line that says which key or setting is wrong and why.
    PaymentGateway(
        const runtime::Config& config,
        const runtime::DataFolder& folder,
        HttpClient& http,
        const Clock& clock,
        Random& random,
        metrics::Registry& metrics
    );
    ~PaymentGateway();

    // Each provider as what it can do, its calls counted and timed.
    std::vector<PaymentProvider*> providers() const;
    std::vector<RefundProvider*> refund_providers() const;
    std::vector<BillProvider*> bill_providers() const;
    // A line for everything that an operator should know although the server serves: clocks that
    // differ by more than a minute from a provider's.
    std::vector<std::string> remarks() const;
    bool has_sandbox() const { return sandbox_ != nullptr; }
    const PaymentModes& modes() const { return modes_; }
    // The simulator's; none without it.
    http::Routes routes();
    void add_jobs(runtime::Scheduler& scheduler);

private:
    void make_wechat_pay(
        const runtime::Config& config, HttpClient& http, const Clock& clock, Random& random
    );
    void make_alipay(const runtime::Config& config, HttpClient& http, const Clock& clock);
    void make_sandbox(
        const runtime::Config& config,
        const runtime::DataFolder& folder,
        HttpClient& http,
        const Clock& clock,
        Random& random
    );

    // A provider, and the same with its calls counted.
    struct Live {
        std::function<std::chrono::seconds()> clock_skew;  // positive: ours is ahead
        metrics::Gauge& skew_gauge;
        std::unique_ptr<pay_wire::MeteredProvider> metered;
    };
    template <class Provider>
    Live live(Provider& provider) const;

    const PaymentModes modes_;
    const Clock& clock_;
    metrics::Registry& metrics_;
    sandbox::Faults faults_;
    std::unique_ptr<sql::Database> sandbox_database_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::unique_ptr<wechat_pay::WechatPay> wechat_pay_;
    std::unique_ptr<alipay::Alipay> alipay_;
    std::vector<Live> live_;
};

}  // namespace doorbuster::app
