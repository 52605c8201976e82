#include "sandbox/sandbox.hpp"

#include <utility>

namespace doorbuster::sandbox {

Sandbox::Sandbox(
    Identity identity,
    sql::Database& database,
    HttpClient& http,
    const Clock& clock,
    Random& random,
    Faults& faults,
    SandboxOptions options
)
    : identity_{std::move(identity)},
      options_{std::move(options)},
      ground_{database, clock, random, faults, options_},
      courier_{ground_, http},
      wechat_pay_{identity_.wechat_pay, ground_},
      alipay_{identity_.alipay, ground_} {
    courier_.speak_for(wechat_pay::kProvider, wechat_pay_);
    courier_.speak_for(alipay::kProvider, alipay_);
}

bool Sandbox::rotate_key(std::string_view provider) {
    const Time now = ground_.clock.now();
    if (provider == "wechat_pay") {
        identity_.wechat_pay.platform_keys->rotate(now, ground_.random);
    } else if (provider == "alipay") {
        identity_.alipay.signing_keys->rotate(now, ground_.random);
    } else {
        return false;
    }
    return true;
}

Task<bool> Sandbox::settle_due_refund() {
    const bool first = co_await wechat_pay_.settle_due_refund();
    const bool second = co_await alipay_.settle_due_refund();
    co_return first || second;
}

void create_tables(sql::Database& database) {
    database.write_blocking([](sql::Transaction& tx) {
        create_common_tables(tx);
        wechat_pay::create_tables(tx);
        alipay::create_tables(tx);
    });
}

}  // namespace doorbuster::sandbox
